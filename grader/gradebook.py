"""The gradebook of a run's folder: what was graded, when, by what; committed result by result.

It knows nothing of grading: results are JSON text under a hash of all that they were made from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from json import dumps, loads

from grader.tables import Tables


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


class Gradebook(Tables):
    """The open book, a method for every question that is asked of it."""

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
