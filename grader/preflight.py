"""Before a class is graded: what differs from the last run, and whether the references are what students were given.

`past` is what `run.json` of the last run in the folder says; what is told of the deadline and the references is told
again by a run that goes on where another one was ended.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from grader import fingerprint, messages
from grader.kit import Kit
from grader.lateness import Late
from grader.public import PUBLIC_SEED, StaleData, strayed
from grader.reference import Reference
from grader.replay import oracle_for

Note = Callable[[str], None]


def late_rule(
    kit: Kit, deadline: datetime | None, past: Mapping[str, Any], note: Note
) -> tuple[Late | None, dict[str, Any] | None]:
    """The rule, and what `run.json` keeps of it: the deadline, whether it was said for this folder, and that of the
    last run that came to its end where it was another one."""
    kept = past.get("late")
    before: Mapping[str, Any] = kept if isinstance(kept, dict) else {}
    was = _time(before.get("before")) or _time(before.get("deadline"))
    said = deadline is not None or (bool(before.get("said")) and _time(before.get("deadline")) is not None)
    now = deadline or (_time(before.get("deadline")) if said else None)
    rule = kit.config.late
    if now is not None:
        rule = replace(rule, deadline=now) if rule is not None else Late(now)
    if was is not None and (rule is None or rule.deadline != was):
        note(messages.deadline_changed(was, rule.deadline if rule is not None else None, deadline is None))
    if rule is None:
        return None, None
    about = {"deadline": rule.deadline.isoformat(), "said": said}
    return rule, about if was is None or was == rule.deadline else {**about, "before": was.isoformat()}


def exercises_changed(past: Mapping[str, Any], now: Sequence[str], moved: str, note: Note) -> None:
    """Told where the last run of the same work marked other exercises."""
    was = past.get("exercises")
    if isinstance(was, list) and not moved and set(was) != set(now):
        gone, new = [n for n in was if n not in now], [n for n in now if n not in was]
        note(messages.exercises_changed(gone, new, len(now)))


def _time(text: Any) -> datetime | None:
    """A time with its zone; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None


def strays(kit: Kit, version: str, exercises: Collection[str], past: Mapping[str, Any], note: Note) -> dict[str, Any]:
    """Tell of references that are not those that students check themselves against: changed since, or by mistake.
    Returns what `run.json` keeps, so that it is found out once for a version of the kit."""
    files = sorted(kit.public_data / f"{name}.npz" for name in exercises)
    data = sha256(b"".join(sha256(p.read_bytes()).digest() for p in files if p.is_file())).hexdigest()
    key = fingerprint.setup(version, data)
    kept = past.get("references")
    if not isinstance(kept, dict) or kept.get("checked") != key:
        kept = {"checked": key, "strays": [told for r in kit.some(exercises) if (told := _stray(kit, r))]}
    for line in kept["strays"]:
        note(line)
    return kept


def _stray(kit: Kit, reference: Reference) -> str | None:
    path = kit.public_data / f"{reference.name}.npz"
    try:
        stage = strayed(path, oracle_for(reference, PUBLIC_SEED))
    except StaleData:
        return messages.damaged(f"data/public/{path.name}")
    return None if stage is None else messages.strayed(reference.name, stage, reference.path.name)
