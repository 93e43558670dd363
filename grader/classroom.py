"""A class: every entry of a folder is a submission, every submission gets a row.

Rows are written as they come, so that what was graded stays when a run is ended early.
"""

from __future__ import annotations

import contextlib
import json
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from grader import __version__
from grader.exercise import Outcome
from grader.kit import Kit
from grader.marker import Marker, hidden_marker
from grader.reports import machine, pages, tables
from grader.reports.stored import ABOUT, EXPECTED, GRADES, PAGES, RESULTS, TIMES, Stored, page_names
from grader.sandbox import Limits, Sandbox
from grader.scoring import SubmissionMark, nothing
from grader.submission import Submission, is_submission
from grader.visible import visible


@dataclass
class Run:
    """What came of a class. `faults` are submissions on which the grader itself failed."""

    out: Path
    rows: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    cpu: float = 0.0  # seconds used by children

    @property
    def faults(self) -> list[str]:
        return [row["submission"] for row in self.rows if row["status"] == str(Outcome.FAULT)]


def entries(folder: Path) -> list[tuple[str, Path]]:
    """(name, path) of every submission of a folder, in order of names. Two of one stem keep their endings.

    Names are different, and have no characters that hide or move others; they may be HTML or formulas.
    """
    paths = sorted(p for p in folder.iterdir() if is_submission(p))
    stems, whole = Counter(p.stem for p in paths), {p.name for p in paths}
    names = [p.stem if stems[p.stem] == 1 and (p.stem == p.name or p.stem not in whole) else p.name for p in paths]
    taken: set[str] = set()
    found = []
    for name, path in zip(names, paths, strict=True):
        shown = first = visible(name)
        number = 1
        while shown in taken:  # one name holds a character, the other its escape
            number += 1
            shown = f"{first} ({number})"
        taken.add(shown)
        found.append((shown, path))
    return found


def grade(
    kit: Kit,
    folder: Path,
    out: Path,
    seed: int,
    told: Callable[[int, int, str], None] = lambda done, total, name: None,
    limits: Limits | None = None,
    only: Collection[str] = (),
    layout: str | None = None,
    show_expected: bool = False,
) -> Run:
    """Grade every entry of `folder` on cases drawn from `seed`; write results, grades and pages to `out`.

    `only` names the exercises that count, all of them by default; `layout` the form of the submissions. `told` hears
    of progress: submissions done, in all, and the name of the one that comes next. `show_expected` puts values that
    should have come on hidden inputs on students' pages. On Ctrl-C the grades and pages of what was done are written
    before KeyboardInterrupt goes on.
    """
    marker = hidden_marker(kit, seed, only, layout)
    todo = entries(folder)
    out.mkdir(parents=True, exist_ok=True)
    (out / PAGES).mkdir(exist_ok=True)
    about = {
        "grader": __version__,
        "kit": kit.config.title,
        "seed": seed,
        "folder": folder.name,
        "submissions": len(todo),
        "exercises": [e.name for e in marker.exercises],
        **({"layout": layout} if layout else {}),
        "outline": machine.outline(marker.exercises),
    }
    (out / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    run = Run(out, total=len(todo))
    stored = Stored(out, about, run.rows)
    files = page_names([name for name, _ in todo])
    try:
        with (
            (out / RESULTS).open("w", encoding="utf-8") as results,
            (out / EXPECTED).open("w", encoding="utf-8") as expected,
        ):
            for mark, file in zip(_marks(marker, todo, limits or kit.config.limits, run, told), files, strict=True):
                row = machine.submission(mark, timed=False, exhibits=True)
                answers = machine.expected(mark)
                page = pages.student_page(stored, row, answers if show_expected else None)
                with _uninterrupted():
                    _line(results, row)
                    _line(expected, {"submission": mark.name, "expected": answers})
                    pages.write_student(stored, file, page)
                    run.rows.append(row)
                    stored.times[mark.name] = machine.seconds(mark)
    finally:
        _finish(stored)
    told(len(run.rows), run.total, "")
    return run


def _marks(
    marker: Marker,
    todo: Sequence[tuple[str, Path]],
    limits: Limits,
    run: Run,
    told: Callable[[int, int, str], None],
) -> Iterator[SubmissionMark]:
    sandbox = Sandbox(limits)
    try:
        for number, (name, path) in enumerate(todo):
            told(number, len(todo), name)
            try:
                yield marker.mark(name, _read(marker, path, name), sandbox)
            except Exception:  # ours, not the student's: a row that asks a person, and on with the rest
                marks = tuple(nothing(e, Outcome.FAULT) for e in marker.exercises)
                yield SubmissionMark(name, str(Outcome.FAULT), marks, traceback.format_exc(limit=-3))
                sandbox.close()
                sandbox = Sandbox(limits)
            run.cpu += sandbox.cpu
            sandbox.cpu = 0.0
    finally:
        sandbox.close()


def _read(marker: Marker, path: Path, name: str) -> list[Submission]:
    if path.is_symlink():  # from a class's archive it may lead to what is somebody else's
        return [Submission(name, problem=f"{visible(path.name)} is a link, and links are not followed")]
    return marker.read(path, name)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until a row is written everywhere, so that no row is half there."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _line(file: TextIO, row: dict[str, Any]) -> None:
    file.write(json.dumps(row, ensure_ascii=True) + "\n")
    file.flush()


def _finish(run: Stored) -> None:
    (run.folder / TIMES).write_text(json.dumps(run.times, indent=1) + "\n", encoding="utf-8")
    with (run.folder / GRADES).open("w", encoding="utf-8", newline="") as file:
        tables.grades(file, run.rows)
    pages.write_index(run)
