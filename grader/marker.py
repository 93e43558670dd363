"""A run's way from a path to marks: the kit's own form of submissions, or another layout (`layouts/NAME.toml`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.calls import Runner
from grader.exercise import Exercise
from grader.grading import Bench, mark_units
from grader.kit import Kit, KitError
from grader.public import PUBLIC_SEED
from grader.reading import Source
from grader.reuse import Known
from grader.scoring import SubmissionMark
from grader.submission import Submission, load

if TYPE_CHECKING:  # loaded where a layout is asked for
    from grader.layouts import Layout
    from grader.reference import Reference


@dataclass(frozen=True)
class Marker:
    """`benches` holds the exercises once for every convention of the layout; without a layout it is one."""

    benches: Sequence[Bench]
    layout: Layout | None = None
    alone: bool = False  # a single file may use what lies beside it on the disk

    @property
    def exercises(self) -> list[Exercise]:
        return self.benches[0].exercises

    def read(self, source: Source, name: str | None = None) -> list[Submission]:
        """The submission at a path, or made of several files: one, or in a layout one for each file that holds
        exercises. Never raises for what a student did: what cannot be read has a `problem`."""
        if self.layout is not None:
            from grader import layouts

            return layouts.units(source, self.layout, name, neighbours=self.alone)
        return [load(source, self.benches[0].stubs, name)]

    def found(self, units: Sequence[Submission]) -> list[str]:
        """Names of the exercises that a submission holds, in order."""
        return [e.name for e in self.exercises if any(e.name in unit.functions for unit in units)]

    def remembering(self) -> Marker:
        """From now on functions that are right and written alike are run once."""
        for bench in self.benches:
            bench.known = Known()
        return self

    def narrowed(self, names: Collection[str]) -> Marker:
        """For these exercises of the kit only; another layout marks what it finds."""
        return self if self.layout is not None else replace(self, benches=[b.narrowed(names) for b in self.benches])

    def mark(
        self,
        name: str,
        units: Sequence[Submission],
        sandbox: Runner,
        explain_all: bool = False,
        only: Collection[str] | None = None,
    ) -> SubmissionMark:
        """Mark every exercise, or `only` some."""
        if self.layout is None:
            return self.benches[0].mark(units[0], sandbox, explain_all, only)
        return mark_units(name, units, self.benches, sandbox, explain_all, only)


def public_marker(kit: Kit, layout: str | None = None, files: Sequence[Path] = ()) -> Marker:
    """On the public cases, of all exercises or at least those that stand in `files`. Raises KitError, AnnotationError,
    public.StaleData."""
    return (
        Marker([Bench(kit.public(files), kit.config.allow)])
        if layout is None
        else replace(_laid_out(kit, layout, PUBLIC_SEED, ()), alone=True)
    )


def hidden_marker(kit: Kit, seed: int, only: Collection[str] = (), layout: str | None = None) -> Marker:
    """On cases drawn from a seed, of all exercises or `only` some. Raises KitError, AnnotationError."""
    if layout is not None:
        return _laid_out(kit, layout, seed, only)
    return Marker([Bench(kit.hidden(seed, only), kit.config.allow)])


def _laid_out(kit: Kit, name: str, seed: int, only: Collection[str]) -> Marker:
    from grader import layouts

    path = kit.layout(name)
    layout = layouts.read_layout(path)
    own = path.with_suffix(".py")  # exercises that only this layout has
    references = {r.name: r for r in [*kit.references, *_own(kit, own)]}
    strange = [n for n in only if n not in {e.exercise for e in layout.entries}]
    if strange:
        raise KitError(f"{layout.title} have no {', '.join(strange)}; they have {_names(layout)}")
    chosen = layouts.Layout(
        layout.title, tuple(e for e in layout.entries if not only or e.exercise in only), layout.conventions
    )
    rows = layouts.oracles(chosen, references, seed, path)
    return Marker([Bench(row, kit.config.allow) for row in rows], chosen)


def _own(kit: Kit, path: Path) -> list[Reference]:
    from grader.annotations import load as load_references

    found = load_references(path) if path.is_file() else []
    return [replace(r, exercise=kit.weighed(r.exercise)) for r in found]


def _names(layout: Layout) -> str:
    return ", ".join(e.exercise for e in layout.entries)
