"""Results as tables: grades as CSV, and what a row has lost in one line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from grader import messages
from grader.reports import rows as rows_of
from grader.visible import visible

FULL = ("passed", "follows", "implied")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # and as wide characters


def grades(file: TextIO, rows: Sequence[Mapping[str, Any]]) -> None:
    """One line a submission: name, status, the points that count, then those of every exercise, and what was decided
    beside the marks. Exercises add up to the points, but for what lateness costs and points that were set of a whole
    submission. No cell can be taken for a formula."""
    names = [e["name"] for e in rows[0]["exercises"]] if rows else []
    writer = csv.writer(file)
    writer.writerow(["submission", "status", "points", "max_points", *names, "problem", "remark"])
    for row in rows:
        problem = str(row.get("problem", "")).strip().splitlines()
        writer.writerow(
            [
                cell(row["submission"]),
                row["status"],
                f"{rows_of.points(row):g}",
                row["max_points"],
                *(f"{points:g}" for points in rows_of.by_exercise(row)),
                cell(problem[-1] if problem else ""),
                cell(remark(row)),
            ]
        )


def remark(row: Mapping[str, Any], by_hand: bool = True) -> str:
    """In a few words: late, set by hand (if that is not told elsewhere), which attempt."""
    told = by_hand and bool(rows_of.overrides(row))
    return messages.remark(rows_of.percent_off(row), told, attempt(row), rows_of.late_by_lms(row))


def attempt(row: Mapping[str, Any]) -> tuple[int, int] | None:
    """Which attempt of how many the row is, None where there was one."""
    found = row.get("attempt")
    return (found["number"], found["of"]) if found else None


def cell(text: str) -> str:
    """Text that no spreadsheet program runs."""
    clean = visible(text)
    return "'" + clean if text.lstrip(" ").startswith(FORMULA_STARTS) else clean


def losses(row: Mapping[str, Any]) -> str:
    """`svm_loss_vectorized margins (correct-class-kept); relu_backward crashed`: where points were lost."""
    if row["status"] != "graded":
        return str(row.get("problem", "")).strip().splitlines()[-1] if row.get("problem") else ""
    return "; ".join(_lost(row["exercises"]))


def _lost(exercises: Iterable[dict[str, Any]]) -> Iterable[str]:
    exercises = list(exercises)
    untouched = [e["name"] for e in exercises if e["outcome"] == "missing"]
    if len(untouched) == len(exercises):
        yield "nothing filled in"
        return
    for e in exercises:
        if e["outcome"] in ("crashed", "stopped", "refused"):
            yield f"{e['name']} {e['outcome']}"
        elif e["outcome"] == "failed":
            stages = [
                s["name"] + (f" ({s['mistake']})" if "mistake" in s else "")
                for s in e["stages"]
                if s["outcome"] not in FULL
            ]
            stages += [c["name"] for c in e["checks"] if c["points"] < c["max_points"]]
            yield f"{e['name']} {', '.join(stages)}"
    if untouched:
        yield f"{len(untouched)} not filled in"
