"""Which LMS a folder or zip comes from, told by the names in it, and what it holds."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.intake import archive, blackboard, brightspace, canvas, github, gradescope, moodle, plain, roster, table
from grader.intake.facts import Handed, Intake, Lms, Note, Person, Skipped
from grader.intake.walk import barred, entries
from grader.visible import visible

READERS: dict[Lms, Any] = {
    Lms.CANVAS: canvas,
    Lms.MOODLE: moodle,
    Lms.GRADESCOPE: gradescope,
    Lms.BLACKBOARD: blackboard,
    Lms.BRIGHTSPACE: brightspace,
    Lms.GITHUB: github,
}
MAJORITY = 0.5  # of a folder's entries must be named as an LMS names them, or the folder is read as a plain one
DEPTH = 3  # folders in folders that are looked into, as zips often hold one folder


@contextlib.contextmanager
def opened(path: Path, known: Sequence[Person] = (), lms: Lms | None = None) -> Iterator[Intake]:
    """What a folder or a zip of a class holds; a zip is unpacked for as long as the context is open.

    `known` is the roster: people without a submission become rows. `lms` says what it is instead of looking.
    Raises archive.ArchiveError.
    """
    with contextlib.ExitStack() as stack:
        skipped: list[Skipped] = []
        folder = path
        if path.is_file():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-")))
            skipped = archive.unpack(path, folder)
        found = read(folder, path.name, lms)
        handed, notes = list(found.handed), list(found.notes)
        missing: list[Handed] = []
        if known:
            handed, missing, more = roster.match(handed, known, found.lms)
            notes += more
        rows = _unique([*handed, *missing])
        yield replace(
            found,
            path=path,
            handed=tuple(sorted(rows[: len(handed)], key=lambda h: h.key)),
            missing=tuple(sorted(rows[len(handed) :], key=lambda h: h.key)),
            skipped=(*skipped, *found.skipped),
            notes=tuple(notes),
        )


def read_roster(path: Path) -> list[Person]:
    """The people of a roster CSV. Raises table.TableError."""
    found = list(roster.people(table.read(path)).values())
    if not found:
        raise table.TableError(f"{path.name} has no row about a person")
    return found


def read(folder: Path, source: str, lms: Lms | None = None) -> Intake:
    """What a folder holds, without a roster."""
    here, claims, chosen = _look(folder, lms)
    names = entries(here)
    if chosen is Lms.PLAIN:
        notes = _one_folder(names)
        notes += [Note("some", (str(who), str(len(found)), str(len(names)))) for who, found in claims.items() if found]
        return Intake(chosen, source, folder, tuple(plain.gather(names)), notes=tuple(notes))
    if chosen is Lms.GITHUB and claims[chosen]:  # among clones, one that cannot be looked into is one too
        claims[chosen] = {p: github.Claim(p) for p in names if p in claims[chosen] or barred(p)}
    reader = READERS[chosen]
    handed, skipped, notes = reader.gather(list(claims[chosen].values()), here)
    beside: set[str] = getattr(reader, "BESIDE", set())
    for name in names:
        if name not in claims[chosen] and name.name not in beside:
            other = next((str(who) for who, found in claims.items() if name in found), "")
            skipped.append(Skipped(name.name, "other" if other else "unknown", other))
    return Intake(chosen, source, folder, tuple(handed), skipped=tuple(skipped), notes=tuple(notes))


def _one_folder(names: Sequence[Path]) -> list[Note]:
    """One folder is one submission, or that of a class: a person is told which it was taken for."""
    if len(names) != 1 or not names[0].is_dir():
        return []
    inside = entries(names[0])
    return [Note("one folder", (names[0].name, str(len(inside))))] if len(inside) > 1 else []


def _look(folder: Path, lms: Lms | None) -> tuple[Path, dict[Lms, dict[Path, Any]], Lms]:
    """The folder that holds the submissions (it may be the only one in a zip), who claims what, and the choice."""
    here = folder
    for _ in range(DEPTH):
        claims, chosen = _claims(here, lms)
        if chosen is not Lms.PLAIN and claims[chosen]:
            return here, claims, chosen
        inside = entries(here)
        if len(inside) != 1 or not inside[0].is_dir():
            break
        here = inside[0]
    claims, chosen = _claims(folder, lms)
    return folder, claims, chosen


def _claims(folder: Path, lms: Lms | None) -> tuple[dict[Lms, dict[Path, Any]], Lms]:
    names = entries(folder)
    claims: dict[Lms, dict[Path, Any]] = {}
    counted = len(names)
    for who, reader in READERS.items():
        claims[who] = {p: c for p in names if (c := reader.claim(p)) is not None}
    if lms is not None:
        return claims, lms
    best = max(READERS, key=lambda who: len(claims[who]))
    beside = sum(p.name in getattr(READERS[best], "BESIDE", set()) for p in names)
    return claims, best if claims[best] and len(claims[best]) > MAJORITY * (counted - beside) else Lms.PLAIN


def _unique(rows: Sequence[Handed]) -> list[Handed]:
    """Keys made different: by the person's number, and where that does not tell them apart by counting."""
    keys = Counter(visible(h.key).casefold() for h in rows)
    made: list[Handed] = []
    used: set[str] = set()
    for h in rows:
        key = visible(h.key) or "_"
        person = h.people[0] if h.people else Person()
        if keys[key.casefold()] > 1:
            told = person.id or person.sid or person.login or person.email
            key = f"{key}_{told}" if told else key
        base, number = key, 1
        while key.casefold() in used:
            number += 1
            key = f"{base}_{number}"
        used.add(key.casefold())
        made.append(replace(h, key=key))
    return made
