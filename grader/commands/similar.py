"""`grader similar`: which submissions are built alike."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.intake import Intake
    from grader.kit import Kit
    from grader.similarity import Pair

MOST = 50  # pairs that are listed


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--most", type=click.IntRange(1), default=MOST, show_default=True, help="How many pairs to list.")
@click.option("--exercise", "only", multiple=True, help="Look at this exercise only (may be repeated).")
@click.option("--layout", metavar="NAME", help="The submissions are in this layout, see `grader grade --help`.")
@click.option("--csv", "as_csv", is_flag=True, help="A CSV table instead of text.")
@click.pass_context
def similar(
    ctx: click.Context, folder: Path, most: int, only: tuple[str, ...], layout: str | None, as_csv: bool
) -> None:
    """List the submissions of FOLDER whose code is built alike, the likest pair first.

    It is for a person to judge, and no verdict. Names, constants, comments and the code that was given do not count;
    what many wrote counts little, what two alone wrote counts most. Nothing is run.

    \b
    grader similar submissions/
    grader similar submissions/ --most 200 --csv > pairs.csv
    """
    import sys

    from grader import messages
    from grader.commands.inspect import delivery
    from grader.kit import find
    from grader.reports import likeness

    chosen: Path | None = ctx.obj
    kit = find(chosen)
    with delivery(folder, None, None) as found:
        pairs = pairs_of(kit, found, only, layout or kit.config.layout, most)
    rows = likeness.as_rows(pairs)
    if as_csv:
        likeness.write(sys.stdout, pairs)
        return
    if not rows:
        click.echo(messages.NONE_SIMILAR)
        return
    width = max(len(f"{r['first']} and {r['second']}") for r in rows)
    click.echo(f"{'rank':>4}  {'submissions':<{width}}  {'score':>5}  {'shared':>6}  {'by no other':>11}  where")
    for r in rows:
        both = f"{r['first']} and {r['second']}"
        click.echo(
            f"{r['rank']:>4}  {both:<{width}}  {r['score']:>5.3f}  {r['shared']:>6}  {r['alone']:>11}  {r['where']}"
        )
    for line in messages.SIMILAR:
        click.echo(line, err=True)


def keep(out: Path, pairs: list[Pair] | None) -> None:
    """The table of a run, into its folder, and a link to it; with None, none of an earlier run stays there."""
    import io

    from grader import atomic
    from grader.reports import likeness, pages, stored

    table, page = out / stored.SIMILAR, out / stored.SIMILAR_PAGE
    if pairs is not None:
        text = io.StringIO(newline="")
        likeness.write(text, pairs)
        atomic.write(table, text.getvalue().encode("utf-8"))
    elif table.exists():
        table.unlink()
        page.unlink(missing_ok=True)
    else:
        return
    pages.write_index(stored.read(out))


def pairs_of(kit: Kit, delivery: Intake, only: Collection[str], layout: str | None, most: int = MOST) -> list[Pair]:
    """The pairs of a class that are most alike. Raises KitError, click.BadParameter for an unknown exercise."""
    from grader import similarity
    from grader.marker import hidden_marker

    known = [r.name for r in kit.references]
    for name in only:
        if name not in known:
            raise click.BadParameter(f"{name} is no exercise; known: {', '.join(known)}", param_hint="--exercise")
    marker = hidden_marker(kit, 0, only, layout)
    given = similarity.given([e.stub for e in marker.exercises] + [e.given for e in marker.exercises])
    names = {e.name for e in marker.exercises}
    taught = frozenset[int]().union(*(similarity.winnowed(r.source) for r in kit.references if r.name in names))
    prints = {
        one.key: similarity.prints(marker.read([(f.name, f.path) for f in one.files], one.key), given)
        for one in delivery.handed
    }
    return similarity.pairs(prints, taught, most)
