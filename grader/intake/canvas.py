"""Canvas's "Download Submissions": one flat folder of files.

Canvas names each file `NAME[_LATE]_USERID_FILEID_ORIGINAL` (lib/content_zipper.rb: the sortable name, in lower case,
without anything but letters, digits and underscores; of a group, the group's name and one member's id; of an
anonymous assignment `anon_CODE` instead of name and id). Text and links that were typed in are
`NAME[_LATE]_USERID_text.html` and `..._link.html`. A second upload of a name gets `-1`, `-2` before its ending.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.intake.facts import File, Handed, Note, Person, Skipped

NAME = re.compile(
    r"(?:(?!LATE_)(?P<who>\w+?)_)?(?:(?P<late>LATE)_)?(?P<id>\d+|anon_[A-Za-z0-9]+)_"
    r"(?:(?P<file>\d+)_(?P<name>.+)|(?P<typed>text|link)\.html)",
    re.DOTALL,
)
SUFFIX = re.compile(r"(?P<stem>.+)-(?P<number>[1-9]\d?)(?P<ending>\.\w+)?")


@dataclass(frozen=True)
class Claim:
    path: Path
    place: str  # what comes before the file's number
    who: str
    id: str
    late: bool
    file: int
    name: str

    @property
    def typed(self) -> bool:
        return self.file == 0

    @property
    def family(self) -> str:
        """The name without the number of a repeated upload."""
        found = SUFFIX.fullmatch(self.name)
        return self.name if found is None else found["stem"] + (found["ending"] or "")


def claim(path: Path) -> Claim | None:
    found = NAME.fullmatch(path.name)
    who = (found["who"] or "") if found else ""
    if found is None or who != who.lower() or path.is_dir():
        return None
    identity = found["id"]
    if who == "anon" and identity.isdigit():
        who, identity = "", f"anon_{identity}"
    place = path.name[: found.start("file") if found["file"] else found.start("typed")]
    name = found["name"] or f"{found['typed']}.html"
    return Claim(path, place, who, identity, found["late"] is not None, int(found["file"] or 0), name)


def gather(claims: Sequence[Claim], root: Path) -> tuple[list[Handed], list[Skipped], list[Note]]:
    """A submission a user id."""
    handed, skipped, notes = [], [], []
    whole = {c.name for c in claims if c.family == c.name}
    by_id: dict[str, list[Claim]] = defaultdict(list)
    for c in claims:
        by_id[c.id].append(c)
    for identity, mine in by_id.items():
        names = {c.who for c in mine}
        if len(names) > 1:
            notes.append(Note("names", (identity, ", ".join(sorted(names)))))
        first = mine[0]
        kept, older, attempt, doubts = _attempts(mine, whole)
        skipped += [Skipped(c.path.name, "older") for c in older]
        notes += [Note("attempts?", (first.who or identity, ", ".join(names))) for names in doubts]
        handed.append(
            Handed(
                key=first.who or identity,
                people=(Person(first.who, identity),),
                files=tuple(File(c.name, c.path) for c in kept),
                attempt=attempt,
                attempts=1 + len(older),
                late=any(c.late for c in kept),
                place=min(kept, key=lambda c: (c.typed, c.file)).place + (str(kept[0].file) if kept[0].file else ""),
            )
        )
    return handed, skipped, notes


def _attempts(
    mine: Iterable[Claim], whole: set[str]
) -> tuple[list[Claim], list[Claim], int | None, list[tuple[str, ...]]]:
    """Files that count, files of older attempts, the attempt's number if known, and names that could be either.

    `lab.ipynb` and `lab-1.ipynb` are two attempts, the later one counts. `part-1.ipynb` and `part-2.ipynb` without a
    `part.ipynb` may be attempts or two files: both count, and somebody is told. Whether a lone `lab-2.ipynb` is a third
    attempt is told by somebody else's `lab.ipynb`.
    """
    families: dict[str, list[Claim]] = defaultdict(list)
    for c in sorted(mine, key=lambda c: (c.typed, c.file)):
        families[c.family].append(c)
    kept, older, doubts, attempts = [], [], [], []
    for family, members in families.items():
        repeated = family in whole
        if len(members) > 1 and not repeated:
            doubts.append(tuple(c.name for c in members))
        kept += members[-1:] if repeated else members
        older += members[:-1] if repeated else []
        if repeated and (found := SUFFIX.fullmatch(members[-1].name)) and members[-1].name != family:
            attempts.append(int(found["number"]) + 1)
    return kept, older, max(attempts, default=None), doubts
