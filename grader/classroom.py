"""A class: every submission of a delivery gets a row, and so does everybody of the roster.

Each result is committed to the gradebook of the output folder as it comes; the files for people and programs are made
from it. So a run that was ended in any way goes on where it stood when the same command is given again, and what has
not changed is not run twice.
"""

from __future__ import annotations

import io
import json
import os
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from grader import __version__, atomic, fingerprint, gradebook, lateness, messages
from grader.confine import Confinement
from grader.exercise import AnnotationError, Outcome
from grader.gradebook import Attempt, Begun, Gradebook, Override, Page, Plan, Result
from grader.intake import Handed, Intake, Lms, opened
from grader.kit import Kit, KitError
from grader.marker import Marker
from grader.pool import Fault, Grader, Pool, Setup, cores, pool
from grader.reports import machine, pages, tables
from grader.reports.packed import Packed
from grader.reports.stored import ABOUT, EXPECTED, FAULTS, GRADES, INDEX, PAGES, RESULTS, TIMES, WHO, Stored, page_names
from grader.reports.stored import read as read_run
from grader.sandbox import Limits
from grader.scoring import SubmissionMark, nothing
from grader.submission import Submission
from grader.visible import visible

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
    todo, folder = delivery.rows, delivery.path
    limits = limits or kit.config.limits
    count = max(1, min(jobs or cores(), len(todo)))
    with kit.sandbox(limits, require) as sandbox, _claimed(kit, folder, out, layout, force) as book:
        confinement = sandbox.confinement
        job = _job(kit, book, folder, out, seed, limits, only, layout, show_expected, fresh, require)
        job.count, job.scheduler = count, scheduler
        if count == 1 and scheduler is None:
            job.grader.take(sandbox)
        else:
            sandbox.close()
        run = Run(out, total=len(todo), confinement=confinement)
        about = {**job.about(delivery.source, len(todo)), "confinement": confinement.plain()}
        stored = Stored(out, about, run.rows)
        files = page_names([handed.key for handed in todo])
        _prepare(stored, delivery)
        job.timed = delivery.lms is Lms.PLAIN
        try:
            _go(job, run, stored, list(zip(todo, files, strict=True)), told)
        finally:
            job.close()
            run.cpu = job.cpu
        told(len(run.rows), run.total, "")
    return run


def _go(job: _Job, run: Run, stored: Stored, todo: Sequence[tuple[Handed, str]], told: Told) -> None:
    """Grade all. On Ctrl-C, what the book knows of the rest is taken as it is."""
    places: list[int] = []  # of the rows that are there
    flight: dict[int, list[tuple[int, _Open]]] = {}  # by what is under way: who waits for it
    keys: dict[str, int] = {}

    def deliver(number: int, done: _Done) -> None:
        handed, file = todo[number]
        _deliver(job, run, stored, handed.key, file, done)
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
            if isinstance(found, _Done):
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
        for number in sorted(set(range(len(todo))) - set(places)):
            found = job.looked_up(todo[number][0])
            if isinstance(found, _Done):
                deliver(number, found)
        _finish(job, run, stored, places)
        raise
    _finish(job, run, stored, places)
    job.book.finish(job.begun)


def decide(out: Path, book: Gradebook, names: Collection[str]) -> dict[str, dict[str, Any]]:
    """Take what was set by hand for some submissions into the files and pages of a run; their rows.

    Nothing is graded. Raises KitError where there is no run, CannotWrite.
    """
    stored = read_run(out)
    changed = {}
    for row, file in zip(stored.rows, page_names([row["submission"] for row in stored.rows]), strict=True):
        name = row["submission"]
        if name not in names:
            continue
        by_hand = book.overrides(name)
        row.pop("override", None)
        if by_hand:
            row["override"] = [_by_hand(o) for o in by_hand]
        answers = stored.answers.get(name) if stored.about.get("show_expected") else None
        pages.write_student(stored, file, pages.student_page(stored, row, answers))
        changed[name] = row
    _write_rows(out, stored.rows)
    pages.write_index(stored)
    return changed


# -- the folder


@contextmanager
def _claimed(kit: Kit, folder: Path, out: Path, layout: str | None, force: bool) -> Iterator[Gradebook]:
    """The gradebook of `out`, if that is ours: empty, or with a run of this class and this kit. Else KitError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        strange = {p.name for p in out.iterdir()} - set(gradebook.LEFT_BEHIND)
    except OSError as error:
        raise KitError(f"{out} cannot be used ({error.strerror}): name a folder that you may write to") from error
    if strange and not force and not gradebook.exists(out):
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
            book.close()
            _move_aside(out)
            book = Gradebook(out)
        yield book
    finally:
        book.close()


def _same(last: Plan, kit: Kit, folder: Path, out: Path, layout: str | None) -> bool:
    """Is it the class and kit of that run? Either may have moved, or been mended."""
    same_class = last.folder == str(folder.resolve()) or last.place == _place(folder, out)
    return same_class and (last.kit == kit.config.title or last.kit_version == fingerprint.kit_version(kit, layout))


def _place(folder: Path, out: Path) -> str:
    """Where the class is, as seen from the output."""
    try:
        return os.path.relpath(folder.resolve(), out.resolve())
    except ValueError:  # on another drive
        return str(folder.resolve())


def _move_aside(out: Path) -> None:
    number = 1
    while (moved := out / f"gradebook-{number}.sqlite").exists():
        number += 1
    (out / gradebook.FILE).rename(moved)


def _prepare(stored: Stored, delivery: Intake) -> None:
    """What must be there before the first submission is graded: the seed, so that a run that is ended keeps it."""
    for folder in (stored.folder, stored.folder / PAGES):
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise atomic.cannot(folder, error) from error
        atomic.clear(folder)
    atomic.write(stored.folder / ABOUT, (json.dumps(stored.about, indent=1) + "\n").encode(), lasting=True)
    atomic.write(stored.folder / WHO, (json.dumps(delivery.as_json(), indent=1) + "\n").encode())


# -- one submission


@dataclass(frozen=True)
class _Done:
    """A submission with its result: the row as people's decisions leave it."""

    row: dict[str, Any]
    answers: dict[str, Any]
    seconds: dict[str, float]
    fault: str | None = None


@dataclass(frozen=True)
class _Open:
    """A submission that has to be run."""

    name: str
    digest: str | None
    key: str
    labels: tuple[str, ...]
    handed_in: str | None
    units: Sequence[Submission]


@dataclass
class _Job:
    """All that one run needs. What is dear to make is made when the first submission has to be run."""

    kit: Kit
    book: Gradebook
    begun: Begun
    plan: Plan
    out: Path
    grader: Grader
    layout: str | None
    show_expected: bool
    count: int = 1
    scheduler: str | None = None
    cpu: float = 0.0
    reused: int = 0
    idle: bool = False  # run nothing more
    timed: bool = True  # a file's own time says when it was handed in; not so in what an LMS made
    _pool: Pool | None = None

    @property
    def marker(self) -> Marker:
        return self.grader.marker

    @property
    def pool(self) -> Pool:
        if self._pool is None:
            self._pool = pool(self.grader, self.count, self.scheduler)
        return self._pool

    @cached_property
    def outline(self) -> list[dict[str, Any]]:
        """What is marked; the book knows it if it was marked before."""
        kept = self.book.outline(self.plan.setup)
        if kept is None:
            kept = json.dumps(machine.outline(self.marker.exercises))
            self.book.keep_outline(self.plan.setup, kept)
        made: list[dict[str, Any]] = json.loads(kept)
        return made

    @cached_property
    def overrides(self) -> dict[str, list[Override]]:
        found: dict[str, list[Override]] = {}
        for one in self.book.overrides():
            found.setdefault(one.submission, []).append(one)
        return found

    @cached_property
    def pages(self) -> Mapping[str, Page]:
        return self.book.pages()

    @cached_property
    def look(self) -> str:
        """What all pages have in common."""
        return fingerprint.setup(self.kit.config.title, self.outline, self.show_expected, fingerprint.grader_version())

    def about(self, source: str, total: int) -> dict[str, Any]:
        """What `run.json` says."""
        return {
            "grader": __version__,
            "kit": self.kit.config.title,
            "seed": self.plan.seed,
            "folder": source,
            "submissions": total,
            "exercises": [e["name"] for e in self.outline],
            **({"layout": self.layout} if self.layout else {}),
            **({"show_expected": True} if self.show_expected else {}),
            "outline": self.outline,
        }

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None
        self.grader.close()

    def looked_up(self, handed: Handed) -> _Done | _Open | None:
        """The row of a submission from the book, or what has to be run; None where nothing is to be run any more."""
        if not handed.files:
            return self._nobody(handed.key)
        name, files = handed.key, [(f.name, f.path) for f in handed.files]
        linked = any(path.is_symlink() for _, path in files)
        digest = None if linked else fingerprint.digest(files)
        known = self.book.known(digest, self.plan.setup, self.begun) if digest is not None else None
        handed_in = _handed_in(handed, self.timed) if self.kit.config.late else None
        result = self.book.result(known[0], self.begun) if known is not None else None
        if known is not None and result is not None:
            self.reused += 1
            return self._kept(name, digest, known[0], known[1], handed_in, result)
        if self.idle:
            return None
        marker = self.marker
        try:
            units, labels = fingerprint.anonymous(_read(marker, files, name))
            key = fingerprint.functions(units, self.plan.setup)
        except (KitError, AnnotationError, atomic.CannotWrite):
            raise
        except Exception as error:  # ours, not the student's: a row that asks a person, and on with the rest
            return self._fault(name, digest, handed_in, Fault.of(error))
        result = self.book.result(key, self.begun)
        if result is None:
            return _Open(name, digest, key, tuple(labels), handed_in, units)
        self.reused += 1
        return self._kept(name, digest, key, tuple(labels), handed_in, result)

    def settled(self, found: _Open, outcome: Result | Fault, first: bool) -> _Done:
        """The row of a submission that was run; not `first`: of another one with the same functions."""
        if isinstance(outcome, Fault):
            return self._fault(found.name, found.digest, found.handed_in, outcome)
        self.reused += not first
        new = outcome if first else None
        return self._kept(found.name, found.digest, found.key, found.labels, found.handed_in, outcome, new)

    def _kept(
        self,
        name: str,
        digest: str | None,
        key: str,
        labels: tuple[str, ...],
        handed_in: str | None,
        result: Result,
        new: Result | None = None,
    ) -> _Done:
        """Commit a result, and choose the attempt that counts."""
        row = _row(result, name, labels)
        attempt = Attempt(name, row["status"], row["points"], row["max_points"], digest, key, labels, handed_in)
        history = self.book.keep(self.begun, self.plan.setup, attempt, new)
        if self.kit.config.attempts == "best":
            best = self._best(history)
            stands = self.book.result(best.key, self.begun) if best.key is not None else None
            if stands is not None:
                attempt, result = best, stands
                row = _row(result, name, best.labels)
        else:
            attempt = history[-1]
        return _Done(self._decided(row, attempt, history), json.loads(result.answers), json.loads(result.seconds))

    def _best(self, history: Sequence[Attempt]) -> Attempt:
        """The attempt with the most points after what lateness costs; of equal ones the last."""
        comparable = [a for a in history if a.key is not None and self.book.result(a.key, self.begun) is not None]
        return max(comparable, key=lambda a: (a.points * (1 - self._late(a) / 100), a.id))

    def _late(self, attempt: Attempt) -> float:
        rule = self.kit.config.late
        if rule is None or attempt.handed_in is None:
            return 0.0
        return lateness.percent(rule, datetime.fromisoformat(attempt.handed_in))

    def _decided(self, row: dict[str, Any], attempt: Attempt, history: Sequence[Attempt]) -> dict[str, Any]:
        """With what the rule for late ones says, which attempt it is, and what people set by hand."""
        versions = [a.digest for a in history]
        if len(set(versions)) > 1:
            order = list(dict.fromkeys(versions))
            row["attempt"] = {"number": order.index(attempt.digest) + 1, "of": len(order)}
        rule = self.kit.config.late
        if rule is not None and attempt.handed_in is not None:
            at = datetime.fromisoformat(attempt.handed_in)
            if lateness.hours(rule, at):
                row["late"] = {"hours": round(lateness.hours(rule, at), 2), "percent": lateness.percent(rule, at)}
        by_hand = self.overrides.get(row["submission"])
        if by_hand:
            row["override"] = [_by_hand(o) for o in by_hand]
        return row

    def _nobody(self, name: str) -> _Done:
        """The row of somebody of the roster who handed in nothing."""
        marks = tuple(nothing(e, Outcome.MISSING) for e in self.marker.exercises)
        row = machine.submission(SubmissionMark(name, "missing", marks, messages.NOT_HANDED_IN), timed=False)
        return _Done(self._decided(row, Attempt(name, "missing", 0, row["max_points"]), ()), {}, {})

    def _fault(self, name: str, digest: str | None, handed_in: str | None, fault: Fault) -> _Done:
        marks = tuple(nothing(e, Outcome.FAULT) for e in self.marker.exercises)
        mark = SubmissionMark(name, str(Outcome.FAULT), marks, fault.told)
        row = machine.submission(mark, timed=False)
        attempt = Attempt(name, row["status"], row["points"], row["max_points"], digest, handed_in=handed_in)
        history = self.book.keep(self.begun, self.plan.setup, attempt)
        told = messages.fault_report(name, fault.kind, fault.places, fingerprint.grader_version(), fault.exercise)
        return _Done(self._decided(row, history[-1], history), {}, {}, told)


def _job(
    kit: Kit,
    book: Gradebook,
    folder: Path,
    out: Path,
    seed: int | None,
    limits: Limits,
    only: Collection[str],
    layout: str | None,
    show_expected: bool,
    fresh: bool,
    require: bool,
) -> _Job:
    """The run is entered in the book, with its seed, before anything is graded."""
    last = book.last()
    if seed is None:
        seed = last[0].seed if last is not None else secrets.randbits(62)
    version, kit_version = fingerprint.grader_version(), fingerprint.kit_version(kit, layout)
    setup = fingerprint.setup(version, kit_version, seed, sorted(only), layout, limits)
    plan = Plan(str(folder.resolve()), _place(folder, out), kit.config.title, kit_version, version, seed, setup)
    grader = Grader(kit, Setup(kit.root, seed, tuple(sorted(only)), layout, limits, require))
    return _Job(kit, book, book.begin(plan, fresh), plan, out, grader, layout, show_expected)


def _read(marker: Marker, files: Sequence[tuple[str, Path]], name: str) -> list[Submission]:
    for label, path in files:
        if path.is_symlink():  # from a class's archive it may lead to what is somebody else's
            return [Submission(name, problem=f"{visible(label)} is a link, and links are not followed")]
    return marker.read(files, name)


def _handed_in(handed: Handed, timed: bool) -> str | None:
    """When a submission was handed in, in UTC: as the LMS says (without a zone: in this machine's), or when the newest
    of its files was last written. None where nothing tells: it is in time then."""
    if handed.submitted is not None:
        try:
            return datetime.fromisoformat(handed.submitted).astimezone(UTC).isoformat(timespec="seconds")
        except ValueError:
            return None
    if not timed:
        return None
    times = []
    try:
        for path in (f.path for f in handed.files):
            found = [os.lstat(os.path.join(place, n)).st_mtime for place, _, names in os.walk(path) for n in names]
            times.append(max(found) if found else path.lstat().st_mtime)
    except OSError:
        return None
    return datetime.fromtimestamp(max(times), UTC).isoformat(timespec="seconds")


def _row(result: Result, name: str, labels: Sequence[str]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(fingerprint.named(result.row, name, labels))
    return made


def _by_hand(one: Override) -> dict[str, Any]:
    place = {"exercise": one.exercise, "stage": one.stage}
    return {
        "points": one.points,
        **{k: v for k, v in place.items() if v is not None},
        "reason": visible(one.reason),
        "who": visible(one.who),
    }


# -- files


def _deliver(job: _Job, run: Run, stored: Stored, name: str, file: str, done: _Done) -> None:
    """The page of a student, if it is not there already, and the row."""
    answers = done.answers if job.show_expected else None
    made_of = sha256(json.dumps([job.look, done.row, answers], sort_keys=True).encode()).hexdigest()
    path = run.out / PAGES / file
    if not _there(path, job.pages.get(file), made_of):
        text = pages.student_page(stored, done.row, answers)
        status = atomic.write(path, text.encode("utf-8", "replace"))
        job.book.keep_pages({file: Page(made_of, status.st_size, status.st_mtime_ns)})
    run.rows.append(done.row)
    run.reused = job.reused
    stored.answers[name] = done.answers
    stored.times[name] = done.seconds
    if done.fault is not None:
        (run.out / FAULTS).mkdir(exist_ok=True)
        atomic.write(run.out / FAULTS / _report(file), done.fault.encode("utf-8", "replace"))


def _report(page: str) -> str:
    return page.removesuffix(".html") + ".txt"


def _there(path: Path, page: Page | None, made_of: str) -> bool:
    if page is None or page.made_of != made_of:
        return False
    try:
        status = path.stat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (page.size, page.time)


def _finish(job: _Job, run: Run, stored: Stored, places: Sequence[int]) -> None:
    """The files of the run as a whole; pages and reports of what is not in it any more are removed."""
    out = run.out
    run.rows.arrange(places)
    times = {row["submission"]: stored.times.get(row["submission"], {}) for row in run.rows}
    answers = [{"submission": row["submission"], "expected": stored.answers[row["submission"]]} for row in run.rows]
    _write_rows(out, run.rows)
    atomic.write(out / EXPECTED, _lines(answers))
    atomic.write(out / TIMES, (json.dumps(times, indent=1) + "\n").encode())
    atomic.write(out / INDEX, pages.index_page(stored).encode("utf-8", "replace"))
    files = page_names([row["submission"] for row in run.rows])
    if len(run.rows) == run.total:
        gone = [file for file in job.book.pages() if file not in files]
        for file in gone:
            (out / PAGES / file).unlink(missing_ok=True)
        job.book.keep_pages({}, gone)
    failed = {_report(f) for f, row in zip(files, run.rows, strict=True) if row["status"] == str(Outcome.FAULT)}
    for report in (out / FAULTS).glob("*.txt"):
        if report.name not in failed:
            report.unlink()
    atomic.clear(out)
    atomic.clear(out / PAGES)


def _write_rows(out: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    table = io.StringIO(newline="")
    tables.grades(table, rows)
    atomic.write(out / RESULTS, _lines(rows), lasting=True)
    atomic.write(out / GRADES, table.getvalue().encode("utf-8"), lasting=True)


def _lines(found: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=True) + "\n" for one in found).encode()
