"""Gradescope's "Export submissions": folders `submission_NUMBER` and a `submission_metadata.yml` that says whose.

The metadata is YAML written by Ruby: keys begin with a colon (`:submitters:`, `:name:`, `:sid:`, `:email:`,
`:created_at:`, `:history:`), and some exports carry Ruby's own type tags, which are read as plain data here.
Assignments of single files have `NUMBER.ending` beside the metadata instead of a folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from grader.intake.facts import File, Handed, Note, Person, Skipped
from grader.intake.walk import files_below

METADATA = "submission_metadata.yml"
BESIDE = {METADATA}
MOST = 64 << 20  # bytes of metadata; a class of a thousand with all its test output stays below
NAME = re.compile(r"submission_\d+|(?P<alone>\d+)\.\w+")


@dataclass(frozen=True)
class Claim:
    path: Path


def claim(path: Path) -> Claim | None:
    found = NAME.fullmatch(path.name)
    if found is None or path.is_dir() == bool(found["alone"]):
        return None
    return Claim(path) if path.is_dir() or (path.parent / METADATA).is_file() else None


def gather(claims: Sequence[Claim], root: Path) -> tuple[list[Handed], list[Skipped], list[Note]]:
    """A submission a folder; all submitters of a group share it."""
    known, notes = _metadata(root / METADATA)
    handed, skipped = [], []
    places = {c.path.name: c.path for c in claims}
    for place, path in places.items():
        about = known.get(place, {})
        people = tuple(_person(p) for p in _list(about.get(":submitters")))
        files = tuple(files_below(path)) if path.is_dir() else (File(path.name, path),)
        if not files:
            skipped.append(Skipped(place, "empty"))
            continue
        if not people and known:
            notes.append(Note("nobody", (place,)))
        key = " + ".join(p.name for p in people if p.name)[:80] or Path(place).stem
        attempts = len(_list(about.get(":history"))) + 1
        handed.append(
            Handed(
                key,
                people,
                files,
                attempt=attempts if about else None,
                submitted=_when(about.get(":created_at")),
                place=place,
            )
        )
    skipped += [Skipped(place, "no files") for place in known if place not in places]
    return handed, skipped, notes


def _metadata(path: Path) -> tuple[Mapping[str, Mapping[str, Any]], list[Note]]:
    import yaml

    class Loader(yaml.SafeLoader):
        """Safe, and deaf to Ruby's type tags."""

    def plain(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None

    Loader.add_multi_constructor("!", plain)
    if not path.is_file():
        return {}, [Note("no metadata", (METADATA,))]
    try:
        if path.stat().st_size > MOST:
            return {}, [Note("bad metadata", (METADATA, f"larger than {MOST >> 20} MB"))]
        data = yaml.load(path.read_text(encoding="utf-8-sig", errors="replace"), Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return {}, [Note("bad metadata", (METADATA, str(error).splitlines()[0]))]
    if not isinstance(data, dict):
        return {}, [Note("bad metadata", (METADATA, "no submissions in it"))]
    return {str(k): v for k, v in data.items() if isinstance(v, dict)}, []


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _person(about: Any) -> Person:
    about = about if isinstance(about, dict) else {}

    def text(key: str) -> str:
        return str(about.get(key) or "").strip()

    return Person(text(":name"), sid=text(":sid"), email=text(":email"))


def _when(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, datetime | date) else str(value) if value else None
