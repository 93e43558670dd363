"""`grader init`: a commented grader.toml, so that a folder is a kit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

HEAD = """\
# A folder with this file is a kit: `grader` finds it from any folder inside. Lines that begin with # are what holds
# without them; remove the # to change one. A mistake is told with its line.
"""

TABLES = {
    "kit": "",
    "limits": "of one submission",
    "attempts": "where several versions of a submission were graded into one folder",
    "points": "what an exercise counts, where not its stage points",
}
ASLEEP = {"late": "what handing in late costs"}  # tables that are nothing without a key of theirs

# What a key means, and its value while nothing is said; keys that are not here are listed without one
KEYS = {
    ("kit", "title"): ('"Assignment"', "on every page"),
    ("kit", "families"): ("[]", 'order of solutions/*.py, for instance ["linear", "svm"]; the rest follows by name'),
    ("kit", "layout"): ('"cs231n"', "form of submissions that are not notebooks of this kit (layouts/NAME.toml)"),
    ("kit", "hint"): (
        "1",
        "how much a check tells of what to mend: 1 where, 2 what kind of slip, 3 what to think about",
    ),
    ("kit", "install"): (
        '"https://your.course/flat_backprop-0.1.0-py3-none-any.whl"',
        "what students give to pip (the README of a release says so), where it is not this package from the index",
    ),
    ("limits", "seconds"): ("{seconds:g}", "wall time of one exercise"),
    ("limits", "total_seconds"): ("{total_seconds:g}", "wall time of all exercises"),
    ("limits", "cpu"): ("{cpu}", "seconds of processor time"),
    ("limits", "memory_mb"): ("{memory_mb}", "MB beyond what Python and numpy take"),
    ("limits", "output_mb"): ("{output_mb}", "MB that a submission may return"),
    ("late", "deadline"): ("2026-11-20T23:59:00+01:00", "with its time zone; without it nobody is late"),
    ("late", "grace_minutes"): ("0", "who is not later than this is in time"),
    ("late", "penalty_percent"): ("10", "of the points, for every period begun"),
    ("late", "every_hours"): ("24", "length of a period"),
    ("late", "most_percent"): ("100", "no more than this is lost"),
    ("attempts", "counts"): ('"last"', 'or "best", after what lateness costs'),
}


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--title", help="Name of the assignment.")
@click.option("--force", is_flag=True, help="Replace a grader.toml that is there.")
def init(folder: Path, title: str | None, force: bool) -> None:
    """Write a commented grader.toml into FOLDER (default: here).

    Where FOLDER holds solutions/, its exercises are listed with their points.

    \b
    grader init --title "Homework 2"
    """
    from grader import atomic
    from grader.kit import CONFIG, Config, Kit

    path = folder / CONFIG
    with atomic.told(path):
        if path.exists() and not force:
            raise click.UsageError(f"{path} exists: edit it, or add --force to replace it")
        folder.mkdir(parents=True, exist_ok=True)
    kit = Kit(folder.resolve(), Config())
    points = {r.name: r.exercise.stage_points for r in kit.references} if kit.has_solutions else {}
    with atomic.told(path):
        path.write_text("\n".join(_lines(title, points)) + "\n", encoding="utf-8")
    click.echo(f"{path}: {len(points)} exercises" if points else f"{path}: put annotated functions into solutions/")


def _lines(title: str | None, points: dict[str, int]) -> Iterator[str]:
    from dataclasses import asdict

    from grader.kit import KEYS as KNOWN
    from grader.kit import POINTS
    from grader.limits import Limits

    limits = {k: "" if v is None else v for k, v in asdict(Limits()).items()}
    yield HEAD.rstrip()
    for table, keys in KNOWN.items():
        told = TABLES.get(table) or ASLEEP.get(table, "")
        yield ("\n" if table in TABLES else "\n# ") + f"[{table}]" + (f"  # {told}" if told else "")
        for key in keys:
            value, meaning = KEYS.get((table, key), ("...", ""))
            if (table, key) == ("kit", "title") and title:
                yield f"title = {json.dumps(title, ensure_ascii=False)}"
            else:
                line = f"# {key} = {value.format(**limits)}"
                yield f"{line:<26}  # {meaning}" if meaning else line
    yield f"\n[{POINTS}]  # {TABLES[POINTS]}"
    yield from (f"# {name} = {value}" for name, value in (points or {"svm_loss_vectorized": 10}).items())
