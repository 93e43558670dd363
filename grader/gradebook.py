"""The gradebook of a run's folder: what was graded, when, by what; committed result by result. SQLite.

It knows nothing of grading: results are JSON text under a hash of all that they were made from. A process may be
killed at any moment; whoever opens the book next finds every result that was kept, whole. One process has it at a time.
The tables are described in docs/gradebook.md.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from json import dumps, loads
from pathlib import Path

from grader.atomic import CannotWrite
from grader.kit import KitError

FILE = "gradebook.sqlite"
LEFT_BEHIND = (FILE, f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal")
PATIENCE = 2.0  # seconds to wait for another process to let go

# the tables, as one list of statements for each version of them; PRAGMA user_version says how many were run
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE run (
            id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, folder TEXT NOT NULL, place TEXT NOT NULL,
            kit TEXT NOT NULL, kit_version TEXT NOT NULL, grader TEXT NOT NULL, seed INTEGER NOT NULL,
            setup TEXT NOT NULL, fresh INTEGER NOT NULL, generation INTEGER NOT NULL)""",
        "CREATE TABLE setup (hash TEXT PRIMARY KEY, outline TEXT NOT NULL)",
        """CREATE TABLE result (
            key TEXT PRIMARY KEY, generation INTEGER NOT NULL, setup TEXT NOT NULL, row TEXT NOT NULL,
            answers TEXT NOT NULL, seconds TEXT NOT NULL)""",
        """CREATE TABLE source (
            digest TEXT NOT NULL, setup TEXT NOT NULL, key TEXT NOT NULL REFERENCES result, labels TEXT NOT NULL,
            PRIMARY KEY (digest, setup))""",
        """CREATE TABLE attempt (
            id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run, submission TEXT NOT NULL, at TEXT NOT NULL,
            handed_in TEXT, digest TEXT, key TEXT, labels TEXT NOT NULL, status TEXT NOT NULL, points REAL NOT NULL,
            max_points REAL NOT NULL)""",
        "CREATE INDEX attempt_submission ON attempt (submission, id)",
        """CREATE TABLE override (
            id INTEGER PRIMARY KEY, submission TEXT NOT NULL, exercise TEXT, stage TEXT, points REAL NOT NULL,
            reason TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, withdrawn TEXT)""",
        """CREATE TABLE page (
            file TEXT PRIMARY KEY, made_of TEXT NOT NULL, size INTEGER NOT NULL, time INTEGER NOT NULL)""",
    ),
)
VERSION = len(MIGRATIONS)


@dataclass(frozen=True)
class Plan:
    """What a run is to do: with what, on what. `setup` is the hash of all that every result depends on."""

    folder: str  # of the class, absolute
    place: str  # the same, relative to the run's folder
    kit: str  # its title
    kit_version: str
    grader: str
    seed: int
    setup: str


@dataclass(frozen=True)
class Begun:
    """A run that is under way. Results of an earlier generation do not count."""

    id: int
    generation: int


@dataclass(frozen=True)
class Result:
    """One result without names: the row, the answers and the seconds, as JSON."""

    row: str
    answers: str
    seconds: str


@dataclass(frozen=True)
class Attempt:
    """One version of one submission that was graded. `at` and `handed_in` are ISO 8601 in UTC."""

    submission: str
    status: str
    points: float
    max_points: float
    digest: str | None = None  # of the submission's bytes; None where they cannot be read
    key: str | None = None  # None where the grader failed: there is no result
    labels: tuple[str, ...] = ()
    handed_in: str | None = None
    at: str = ""
    run: int = 0
    id: int = 0


@dataclass(frozen=True)
class Override:
    """Points that a person set, of a submission, an exercise or a stage of it."""

    submission: str
    points: float
    reason: str
    who: str
    exercise: str | None = None
    stage: str | None = None
    at: str = ""
    withdrawn: str | None = None
    id: int = 0


@dataclass(frozen=True)
class Page:
    """A page as it was written: a hash of what it shows, and the file's size and time (nanoseconds)."""

    made_of: str
    size: int
    time: int


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def exists(folder: Path) -> bool:
    """Is there a gradebook with at least its tables?"""
    return (folder / FILE).is_file() and (folder / FILE).stat().st_size > 0


class Gradebook:
    """The open book. Use as a context manager. Raises KitError where it cannot be used, CannotWrite where full."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        with self._told():
            self._db = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        try:
            with self._told():
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it; what was kept stays even if this is never reached."""
        self._db.close()

    def _prepare(self) -> None:
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")  # one process at a time, and no shared memory needed
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing, a power cut the last results
        self._db.execute("PRAGMA foreign_keys = ON")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise KitError(
                f"{self.path} was written by a newer grader (tables {version}, known {VERSION}): update this one"
            )
        with self.transaction():
            for number in range(version, VERSION):
                for statement in MIGRATIONS[number]:
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {number + 1}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns what SQLite says into what to do."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            said = str(error)
            if "locked" in said:
                raise KitError(
                    f"another grader is at work on {self.path}: wait for it, or name another folder"
                ) from error
            if "readonly" in said or "unable to open" in said:
                raise KitError(f"{self.path} cannot be written: name a folder that you may write to") from error
            if "full" in said or "I/O" in said:
                raise CannotWrite(
                    f"{self.path} cannot be written ({said}). What was graded so far is kept: make room and give the "
                    "same command again"
                ) from error
            if isinstance(error, sqlite3.OperationalError | sqlite3.ProgrammingError | sqlite3.IntegrityError):
                raise
            raise KitError(
                f"{self.path} is damaged ({said}): move it away, and what was set by hand with it"
            ) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is done inside, or nothing."""
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _ask(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        with self._told():
            return self._db.execute(statement, values)

    # -- runs

    def last(self) -> tuple[Plan, Begun, bool, bool] | None:
        """The latest run: its plan, number and generation, whether it was fresh and whether it came to its end."""
        found = self._ask(
            "SELECT folder, place, kit, kit_version, grader, seed, setup, id, generation, fresh, finished FROM run "
            "ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if found is None:
            return None
        return Plan(*found[:7]), Begun(*found[7:9]), bool(found[9]), found[10] is not None

    def begin(self, plan: Plan, fresh: bool = False) -> Begun:
        """A run by this plan: the latest one if it is the same and was not finished, else a new one.

        `fresh` starts a new generation, unless an unfinished fresh run is taken up again.
        """
        last = self.last()
        if last is not None and last[0] == plan and not last[3] and last[2] == fresh:
            return last[1]
        generation = 0 if last is None else last[1].generation + (1 if fresh else 0)
        with self.transaction():
            made = self._ask(
                "INSERT INTO run (started, folder, place, kit, kit_version, grader, seed, setup, fresh, generation) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    now(),
                    plan.folder,
                    plan.place,
                    plan.kit,
                    plan.kit_version,
                    plan.grader,
                    plan.seed,
                    plan.setup,
                    fresh,
                    generation,
                ),
            )
        assert made.lastrowid is not None
        return Begun(made.lastrowid, generation)

    def finish(self, run: Begun) -> None:
        """The run came to its end: its files are written."""
        with self.transaction():
            self._ask("UPDATE run SET finished = ? WHERE id = ?", (now(), run.id))

    def runs(self) -> list[tuple[int, str, str | None, int, str]]:
        """(number, started, finished, seed, kit version), oldest first."""
        return self._ask("SELECT id, started, finished, seed, kit_version FROM run ORDER BY id").fetchall()

    def outline(self, setup: str) -> str | None:
        """What runs of this setup mark, as JSON."""
        found = self._ask("SELECT outline FROM setup WHERE hash = ?", (setup,)).fetchone()
        return found[0] if found else None

    def keep_outline(self, setup: str, outline: str) -> None:
        with self.transaction():
            self._ask("INSERT OR REPLACE INTO setup VALUES (?, ?)", (setup, outline))

    # -- results

    def known(self, digest: str, setup: str, run: Begun) -> tuple[str, tuple[str, ...]] | None:
        """The key of the result of a submission that lies there unchanged, and its labels."""
        found = self._ask(
            "SELECT key, labels FROM source JOIN result USING (key) "
            "WHERE digest = ? AND source.setup = ? AND generation = ?",
            (digest, setup, run.generation),
        ).fetchone()
        return (found[0], tuple(loads(found[1]))) if found else None

    def result(self, key: str, run: Begun | None = None, setup: str | None = None) -> Result | None:
        """The result under a key; with `run` only if it counts for that run, with `setup` only if it was made by it."""
        wanted = "SELECT row, answers, seconds, generation, setup FROM result WHERE key = ?"
        found = self._ask(wanted, (key,)).fetchone()
        if found is None or (run is not None and found[3] != run.generation) or setup not in (None, found[4]):
            return None
        return Result(*found[:3])

    def keep(self, run: Begun, setup: str, attempt: Attempt, result: Result | None = None) -> list[Attempt]:
        """One submission is graded: all of it is kept at once. `result` is new; without it the key's one is there.

        Returns its history, oldest first, the attempt at its end. Nothing is written where nothing is new. When it was
        handed in stays as it was first told.
        """
        history = self.attempts(attempt.submission)
        unchanged = history and _same(history[-1], attempt)
        told = unchanged and history[-1].handed_in is None and attempt.handed_in is not None
        if result is None and unchanged and not told:
            return history
        with self.transaction():
            if told:
                history[-1] = replace(history[-1], handed_in=attempt.handed_in)
                self._ask("UPDATE attempt SET handed_in = ? WHERE id = ?", (attempt.handed_in, history[-1].id))
            if result is not None:
                self._ask(
                    "INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?)",
                    (attempt.key, run.generation, setup, result.row, result.answers, result.seconds),
                )
            labels = dumps(attempt.labels)
            if attempt.digest is not None and attempt.key is not None:
                kept = (attempt.digest, setup, attempt.key, labels)
                self._ask("INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?)", kept)
            if unchanged:
                return history
            self._ask(
                "INSERT INTO attempt (run, submission, at, handed_in, digest, key, labels, status, points, max_points) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run.id,
                    attempt.submission,
                    now(),
                    attempt.handed_in,
                    attempt.digest,
                    attempt.key,
                    labels,
                    attempt.status,
                    attempt.points,
                    attempt.max_points,
                ),
            )
        return self.attempts(attempt.submission)

    def attempts(self, submission: str | None = None) -> list[Attempt]:
        """The history of one submission, or of all, oldest first."""
        found = self._ask(
            "SELECT submission, status, points, max_points, digest, key, labels, handed_in, at, run, id FROM attempt "
            "WHERE ? IS NULL OR submission = ? ORDER BY id",
            (submission, submission),
        )
        return [Attempt(r[0], r[1], r[2], r[3], r[4], r[5], tuple(loads(r[6])), r[7], r[8], r[9], r[10]) for r in found]

    # -- what people set

    def overrides(self, submission: str | None = None, all_of_them: bool = False) -> list[Override]:
        """Those in force, or all that ever were, of one submission or of all; oldest first."""
        found = self._ask(
            "SELECT submission, points, reason, who, exercise, stage, at, withdrawn, id FROM override "
            "WHERE (? IS NULL OR submission = ?) AND (? OR withdrawn IS NULL) ORDER BY id",
            (submission, submission, all_of_them),
        )
        return [Override(*r) for r in found]

    def override(self, new: Override) -> None:
        """Set points by hand. An earlier override of the same place is withdrawn, and stays in the history."""
        with self.transaction():
            self._withdraw(new.submission, new.exercise, new.stage)
            self._ask(
                "INSERT INTO override (submission, exercise, stage, points, reason, who, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (new.submission, new.exercise, new.stage, new.points, new.reason, new.who, now()),
            )

    def withdraw(self, submission: str, exercise: str | None, stage: str | None) -> int:
        """Take an override back; how many there were."""
        with self.transaction():
            return self._withdraw(submission, exercise, stage)

    def _withdraw(self, submission: str, exercise: str | None, stage: str | None) -> int:
        return self._ask(
            "UPDATE override SET withdrawn = ? "
            "WHERE submission = ? AND exercise IS ? AND stage IS ? AND withdrawn IS NULL",
            (now(), submission, exercise, stage),
        ).rowcount

    # -- pages

    def pages(self) -> Mapping[str, Page]:
        """Every page that a run wrote, by file name."""
        return {f: Page(*rest) for f, *rest in self._ask("SELECT file, made_of, size, time FROM page")}

    def keep_pages(self, pages: Mapping[str, Page], gone: Sequence[str] = ()) -> None:
        """Remember what was written, forget what was removed."""
        with self.transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?)",
                [(file, p.made_of, p.size, p.time) for file, p in pages.items()],
            )
            self._db.executemany("DELETE FROM page WHERE file = ?", [(file,) for file in gone])


def _same(old: Attempt, new: Attempt) -> bool:
    """Is it the version that was graded last, with the same outcome?"""
    mine, theirs = ((a.digest, a.key, a.labels, a.status, a.points, a.max_points) for a in (old, new))
    return mine == theirs
