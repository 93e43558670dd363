"""Whose an output folder is: that of a run of this class and kit, which is taken up, or of something else."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader import fingerprint, tables
from grader.gradebook import Gradebook, Plan
from grader.intake import Intake
from grader.job import place_of
from grader.kit import Kit, KitError
from grader.reports.stored import ABOUT, PAGES


def about(out: Path) -> dict[str, Any]:
    """What `run.json` of the run that lies there says; {} where nothing can be read."""
    try:
        found = json.loads((out / ABOUT).read_text(encoding="utf-8")) if tables.exists(out) else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@contextmanager
def claimed(
    kit: Kit, delivery: Intake, out: Path, layout: str | None, only: Collection[str], force: bool
) -> Iterator[Gradebook]:
    """The gradebook of `out`, if that is ours: empty, or with a run of this class and this kit. Else KitError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        strange = {p.name for p in out.iterdir()} - set(tables.LEFT_BEHIND)
    except OSError as error:
        raise KitError(f"{out} cannot be used ({error.strerror}): name a folder that you may write to") from error
    if strange and not force and not tables.exists(out):
        raise KitError(f"{out} is not empty: name another folder, or add --force to replace what is in it")
    book = Gradebook(out)
    try:
        last = book.last()
        ours = last is None or (
            _same_kit(last[0], kit, layout)
            and (
                in_place(last[0], delivery, out) or _same_people(book, last[0], kit, delivery, about(out), layout, only)
            )
        )
        if last is not None and not ours:
            if not force:
                raise KitError(
                    f"{out} holds the run of another class or kit ({last[0].folder}, {last[0].kit}): name another "
                    "folder, or add --force to replace it (its gradebook, with what was set by hand, is kept under "
                    "another name)"
                )
            for file in book.pages():  # of other people, whom no page here links to any more
                (out / PAGES / file).unlink(missing_ok=True)
            book.close()
            _move_aside(out)
            book = Gradebook(out)
        yield book
    finally:
        book.close()


def in_place(last: Plan, delivery: Intake, out: Path) -> bool:
    """Is it the folder or zip of that run? Both may have moved together."""
    return last.folder == str(delivery.path.resolve()) or last.place == place_of(delivery.path, out)


def _same_kit(last: Plan, kit: Kit, layout: str | None) -> bool:
    """It may have moved, or been mended."""
    return last.kit == kit.config.title or last.kit_version == fingerprint.kit_version(kit, layout)


def _same_people(
    book: Gradebook,
    last: Plan,
    kit: Kit,
    delivery: Intake,
    before: dict[str, Any],
    layout: str | None,
    only: Collection[str],
) -> bool:
    """Is it another delivery of the same work: of the same exercises, and of most of the people?"""
    if before.get("only") != sorted(only) or before.get("layout") != layout:
        return False
    if last.kit_version != fingerprint.kit_version(kit, layout) and (
        layout is not None or sorted(before.get("exercises", ())) != sorted(only or (r.name for r in kit.references))
    ):
        return False
    known, here = {a.submission for a in book.attempts()}, {h.key for h in delivery.rows}
    return bool(known) and 2 * len(known & here) >= max(len(known), len(here))


def _move_aside(out: Path) -> None:
    number = 1
    while (moved := out / f"gradebook-{number}.sqlite").exists():
        number += 1
    (out / tables.FILE).rename(moved)
