"""The page of one student: every mark with what it is for, and of what went wrong the lines, the values and the hint.

No value that should have come is on it unless `answers` are given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import prod
from textwrap import dedent
from typing import Any

from grader import messages
from grader.exercise import Outcome
from grader.messages import MARKS
from grader.reports import html, rows, tables
from grader.reports.rows import Row
from grader.reports.stored import Answers

LEVELS = 4  # shades of a heatmap on each side of zero


def page(
    row: Row,
    title: str,
    outline: Sequence[Mapping[str, Any]],
    answers: Answers | None = None,
    people: Sequence[str] = (),
) -> str:
    """`outline` is that of the run; `answers`, by exercise and stage, what should stand where a value is shown;
    `people` the names of whose submission it is."""
    about = {e["name"]: e for e in outline}
    return html.render(
        "student.html",
        row=row,
        title=title,
        people=people,
        lateness=_lateness(row),
        points=rows.points(row),
        overrides=[_override(o, row) for o in rows.overrides(row)],
        remark=messages.remark(0, False, tables.attempt(row)),
        note=str(row.get("note") or ""),
        problem=rows.last_line(row.get("problem", "")),
        exercises=[_section(e, about.get(e["name"], {}), (answers or {}).get(e["name"], {})) for e in row["exercises"]]
        if row["status"] == "graded"
        else [],
        outcomes=_outcomes(row),
    )


def _lateness(row: Row) -> str:
    """What being late costs, and of how much."""
    if off := rows.percent_off(row):
        return messages.lateness(sum(rows.by_exercise(row)), off, row["late"]["hours"])
    return messages.LATE_BY_LMS if row.get("late_by_lms") else ""


def _override(one: rows.Override, row: Row) -> dict[str, Any]:
    return {
        "points": one.points,
        "place": " ".join(p for p in (one.exercise, one.stage) if p),
        "marked": rows.marked(row, one),
        "reason": one.reason,
    }


def _outcomes(row: Row) -> list[str]:
    """Those that are on the page, in the order in which they are explained."""
    there = {p["outcome"] for e in row["exercises"] for p in (e, *e["stages"], *e["checks"])}
    return [str(o) for o in Outcome if str(o) in there]


def _section(e: Mapping[str, Any], about: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """An exercise for the list at the top, with its section. Where all is right that is the same for many."""
    if e["outcome"] == str(Outcome.PASSED):
        return _right(json.dumps([e, about]))
    made = _exercise(e, about, answers)
    return {**made, "section": html.fragment("exercise.html", e=made)}


@lru_cache(256)
def _right(told: str) -> dict[str, Any]:
    e, about = json.loads(told)
    made = _exercise(e, about, {})
    return {**made, "section": html.fragment("exercise.html", e=made)}


def _exercise(e: Mapping[str, Any], about: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    told = {s["name"]: s for s in about.get("stages", ())}
    parts: list[dict[str, Any]] = []
    for s in e["stages"]:
        part = told.get(s["name"], {}).get("part", "")
        if not parts or parts[-1]["name"] != part:
            parts.append({"name": part, "stages": []})
        parts[-1]["stages"].append(_stage(s, told.get(s["name"], {}), answers.get(s["name"])))
    checks = {c["name"]: c for c in about.get("checks", ())}
    return {
        "name": e["name"],
        "title": about.get("title", ""),
        "outcome": e["outcome"],
        "symbol": symbol(e["outcome"]),
        "points": e["points"],
        "max_points": e["max_points"],
        "message": e.get("message", ""),
        "excerpt": _excerpt(e),
        "parts": parts if e["outcome"] != "missing" else [],
        "checks": [
            {**c, "symbol": symbol(c["outcome"]), "what": checks.get(c["name"], {}).get("what", "")}
            for c in e["checks"]
            if e["outcome"] != "missing" and (c["max_points"] or c["outcome"] in ("failed", "passed", "inconclusive"))
        ],
    }


def symbol(outcome: str) -> str:
    """One character for an outcome, beside the word."""
    return MARKS.get(Outcome(outcome), "x")


def _stage(
    s: Mapping[str, Any], about: Mapping[str, Any], answer: Sequence[Sequence[float | str]] | None
) -> dict[str, Any]:
    return {
        "name": s["name"],
        "shape": s["shape"],
        "what": about.get("what", ""),
        "outcome": s["outcome"],
        "symbol": symbol(s["outcome"]),
        "points": s["points"],
        "max_points": s["max_points"],
        "message": s.get("message", ""),
        "hint": s.get("hint", ""),
        "place": f"{s['cell']}, line {s['line']}" if s["outcome"] == "failed" and "line" in s else "",
        "excerpt": _excerpt(s),
        "shown": _values(s["values"], answer) if "values" in s else None,
        "carried": s.get("carried", []),
    }


def _excerpt(of: Mapping[str, Any]) -> dict[str, Any] | None:
    if "excerpt" not in of:
        return None
    found = of["excerpt"]
    numbered = enumerate(dedent("\n".join(found["lines"])).split("\n"), found["first"])
    return {"lines": [(n, text, n == found["line"]) for n, text in numbered]}


def _values(values: Mapping[str, Any], answer: Sequence[Sequence[float | str]] | None) -> dict[str, Any] | None:
    """Cells with their shade, and whether they differ; an answer is shown in the same shades. A single number is in the
    message already. Where all differ, this is said once and not at each."""
    came = values["came"]
    if answer is None and prod(values["shape"]) == 1:
        return None
    numbers = [abs(v) for grid in (came, answer or ()) for line in grid for v in line if not isinstance(v, str)]
    most = max(numbers, default=0.0)
    off = values.get("off") or ["0" * len(line) for line in came]
    all_differ = "off" in values and all(flag == "1" for line in off for flag in line) and prod(values["shape"]) > 1
    top, left = values.get("from", (0, 0))
    return {
        "case": values["case"],
        "shape": values["shape"],
        "columns": range(left, left + (len(came[0]) if came else 0)),
        "all_differ": all_differ,
        "compared": "off" in values,
        "came": [
            (
                top + i,
                [(v, shade(v, most), flag == "1" and not all_differ) for v, flag in zip(line, flags, strict=True)],
            )
            for i, (line, flags) in enumerate(zip(came, off, strict=True))
        ],
        "expected": None
        if answer is None
        else [(top + i, [(v, shade(v, most), False) for v in line]) for i, line in enumerate(answer)],
    }


def shade(value: float | str, most: float) -> str:
    """`p1` to `p4` for positive values, `n1` to `n4` for negative ones, "" for zero and for what is no number."""
    if isinstance(value, str) or not value or not most:
        return ""
    level = max(1, min(LEVELS, round(LEVELS * abs(value) / most + 0.5)))
    return f"{'p' if value > 0 else 'n'}{level}"
