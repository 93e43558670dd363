"""A class: every submission of a delivery gets a row, and so does everybody of the roster.

Rows are written as they come, so that what was graded stays when a run is ended early.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from grader import __version__, messages
from grader.exercise import Outcome
from grader.intake import Handed, Intake, opened
from grader.kit import Kit
from grader.marker import Marker, hidden_marker
from grader.reports import html, machine, tables
from grader.sandbox import Limits, Sandbox
from grader.scoring import SubmissionMark, nothing

RESULTS, GRADES, INDEX, PAGES, ABOUT = "results.jsonl", "grades.csv", "index.html", "students", "run.json"
WHO = "intake.json"  # who handed in what, for exports


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


def grade(
    kit: Kit,
    delivery: Path | Intake,
    out: Path,
    seed: int,
    told: Callable[[int, int, str], None] = lambda done, total, name: None,
    limits: Limits | None = None,
    only: Collection[str] = (),
    layout: str | None = None,
) -> Run:
    """Grade every submission of a delivery (or of a folder) on cases drawn from `seed`; write results, grades and
    pages to `out`.

    `only` names the exercises that count, all of them by default; `layout` the form of the submissions. `told` hears
    of progress: submissions done, in all, and the name of the one that comes next. On Ctrl-C the grades and pages of
    what was done are written before KeyboardInterrupt goes on.
    """
    if isinstance(delivery, Path):
        with opened(delivery) as found:
            return grade(kit, found, out, seed, told, limits, only, layout)
    marker = hidden_marker(kit, seed, only, layout)
    todo = delivery.rows
    out.mkdir(parents=True, exist_ok=True)
    (out / PAGES).mkdir(exist_ok=True)
    about = {
        "grader": __version__,
        "kit": kit.config.title,
        "seed": seed,
        "folder": delivery.source,
        "submissions": len(todo),
        "exercises": [e.name for e in marker.exercises],
        **({"layout": layout} if layout else {}),
    }
    (out / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    (out / WHO).write_text(json.dumps(delivery.as_json(), indent=1) + "\n", encoding="utf-8")
    run = Run(out, total=len(todo))
    files = page_names([h.key for h in todo])
    try:
        with (out / RESULTS).open("w", encoding="utf-8") as results:
            for mark, file in zip(_marks(marker, todo, limits or kit.config.limits, run, told), files, strict=True):
                row = machine.submission(mark, timed=False)
                page = html.student(mark, kit.config.title)
                with _uninterrupted():
                    results.write(json.dumps(row, ensure_ascii=True) + "\n")
                    results.flush()
                    (out / PAGES / file).write_text(page, encoding="utf-8", errors="replace")
                    run.rows.append(row)
    finally:
        _finish(kit, run, files)
    told(len(run.rows), run.total, "")
    return run


def _marks(
    marker: Marker,
    todo: Sequence[Handed],
    limits: Limits,
    run: Run,
    told: Callable[[int, int, str], None],
) -> Iterator[SubmissionMark]:
    sandbox = Sandbox(limits)
    try:
        for number, handed in enumerate(todo):
            name = handed.key
            told(number, len(todo), name)
            if not handed.files:
                yield SubmissionMark(
                    name,
                    "missing",
                    tuple(nothing(e, Outcome.MISSING) for e in marker.exercises),
                    messages.NOT_HANDED_IN,
                )
                continue
            try:
                files = [(f.name, f.path) for f in handed.files]
                yield marker.mark(name, marker.read(files, name), sandbox)
            except Exception:  # ours, not the student's: a row that asks a person, and on with the rest
                marks = tuple(nothing(e, Outcome.FAULT) for e in marker.exercises)
                yield SubmissionMark(name, str(Outcome.FAULT), marks, traceback.format_exc(limit=-3))
                sandbox.close()
                sandbox = Sandbox(limits)
            run.cpu += sandbox.cpu
            sandbox.cpu = 0.0
    finally:
        sandbox.close()


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


def _finish(kit: Kit, run: Run, files: Sequence[str]) -> None:
    with (run.out / GRADES).open("w", encoding="utf-8", newline="") as file:
        tables.grades(file, run.rows)
    rows = [
        {
            "name": row["submission"],
            "file": file,
            "status": row["status"],
            "points": row["points"],
            "max_points": row["max_points"],
            "told": tables.losses(row),
        }
        for row, file in zip(run.rows, files, strict=False)
    ]
    notes = (
        [] if len(run.rows) == run.total else [f"Ended early: {len(run.rows)} of {run.total} submissions are graded."]
    )
    (run.out / INDEX).write_text(html.index(rows, kit.config.title, notes), encoding="utf-8", errors="replace")


def page_names(names: Sequence[str]) -> list[str]:
    """A file name for each page: safe anywhere, different for different names."""
    made: list[str] = []
    for name in names:
        safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:60].strip(".") or "_"
        if safe != name or safe.lower() in {m.lower().removesuffix(".html") for m in made} or safe == "index":
            safe += "-" + sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        made.append(safe + ".html")
    return made
