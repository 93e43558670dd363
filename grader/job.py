"""What a run of a class needs, and what becomes of a submission in it: whether it has to be run, which attempt counts,
what lateness costs, what people set by hand."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from grader import __version__, atomic, fingerprint, lateness, messages
from grader.exercise import AnnotationError, Outcome
from grader.gradebook import Attempt, Begun, Gradebook, Override, Page, Plan, Result
from grader.intake import Handed, Intake
from grader.kit import Kit, KitError
from grader.limits import Limits
from grader.marker import Marker
from grader.pool import pool
from grader.reports import machine
from grader.scoring import SubmissionMark, nothing
from grader.submission import Submission
from grader.visible import visible
from grader.work import Fault, Grader, Pool, Setup


@dataclass(frozen=True)
class Done:
    """A submission with its result: the row as people's decisions leave it."""

    row: dict[str, Any]
    answers: str = "{}"  # as JSON
    seconds: str = "{}"
    fault: str | None = None


@dataclass(frozen=True)
class Open:
    """A submission that has to be run."""

    name: str
    digest: str | None
    key: str
    labels: tuple[str, ...]
    handed_in: str | None
    units: Sequence[Submission]


@dataclass
class Job:
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
    late: lateness.Late | None = None
    rule: dict[str, Any] | None = None  # what `run.json` keeps of it
    part: str = ""
    timed: bool = True  # a file's own time says when it was handed in; not so in what an LMS made
    digests: dict[str, str | None] = field(default_factory=dict)
    _pool: Pool | None = None

    @property
    def marker(self) -> Marker:
        return self.grader.marker

    @property
    def pool(self) -> Pool:
        if self._pool is None:
            self._pool = pool(self.grader, self.count, self.scheduler)
        return self._pool

    @property
    def said(self) -> bool:
        """Was the deadline said for this folder?"""
        return self.rule is not None and bool(self.rule["said"])

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
        return fingerprint.setup(
            self.kit.config.title, self.part, self.outline, self.show_expected, fingerprint.grader_version()
        )

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

    def digest(self, handed: Handed) -> str | None:
        """Of a submission as it lies there, looked at once; None where it must be looked at."""
        if handed.key not in self.digests:
            linked = any(f.path.is_symlink() for f in handed.files)
            self.digests[handed.key] = None if linked else fingerprint.digest(_files(handed))
        return self.digests[handed.key]

    def made_of(self, delivery: Intake) -> str | None:
        """A hash of everything that the files of the whole run are made of, None where that cannot be told."""
        found = []
        for handed in delivery.rows:
            digest = self.digest(handed) if handed.files else ""
            if digest is None:
                return None
            found.append((handed.key, digest, handed_in_at(handed, self.timed) if self.late else None))
        about = self.about(delivery.source, len(found))
        return fingerprint.setup(
            self.look, self.plan.setup, self.begun.generation, self.kit.config, self.late, self.said, about,
            delivery.as_json(), found, self.overrides,
        )  # fmt: skip

    def looked_up(self, handed: Handed) -> Done | Open | None:
        """The row of a submission from the book, or what has to be run; None where nothing is to be run any more."""
        if not handed.files:
            return self._nobody(handed)
        name, files = handed.key, _files(handed)
        digest = self.digest(handed)
        known = self.book.known(digest, self.plan.setup, self.begun) if digest is not None else None
        handed_in = handed_in_at(handed, self.timed)  # kept also where there is no rule for late ones yet
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
            return Open(name, digest, key, tuple(labels), handed_in, units)
        self.reused += 1
        return self._kept(name, digest, key, tuple(labels), handed_in, result)

    def settled(self, found: Open, outcome: Result | Fault, first: bool) -> Done:
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
    ) -> Done:
        """Commit a result, and choose the attempt that counts."""
        row = _row(result, name, labels)
        attempt = Attempt(name, row["status"], row["points"], row["max_points"], digest, key, labels, handed_in)
        history = self.book.keep(self.begun, self.plan.setup, attempt, new)
        if self.kit.config.attempts == "best":
            best = self._best(history)
            stands = self._comparable(best)
            if stands is not None:
                attempt, result = best, stands
                row = _row(result, name, best.labels)
        else:
            attempt = history[-1]
        return Done(self._decided(row, attempt, history), result.answers, result.seconds)

    def _best(self, history: Sequence[Attempt]) -> Attempt:
        """The attempt with the most points after what lateness costs; of equal ones the last."""
        comparable = [a for a in history if self._comparable(a) is not None]
        return max(comparable, key=lambda a: (a.points * (1 - self._late(a) / 100), a.id))

    def _comparable(self, attempt: Attempt) -> Result | None:
        """Its result, if it was marked as this run marks: with another kit or other exercises points mean something
        else. That of an earlier generation stands: its files are gone, so a fresh run cannot make it again."""
        return self.book.result(attempt.key, setup=self.plan.setup) if attempt.key is not None else None

    def _late(self, attempt: Attempt) -> float:
        rule = self.late
        if rule is None or attempt.handed_in is None:
            return 0.0
        return lateness.percent(rule, datetime.fromisoformat(attempt.handed_in))

    def _decided(self, row: dict[str, Any], attempt: Attempt, history: Sequence[Attempt]) -> dict[str, Any]:
        """With what the rule for late ones says, which attempt it is, and what people set by hand."""
        versions = [a.digest for a in history]
        if len(set(versions)) > 1:
            order = list(dict.fromkeys(versions))
            row["attempt"] = {"number": order.index(attempt.digest) + 1, "of": len(order)}
        rule = self.late
        if rule is not None and attempt.handed_in is not None:
            at = datetime.fromisoformat(attempt.handed_in)
            if lateness.hours(rule, at):
                row["late"] = {"hours": round(lateness.hours(rule, at), 2), "percent": lateness.percent(rule, at)}
        decided = self.overrides.get(row["submission"])
        if decided:
            row["override"] = [by_hand(one) for one in decided]
        return row

    def _nobody(self, handed: Handed) -> Done:
        """The row of somebody of the roster who handed in nothing, this time: work that was graded before is named,
        and what was set of it by hand counts."""
        marks = tuple(nothing(e, Outcome.MISSING) for e in self.marker.exercises)
        names = {handed.key.casefold()}.union(*(person.called for person in handed.people))
        history = sorted((a for name in names for a in self._graded.get(name, ())), key=lambda a: a.id)
        told = messages.handed_in_before(history[-1].points, history[-1].max_points) if history else None
        mark = SubmissionMark(handed.key, "missing", marks, told or messages.NOT_HANDED_IN)
        row = machine.submission(mark, timed=False)
        if history:
            row["before"] = history[-1].points
            self.overrides.setdefault(handed.key, self.overrides.get(history[-1].submission, []))
        return Done(self._decided(row, Attempt(handed.key, "missing", 0, row["max_points"]), ()))

    @cached_property
    def _graded(self) -> dict[str, list[Attempt]]:
        """What was graded, by the name of the submission in small letters."""
        found: dict[str, list[Attempt]] = {}
        for one in self.book.attempts():
            if one.status == "graded":
                found.setdefault(one.submission.casefold(), []).append(one)
        return found

    def _fault(self, name: str, digest: str | None, handed_in: str | None, fault: Fault) -> Done:
        marks = tuple(nothing(e, Outcome.FAULT) for e in self.marker.exercises)
        mark = SubmissionMark(name, str(Outcome.FAULT), marks, fault.told)
        row = machine.submission(mark, timed=False)
        attempt = Attempt(name, row["status"], row["points"], row["max_points"], digest, handed_in=handed_in)
        history = self.book.keep(self.begun, self.plan.setup, attempt)
        told = messages.fault_report(name, fault.kind, fault.places, fingerprint.grader_version(), fault.exercise)
        return Done(self._decided(row, history[-1], history), fault=told)


def job_of(
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
    strict: bool,
) -> Job:
    """The run is entered in the book, with its seed, before anything is graded. `strict`: submissions are kept from
    files and system calls; what was marked without that does not count where it is enforced, nor the other way."""
    last = book.last()
    if seed is None:
        seed = last[0].seed if last is not None else secrets.randbits(62)
    version, kit_version = fingerprint.grader_version(), fingerprint.kit_version(kit, layout)
    setup = fingerprint.setup(version, kit_version, seed, sorted(only), layout, limits, strict)
    plan = Plan(str(folder.resolve()), place_of(folder, out), kit.config.title, kit_version, version, seed, setup)
    grader = Grader(kit, Setup(kit.root, seed, tuple(sorted(only)), layout, limits, require))
    return Job(kit, book, book.begin(plan, fresh), plan, out, grader, layout, show_expected)


def place_of(folder: Path, out: Path) -> str:
    """Where the class is, as seen from the output."""
    try:
        return os.path.relpath(folder.resolve(), out.resolve())
    except ValueError:  # on another drive
        return str(folder.resolve())


def _files(handed: Handed) -> list[tuple[str, Path]]:
    return [(f.name, f.path) for f in handed.files]


def _read(marker: Marker, files: Sequence[tuple[str, Path]], name: str) -> list[Submission]:
    for label, path in files:
        if path.is_symlink():  # from a class's archive it may lead to what is somebody else's
            return [Submission(name, problem=f"{visible(label)} is a link, and links are not followed")]
    return marker.read(files, name)


def handed_in_at(handed: Handed, timed: bool) -> str | None:
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
    return datetime.fromtimestamp(max(times), UTC).isoformat(timespec="seconds") if times else None


def _row(result: Result, name: str, labels: Sequence[str]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(fingerprint.named(result.row, name, labels))
    return made


def by_hand(one: Override) -> dict[str, Any]:
    place = {"exercise": one.exercise, "stage": one.stage}
    return {
        "points": one.points,
        **{k: v for k, v in place.items() if v is not None},
        "reason": visible(one.reason),
        "who": visible(one.who),
    }
