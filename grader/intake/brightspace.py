"""Brightspace's (D2L's) download of an assignment folder.

Folders `NUMBER-NUMBER - Full Name - Sep 24, 2024 926 PM`, an `index.html` that lists them; or the same prefix in front
of every file, flat. A student who handed in twice has two folders: the last one counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.intake.facts import File, Handed, Note, Person, Skipped
from grader.intake.walk import files_below

DATE = r"(?:[^\W\d]+\.? \d{1,2}|\d{1,2} [^\W\d]+\.?),? \d{4},? \d{3,4}(?: ?[AP]M)?"
NAME = re.compile(rf"(?P<place>(?P<ids>\d+-\d+) - (?P<name>.+?) - (?P<when>{DATE}))(?: - (?P<file>.+))?", re.DOTALL)
BARE = re.compile(r"(?P<place>(?P<ids>\d+-\d+) - (?P<name>.+?)) - (?P<file>.+\.\w+)", re.DOTALL)
BESIDE = {"index.html"}


@dataclass(frozen=True)
class Claim:
    path: Path
    place: str
    ids: str
    name: str
    when: str
    file: str  # "" for a folder


def claim(path: Path) -> Claim | None:
    found = NAME.fullmatch(path.name)
    if found is not None and bool(found["file"]) != path.is_dir():
        return Claim(path, found["place"], found["ids"], found["name"], found["when"], found["file"] or "")
    found = BARE.fullmatch(path.name)
    if found is None or path.is_dir():
        return None
    return Claim(path, found["place"], found["ids"], found["name"], "", found["file"])


def gather(claims: Sequence[Claim], root: Path) -> tuple[list[Handed], list[Skipped], list[Note]]:
    """A submission a student, who is known by name and numbers."""
    by_who: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for c in claims:
        by_who[c.name, c.ids].append(c)
    handed, skipped, notes = [], [], []
    for (name, ids), mine in by_who.items():
        places: dict[str, list[Claim]] = defaultdict(list)
        for c in mine:
            places[c.place].append(c)
        times = {place: when(found[0].when) for place, found in places.items()}
        if len(places) > 1 and None in times.values():
            notes.append(Note("undated", (name, ", ".join(sorted(places)))))
        order = sorted(places, key=lambda p: (times[p] or datetime.min, p))
        last = order[-1]
        skipped += [Skipped(c.path.name, "older") for place in order[:-1] for c in places[place]]
        files = [f for c in places[last] for f in ([File(c.file, c.path)] if c.file else files_below(c.path))]
        if not files:
            skipped.append(Skipped(places[last][0].path.name, "empty"))
            continue
        time = times[last]
        handed.append(
            Handed(
                name,
                (Person(name, ids),),
                tuple(files),
                attempt=len(order) if len(order) > 1 else None,
                attempts=len(order),
                submitted=time.isoformat() if time else None,
                place=last,
            )
        )
    return handed, skipped, notes


def when(text: str) -> datetime | None:
    """`Sep 24, 2024 926 PM` or `24 September, 2024 2126`; None where it is no date in English."""
    found = re.fullmatch(r"(.+?),? (\d{4}),? (\d{1,2})(\d\d)(?: ?([AP]M))?", text)
    if found is None:
        return None
    day, year, hour, minute, half = found.groups()
    words = day.replace(".", "").replace(",", "").split()
    month, number = (words[0], words[1]) if words[1].isdigit() else (words[1], words[0])
    clock = f"{int(hour):02}:{minute} {half}" if half else f"{int(hour):02}:{minute}"
    for form in ("%b", "%B"):
        try:
            return datetime.strptime(
                f"{month} {number} {year} {clock}", f"{form} %d %Y {'%I:%M %p' if half else '%H:%M'}"
            )
        except ValueError:
            continue
    return None
