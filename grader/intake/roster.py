"""A roster: a CSV of people as an LMS exports it, and whose submission is whose.

Columns are known by what exports call them: Canvas's grade book (Student, ID, SIS User ID, SIS Login ID), Moodle's
grading worksheet (Identifier, Full name, ID number, Email address) and participant list (First name, Surname),
Gradescope's (First Name, Last Name, SID, Email), GitHub Classroom's (identifier, github_username, name), and plain
ones (name, id, login, email).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from grader.intake.facts import Handed, Lms, Note, Person
from grader.intake.table import Table, TableError

KNOWN = {
    "name": ("student", "name", "full name", "student name", "display name", "fullname", "full"),
    "first": ("first name", "firstname", "given name", "first", "vorname"),
    "last": ("last name", "lastname", "surname", "family name", "last", "nachname"),
    "id": ("id", "identifier", "user id", "canvas user id", "student id", "participant"),
    "sid": ("sis user id", "sid", "id number", "student number", "matriculation number", "sis id", "orgdefinedid"),
    "login": ("sis login id", "login", "login id", "username", "user name", "user", "netid", "github_username"),
    "email": ("email", "e-mail", "email address", "mail"),
}
NO_STUDENT = re.compile(r"\s*(?:points possible|manual posting.*|muted)?\s*", re.IGNORECASE)
TEST_STUDENT = ("student, test", "test student")


@dataclass(frozen=True)
class Columns:
    """Which column of a table holds what; None where there is none."""

    name: int | None = None
    first: int | None = None
    last: int | None = None
    id: int | None = None
    sid: int | None = None
    login: int | None = None
    email: int | None = None


def columns(table: Table) -> Columns:
    """The columns that say who a row is about. Raises TableError where there is none."""
    header = [h.casefold().removeprefix("#") for h in table.header]
    found = {field: next((header.index(n) for n in names if n in header), None) for field, names in KNOWN.items()}
    if all(at is None for at in found.values()):
        shown = ", ".join(table.header[:8])
        raise TableError(f"no column says who a row is about (name, id, login, email ...); its columns: {shown}")
    return Columns(**found)


def people(table: Table) -> dict[int, Person]:
    """Who each row is about, by number of the row; rows about nobody and test students are left out."""
    at = columns(table)
    found = {}
    for row in range(1, len(table.rows)):
        person = _person(table, row, at)
        if person.name.casefold() in TEST_STUDENT or (
            NO_STUDENT.fullmatch(person.name) and not (person.id or person.sid or person.login or person.email)
        ):
            continue
        found[row] = person
    return found


def _person(table: Table, row: int, at: Columns) -> Person:
    name = table.value(row, at.name) or f"{table.value(row, at.first)} {table.value(row, at.last)}".strip()
    identity = table.value(row, at.id)
    numbered = re.fullmatch(r"\D*?[ _](\d+)", identity)  # Moodle: "Participant 123", in any language
    return Person(
        name,
        numbered[1] if numbered else identity,
        table.value(row, at.login),
        table.value(row, at.sid),
        table.value(row, at.email),
    )


# -- whose is whose


def squeezed(name: str) -> str:
    """A name as Canvas puts it into file names: lower case, letters, digits and underscores alone."""
    return re.sub(r"\W", "", unicodedata.normalize("NFC", name).casefold())


def words(name: str) -> tuple[str, ...]:
    """A name whatever its order: `Lovelace, Ada` and `Ada Lovelace` are equal."""
    return tuple(sorted(re.findall(r"\w+", unicodedata.normalize("NFC", name).casefold())))


def sortable(name: str) -> frozenset[str]:
    """What Canvas may make of a name in a file name: the last name comes first, and only a comma tells which it is."""
    parts = name.split()
    turns = range(1) if "," in name else range(len(parts))
    return frozenset(squeezed("".join(parts[n:] + parts[:n])) for n in turns)


def _fold(text: str) -> str:
    return text.strip().casefold()


def _account(email: str) -> str:
    return _fold(email).partition("@")[0]


# What identifies a person, the surest first: (of the delivery, of the roster, where a set is what it may be)
KEYS: tuple[tuple[Callable[[Person], object], Callable[[Person], object]], ...] = (
    (lambda p: p.id, lambda p: p.id),
    (lambda p: p.sid, lambda p: p.sid),
    (lambda p: _fold(p.email), lambda p: _fold(p.email)),
    (lambda p: _fold(p.login), lambda p: _fold(p.login)),
    (lambda p: _fold(p.name), lambda p: _fold(p.login)),
    (lambda p: p.name, lambda p: p.sid),
    (lambda p: p.name, lambda p: p.id),
    (lambda p: _fold(p.name), lambda p: _account(p.email)),
    (lambda p: _fold(p.login), lambda p: _account(p.email)),
    (lambda p: words(p.name), lambda p: words(p.name)),
    (lambda p: squeezed(p.name), lambda p: sortable(p.name)),
)


class Finder:
    """Looks people up in a roster by everything that is known of them."""

    def __init__(self, known: Sequence[Person]) -> None:
        self.known = known
        self.indexes: list[dict[object, list[int]]] = []
        for _, of_roster in KEYS:
            index: dict[object, list[int]] = defaultdict(list)
            for number, person in enumerate(known):
                keys = of_roster(person)
                for key in keys if isinstance(keys, frozenset) else (keys,):
                    index[key].append(number)
            self.indexes.append(index)

    def find(self, person: Person) -> list[int]:
        """Numbers of those it may be: one is certain, several are people that cannot be told apart, none is unknown."""
        for (of_delivery, _), index in zip(KEYS, self.indexes, strict=True):
            wanted = of_delivery(person)
            if wanted and (found := index.get(wanted)):
                return found
        return []


def match(handed: Sequence[Handed], known: Sequence[Person], lms: Lms) -> tuple[list[Handed], list[Handed], list[Note]]:
    """Submissions with what the roster adds to their people; rows for those who handed in nothing; what was unclear."""
    finder = Finder(known)
    notes, made = [], []
    taken: dict[int, str] = {}
    doubtful: set[int] = set()
    for h in handed:
        filled = []
        for person in h.people:
            found = finder.find(person)
            if len(found) == 1 and found[0] in taken:
                notes.append(Note("twice", (known[found[0]].name, taken[found[0]], h.key)))
            elif len(found) == 1:
                one = known[found[0]]
                if person.name.casefold() not in one.called and not _alike(person.name, one.name):
                    notes.append(Note("other name", (h.key, person.name, one.name)))
                taken[found[0]] = h.key
                filled.append(_filled(person, known[found[0]]))
                continue
            elif found:
                doubtful.update(found)
                notes.append(Note("namesakes", (h.key, "; ".join(_known_as(known[n]) for n in found))))
            else:
                notes.append(Note("stranger", (h.key,)))
            filled.append(person)
        made.append(replace(h, people=tuple(filled)))
    missing = [
        Handed(_key(p, lms), (p,), attempts=0) for n, p in enumerate(known) if n not in taken and n not in doubtful
    ]
    return made, missing, notes


def _key(person: Person, lms: Lms) -> str:
    """The key of a row without a submission, as the LMS would have named one."""
    name = squeezed(person.name) if lms is Lms.CANVAS else person.name
    return name or person.login or person.email or person.sid or person.id


def _alike(name: str, known: str) -> bool:
    """May these be one person? Only asked of those whose number or account is the same."""
    if not name or not known or squeezed(name) == squeezed(known) or words(name) == words(known):
        return True
    return any(word in squeezed(name) for word in words(known) if len(word) > 1)


def _known_as(person: Person) -> str:
    return ", ".join(v for v in (person.name, person.id or person.sid or person.login or person.email) if v)


def _filled(person: Person, known: Person) -> Person:
    return Person(
        known.name or person.name,
        person.id or known.id,
        known.login or person.login,
        known.sid or person.sid,
        known.email or person.email,
    )
