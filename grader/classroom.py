"""A class: every submission of a delivery gets a row, and so does everybody of the roster.

Each result is committed to the gradebook of the output folder as it comes; the files for people and programs are made
from it. So a run that was ended in any way goes on where it stood when the same command is given again, and what has
not changed is not run twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from grader import messages, output
from grader.claim import about as about_run
from grader.claim import claimed, in_place
from grader.confinement import Confinement
from grader.exercise import Outcome
from grader.gradebook import Gradebook
from grader.intake import Intake, Lms, opened
from grader.job import Done, Job, Open, job_of
from grader.kit import Kit
from grader.limits import Limits
from grader.pool import cores
from grader.preflight import Note, exercises_changed, late_rule, strays
from grader.reports.packed import Packed, PackedMap
from grader.reports.stored import RESULTS, Stored, page_names

Told = Callable[[int, int, str], None]
NAMED = 4  # names of what is under way that are told


@dataclass
class Run:
    """What came of a class. `faults` are submissions on which the grader itself failed."""

    out: Path
    rows: Packed = field(default_factory=Packed)
    total: int = 0
    cpu: float = 0.0  # seconds used by children
    reused: int = 0  # rows that needed nothing to be run
    confinement: Confinement | None = None  # what was enforced

    @property
    def faults(self) -> list[str]:
        return [row["submission"] for row in self.rows if row["status"] == str(Outcome.FAULT)]


def grade(
    kit: Kit,
    delivery: Path | Intake,
    out: Path,
    seed: int | None = None,
    told: Told = lambda done, total, name: None,
    limits: Limits | None = None,
    only: Collection[str] = (),
    layout: str | None = None,
    show_expected: bool = False,
    fresh: bool = False,
    force: bool = False,
    require: bool = False,
    jobs: int | None = None,
    scheduler: str | None = None,
    deadline: datetime | None = None,
    part: str = "",
    note: Note = lambda line: None,
) -> Run:
    """Grade every submission of a delivery (or of a folder) on cases drawn from `seed`; write results, grades and
    pages to `out`.

    `only` names the exercises that count, all of them by default; `layout` the form of the submissions. `told` hears
    of progress: submissions done, in all, and the name of the one that comes next. `show_expected` puts values that
    should have come on hidden inputs on students' pages. Without a `seed`, that of the folder's run goes on, or a new
    one is drawn. `fresh` runs again what has a result; `force` takes a folder that holds something else. `require`:
    raise SandboxError, before anything is written, unless submissions can be confined here. `jobs` processes are at
    work, as many as there are cores by default; or the workers of the Dask `scheduler`. `deadline` (with a time zone)
    takes the place of the kit's, in this run and later ones into `out`. `part` says on pages which part of the kit it
    is; `note` hears what a person should know of this run.

    On Ctrl-C the grades and pages of what was done are written before KeyboardInterrupt goes on. Raises KitError,
    AnnotationError, atomic.CannotWrite.
    """
    if not kit.has_solutions:
        kit.hidden(0)  # says what is wrong
    if isinstance(delivery, Path):
        with opened(delivery) as found:
            return grade(
                kit,
                found,
                out,
                seed,
                told,
                limits,
                only,
                layout,
                show_expected,
                fresh,
                force,
                require,
                jobs,
                scheduler,
                deadline,
                part,
                note,
            )
    if not only and layout is None:
        kit.all_built()
    limits = limits or kit.config.limits
    past = about_run(out)
    run = Run(out, total=len(delivery.rows))

    def job_for(book: Gradebook, strict: bool) -> Job:
        # workers elsewhere must confine as this machine does
        demanded = require or (scheduler is not None and strict)
        job = job_of(kit, book, delivery.path, out, seed, limits, only, layout, show_expected, fresh, demanded, strict)
        job.timed, job.part = delivery.lms is Lms.PLAIN, part
        return job

    there: tuple[dict[str, Any], str] | None = None
    before = _enforced(past)
    if before is not None and not fresh and not require:
        with claimed(kit, delivery, out, layout, only, force) as book:
            there = _of_folder(past, book, delivery, out)
            told_here = [messages.taken_up(there[1])] if there[1] else []
            job = job_for(book, before.strict)
            job.late, job.rule = late_rule(kit, deadline, there[0], told_here.append)
            if output.stands(job, delivery, out):
                book.finish(job.begun)
                told(len(delivery.rows), len(delivery.rows), "")
                standing = _standing(out, before)
                for line in (*told_here, *_kept_strays(past), *_remarks(standing, job)):
                    note(line)
                return standing
    count = max(1, min(jobs or cores(), len(delivery.rows)))
    with kit.sandbox(limits, require) as sandbox, claimed(kit, delivery, out, layout, only, force) as book:
        confinement = sandbox.confinement
        mine, moved = there if there is not None else _of_folder(past, book, delivery, out)
        if moved:
            note(messages.taken_up(moved))
        job = job_for(book, confinement.strict)
        job.late, job.rule = late_rule(kit, deadline, mine, note)
        job.count, job.scheduler = count, scheduler
        if scheduler is None:
            job.grader.take(sandbox)
        else:
            sandbox.close()
        run.confinement = confinement
        about = {**job.about(delivery.source, run.total), "only": sorted(only), "confinement": confinement.plain()}
        exercises_changed(mine, about["exercises"], moved, note)
        if job.rule is not None:
            about["late"] = job.rule
        if part:
            about["part"] = part
        if moved:
            about["taken up"] = moved
        about["references"] = strays(kit, job.plan.kit_version, about["exercises"], mine, note)
        who = {s["submission"]: s for s in delivery.as_json()["submissions"] if s["people"]}
        stored = Stored(out, about, run.rows, who=who, lms=str(delivery.lms))
        output.prepare(job, stored, delivery)
        try:
            gone = _go(job, run, stored, delivery, told)
        finally:
            job.close()
            run.cpu = job.cpu
        told(len(run.rows), run.total, "")
        if gone:
            note(messages.gone(gone, [name for name in gone if name in job.overrides]))
        for line in _remarks(run, job):
            note(line)
    return run


def _enforced(past: dict[str, Any]) -> Confinement | None:
    """What was enforced in the run that lies there, None where nothing says."""
    try:
        return Confinement.from_plain(past["confinement"])
    except (ValueError, KeyError, TypeError):
        return None


def _of_folder(past: dict[str, Any], book: Gradebook, delivery: Intake, out: Path) -> tuple[dict[str, Any], str]:
    """What of the last run holds for this one, and the name of another delivery that this run takes up: it, or one
    that was ended. Read before the run is entered in the book."""
    last = book.last()
    if last is None:
        return {}, ""
    plan, _, _, finished = last
    moved = str(past.get("taken up", "")) if not finished else ""
    if not in_place(plan, delivery, out):
        moved = Path(plan.folder).name
    late = past.get("late")
    told = finished and isinstance(late, dict)  # what was another deadline before that run
    return {**past, "late": {**late, "before": None}} if told and late else past, moved


def _kept_strays(past: dict[str, Any]) -> list[str]:
    kept = past.get("references")
    return [str(line) for line in kept.get("strays", ())] if isinstance(kept, dict) else []


def _remarks(run: Run, job: Job) -> Iterator[str]:
    """What the marks of a class as a whole may mean."""
    late = graded = empty = 0
    for row in run.rows:
        late += "late" in row
        graded += row["status"] == "graded"
        empty += row["status"] == "graded" and all(e["outcome"] == "missing" for e in row["exercises"])
    if job.late is not None:
        yield messages.late_rule(job.late, late, run.total)
    if graded > 1 and empty == graded:
        yield messages.NOBODY


def _standing(out: Path, confinement: Confinement) -> Run:
    """The run as it lies there, as nothing has changed."""
    with (out / RESULTS).open(encoding="utf-8") as lines:
        rows = Packed(lines)
    return Run(out, rows, len(rows), reused=len(rows), confinement=confinement)


def _go(job: Job, run: Run, stored: Stored, delivery: Intake, told: Told) -> list[str]:
    """Grade all; returns who has no row any more. On Ctrl-C, what the book knows of the rest is taken as it is."""
    todo = list(zip(delivery.rows, page_names([handed.key for handed in delivery.rows]), strict=True))
    stored.answers, stored.times = answers, times = PackedMap(), PackedMap()
    places: list[int] = []  # of the rows that are there
    flight: dict[int, list[tuple[int, Open]]] = {}  # by what is under way: who waits for it
    keys: dict[str, int] = {}

    def deliver(number: int, done: Done) -> None:
        handed, file = todo[number]
        if handed.late:
            done.row["late_by_lms"] = True
        output.deliver(job, stored, handed.key, file, done)
        run.rows.append(done.row)
        run.reused = job.reused
        answers.keep(handed.key, done.answers)
        times.keep(handed.key, done.seconds)
        places.append(number)

    def collect(patiently: bool) -> None:
        for number, marked in job.pool.done(patiently):
            job.cpu += marked.cpu
            for at, one in enumerate(flight.pop(number)):
                keys.pop(one[1].key, None)
                deliver(one[0], job.settled(one[1], marked.outcome, first=at == 0))
        told(len(places), len(todo), ", ".join(todo[n][0].key for n in list(flight)[:NAMED]))

    try:
        for number, (handed, _) in enumerate(todo):
            told(len(places), len(todo), ", ".join([*(todo[n][0].key for n in list(flight)[: NAMED - 1]), handed.key]))
            found = job.looked_up(handed)
            assert found is not None
            if isinstance(found, Done):
                deliver(number, found)
            elif found.key in keys:  # the same functions are under way
                flight[keys[found.key]].append((number, found))
            else:
                while not job.pool.room:
                    collect(patiently=True)
                flight[number], keys[found.key] = [(number, found)], number
                job.pool.start(number, found.units)
                collect(patiently=False)
        while flight:
            collect(patiently=True)
    except KeyboardInterrupt:
        job.idle = True
        run.rows.cut(len(places))  # it may have come between a row and its place
        for number in sorted(set(range(len(todo))) - set(places)):
            found = job.looked_up(todo[number][0])
            if isinstance(found, Done):
                deliver(number, found)
        run.rows.arrange(places)
        output.finish(job, stored, delivery)
        raise
    run.rows.arrange(places)
    gone = output.finish(job, stored, delivery)
    job.book.finish(job.begun)
    return gone
