"""The SQLite file under the gradebook: its tables and their versions, who may open it, and what its errors mean.

A process may be killed at any moment; whoever opens the file next finds every transaction that was committed, whole.
One process has it at a time. The tables are described in docs/gradebook.md.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

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


def exists(folder: Path) -> bool:
    """Is there a gradebook with at least its tables?"""
    return (folder / FILE).is_file() and (folder / FILE).stat().st_size > 0


class Tables:
    """The open file. Use as a context manager. Raises KitError where it cannot be used, CannotWrite where full."""

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

    def __enter__(self) -> Self:
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
            barred = not all(os.access(p, os.W_OK) for p in (self.path, self.path.parent) if p.exists())
            if "readonly" in said or "unable to open" in said or ("I/O" in said and barred):
                raise KitError(
                    f"{self.path} cannot be written: name a folder that you may write to, or make this one and the "
                    "file writable (chmod u+w)"
                ) from error
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
