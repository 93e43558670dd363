"""`grader validate --mutants`: the table of what became of them, and a line for each that asks for a look."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.kit import Kit
    from grader.tally import Result, Tally

PROOFS = {
    "value": "computes the same",
    "results": "computes another value on the way, and returns the same",
    "variant": "computes what a variant in VARIANTS does",
}
HEAD = (
    f"{'file':<14} {'exercises':>9} {'mutants':>8} {'equivalent':>11} {'caught':>8} {'localised':>10} {'followed':>9}"
)


def show(kit: Kit, only: Sequence[str], number: int | None, seed: int, jobs: int | None) -> bool:
    """Print the table of `kit`, a line a file of solutions/. True if as much is caught and localised as must be."""
    from grader.mutants import LEAST
    from grader.tally import CAUGHT, LOCALISED, Fate, tallies

    chosen = [r for r in kit.references if not only or r.name in only]
    jobs = jobs or min(4, os.cpu_count() or 1)
    found: list[Tally] = []
    for tally in tallies(kit, only, number, seed, jobs):
        found.append(tally)
        click.echo(f"{len(found)} of {len(chosen)}: {tally.exercise}, {len(tally.results)} mutants", err=True)
    click.echo(HEAD)
    for family in dict.fromkeys(t.family for t in found):
        click.echo(_row(family, [t for t in found if t.family == family]))
    click.echo(_row("all", found))
    results = [r for t in found for r in t.results]
    _list("equivalent", [r for r in results if r.fate is Fate.EQUIVALENT])
    _list("not caught", [r for r in results if r.fate is Fate.SURVIVED])
    _list("caught, but not at the stage that was changed", [r for r in results if r.localised is False])
    few = [t for t in found if t.staged and len(t.results) < min(LEAST, number or LEAST)]
    for tally in few:
        click.echo(f"{tally.exercise} has {len(tally.results)} mutants only")
    caught, localised, _ = rates(found)
    good = caught >= CAUGHT and localised >= LOCALISED and not few
    asked = f"asked for are {CAUGHT:.1%} and {LOCALISED:.0%}"
    click.echo(f"{caught:.1%} caught, {localised:.1%} localised; {asked}")
    return good


def rates(found: Sequence[Tally]) -> tuple[float, float, float]:
    """Caught, of those that are not equivalent; localised, of those that were caught and have a stage; all other stages
    kept their marks, of those that were localised and ran to their end."""
    from grader.tally import Fate

    judged = sum(t.judged for t in found)
    caught = sum(t.count(Fate.CAUGHT) for t in found)
    localised = [r.localised for t in found for r in t.results if r.localised is not None]
    followed = [r.followed for t in found for r in t.results if r.followed is not None]
    return _share(caught, judged), _share(sum(localised), len(localised)), _share(sum(followed), len(followed))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _row(name: str, found: Sequence[Tally]) -> str:
    from grader.tally import Fate

    mutants, equivalent = sum(len(t.results) for t in found), sum(t.count(Fate.EQUIVALENT) for t in found)
    caught, localised, followed = rates(found)
    staged = [r for t in found for r in t.results if r.localised is not None]
    ran = [r for r in staged if r.followed is not None]
    at = f"{localised:.1%}" if staged else "-"
    on = f"{followed:.1%}" if ran else "-"
    return f"{name:<14} {len(found):>9} {mutants:>8} {equivalent:>11} {caught:>8.1%} {at:>10} {on:>9}"


def _list(title: str, results: Sequence[Result]) -> None:
    from grader.equivalence import PROOF_SEEDS

    if not results:
        return
    click.echo(f"\n{title}: {len(results)}")
    for r in results:
        told = f"; {PROOFS[r.proof]} ({PROOF_SEEDS} seeds)" if r.proof else ""
        told += f"; lost {', '.join(r.lost)}" if r.lost else ""
        told += f"; {r.error}" if r.error else ""
        place = f"{r.exercise}: {', '.join(r.stages)}" if r.stages else r.exercise
        after = r.after or "(dropped)"
        click.echo(f"  {place}: {r.kind}: {r.before}  ->  {after}{told}")
    click.echo("")
