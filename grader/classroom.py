"""A class: every submission of a delivery gets a row, and so does everybody of the roster.

Each result is committed to the gradebook of the output folder as it comes; the files for people and programs are made
from it. So a run that was ended in any way goes on where it stood when the same command is given again, and what has
not changed is not run twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grader import fingerprint, output, tables
from grader.confinement import Confinement
from grader.exercise import Outcome
from grader.gradebook import Gradebook, Plan
from grader.intake import Intake, Lms, opened
from grader.job import Done, Job, Open, job_of, place_of
from grader.kit import Kit, KitError
from grader.limits import Limits
from grader.pool import cores
from grader.reports.packed import Packed, PackedMap
from grader.reports.stored import ABOUT, PAGES, RESULTS, Stored, page_names

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
) -> Run:
    """Grade every submission of a delivery (or of a folder) on cases drawn from `seed`; write results, grades and
    pages to `out`.

    `only` names the exercises that count, all of them by default; `layout` the form of the submissions. `told` hears
    of progress: submissions done, in all, and the name of the one that comes next. `show_expected` puts values that
    should have come on hidden inputs on students' pages. Without a `seed`, that of the folder's run goes on, or a new
    one is drawn. `fresh` runs again what has a result; `force` takes a folder that holds something else. `require`:
    raise SandboxError, before anything is written, unless submissions can be confined here. `jobs` processes are at
    work, as many as there are cores by default; or the workers of the Dask `scheduler`.

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
            )
    limits = limits or kit.config.limits

    def job_for(book: Gradebook, strict: bool) -> Job:
        # workers elsewhere must confine as this machine does
        demanded = require or (scheduler is not None and strict)
        job = job_of(kit, book, delivery.path, out, seed, limits, only, layout, show_expected, fresh, demanded, strict)
        job.timed = delivery.lms is Lms.PLAIN
        return job

    before = _enforced(out)
    if before is not None and tables.exists(out) and not fresh and not require:
        with _claimed(kit, delivery.path, out, layout, force) as book:
            job = job_for(book, before.strict)
            if output.stands(job, delivery, out):
                book.finish(job.begun)
                told(len(delivery.rows), len(delivery.rows), "")
                return _standing(out, before)
    count = max(1, min(jobs or cores(), len(delivery.rows)))
    with kit.sandbox(limits, require) as sandbox, _claimed(kit, delivery.path, out, layout, force) as book:
        confinement = sandbox.confinement
        job = job_for(book, confinement.strict)
        job.count, job.scheduler = count, scheduler
        if scheduler is None:
            job.grader.take(sandbox)
        else:
            sandbox.close()
        run = Run(out, total=len(delivery.rows), confinement=confinement)
        about = {**job.about(delivery.source, run.total), "confinement": confinement.plain()}
        who = {s["submission"]: s for s in delivery.as_json()["submissions"] if s["people"]}
        stored = Stored(out, about, run.rows, who=who, lms=str(delivery.lms))
        output.prepare(job, stored, delivery)
        try:
            _go(job, run, stored, delivery, told)
        finally:
            job.close()
            run.cpu = job.cpu
        told(len(run.rows), run.total, "")
    return run


def _enforced(out: Path) -> Confinement | None:
    """What was enforced in the run that lies there, None where nothing says."""
    try:
        return Confinement.from_plain(json.loads((out / ABOUT).read_text(encoding="utf-8"))["confinement"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _standing(out: Path, confinement: Confinement) -> Run:
    """The run as it lies there, as nothing has changed."""
    with (out / RESULTS).open(encoding="utf-8") as lines:
        rows = Packed(lines)
    return Run(out, rows, len(rows), reused=len(rows), confinement=confinement)


def _go(job: Job, run: Run, stored: Stored, delivery: Intake, told: Told) -> None:
    """Grade all. On Ctrl-C, what the book knows of the rest is taken as it is."""
    todo = list(zip(delivery.rows, page_names([handed.key for handed in delivery.rows]), strict=True))
    stored.answers, stored.times = answers, times = PackedMap(), PackedMap()
    places: list[int] = []  # of the rows that are there
    flight: dict[int, list[tuple[int, Open]]] = {}  # by what is under way: who waits for it
    keys: dict[str, int] = {}

    def deliver(number: int, done: Done) -> None:
        handed, file = todo[number]
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
    output.finish(job, stored, delivery)
    job.book.finish(job.begun)


@contextmanager
def _claimed(kit: Kit, folder: Path, out: Path, layout: str | None, force: bool) -> Iterator[Gradebook]:
    """The gradebook of `out`, if that is ours: empty, or with a run of this class and this kit. Else KitError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        strange = {p.name for p in out.iterdir()} - set(tables.LEFT_BEHIND)
    except OSError as error:
        raise KitError(f"{out} cannot be used ({error.strerror}): name a folder that you may write to") from error
    if strange and not force and not tables.exists(out):
        raise KitError(f"{out} is not empty: name another folder, or add --force to replace what is in it")
    book = Gradebook(out)
    try:
        last = book.last()
        if last is not None and not _same(last[0], kit, folder, out, layout):
            if not force:
                raise KitError(
                    f"{out} holds the run of another class or kit ({last[0].folder}, {last[0].kit}): name another "
                    "folder, or add --force to replace it (its gradebook is kept under another name)"
                )
            for file in book.pages():  # of other people, whom no page here links to any more
                (out / PAGES / file).unlink(missing_ok=True)
            book.close()
            _move_aside(out)
            book = Gradebook(out)
        yield book
    finally:
        book.close()


def _same(last: Plan, kit: Kit, folder: Path, out: Path, layout: str | None) -> bool:
    """Is it the class and kit of that run? Either may have moved, or been mended."""
    same_class = last.folder == str(folder.resolve()) or last.place == place_of(folder, out)
    return same_class and (last.kit == kit.config.title or last.kit_version == fingerprint.kit_version(kit, layout))


def _move_aside(out: Path) -> None:
    number = 1
    while (moved := out / f"gradebook-{number}.sqlite").exists():
        number += 1
    (out / tables.FILE).rename(moved)
