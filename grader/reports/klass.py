"""The page of the class: how it went, what was hard, which mistakes were made by whom, and everybody's row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader import messages
from grader.confinement import Confinement
from grader.reports import html, rows, statistics, tables
from grader.reports.statistics import ExerciseSuccess, StageSuccess
from grader.reports.stored import PAGES, Stored, page_names

SCRIPT = "table.js"
CHART = (640, 170)  # width and height of the distribution
MOST_LOST = 4  # exercises that are listed beside a name
COMMON = 3  # causes that are named beside a stage


def page(run: Stored, extra: Sequence[tuple[str, str]] = ()) -> str:
    """`extra` are links to other pages of the run: (address, text)."""
    return "".join(parts(run, extra))


def parts(run: Stored, extra: Sequence[tuple[str, str]] = ()) -> Iterator[str]:
    """The page in pieces: neither all rows nor all of the text are held at once."""
    names = [row["submission"] for row in run.rows]
    files = dict(zip(names, page_names(names), strict=True))
    done, total = len(run.rows), run.about.get("submissions", len(run.rows))
    outline = run.outline
    success, distribution = statistics.success(run.rows, outline), statistics.distribution(run.rows)
    return html.parts(
        "index.html",
        title=run.title,
        script=SCRIPT,
        pages=PAGES,
        files=files,
        extra=extra,
        notes=[
            *([messages.ended_early(done, total)] if done < total else []),
            *_unconfined(run.about.get("confinement")),
        ],
        count=done,
        rows=(_row(row, files[row["submission"]], run.names(row["submission"])) for row in run.rows),
        distribution=distribution,
        chart=_chart(distribution),
        exercises=[_exercise(e) for e in sorted(success, key=lambda e: e.rate)],
        order=[e.name for e in success],
        mistakes=statistics.mistakes(run.rows),
        groups=statistics.groups(run.rows),
        broken=statistics.broken(run.rows),
        unread=[
            {"name": r["submission"], "status": r["status"], "problem": rows.last_line(r.get("problem", ""))}
            for r in run.rows
            if r["status"] != "graded"
        ],
        slowest=statistics.slowest(run.times),
    )


def _unconfined(facts: Sequence[dict[str, Any]] | None) -> list[str]:
    told = messages.confinement(Confinement.from_plain(facts)) if facts is not None else ""
    return [told] if told else []


def _row(row: rows.Row, file: str, people: Sequence[str]) -> dict[str, Any]:
    made = rows.overrides(row)
    return {
        "name": row["submission"],
        "people": people,
        "file": file,
        "points": rows.points(row),
        "max_points": row["max_points"],
        "marked": row["points"],
        "changed": bool(made),
        "state": rows.state(row),
        "lost": _lost(row),
        "remark": tables.remark(row, by_hand=False),
        "note": str(row.get("note") or ""),
        "reasons": [o.reason for o in made if o.reason],
    }


def _lost(row: rows.Row) -> dict[str, Any]:
    """What was lost where, an exercise an item; no more than a reader takes in."""
    found: dict[str, list[str]] = {}
    for loss in rows.losses(row):
        if loss.outcome == "missing" and not loss.stage:
            continue
        cause = messages.cause(loss.cause, loss.named) if loss.cause else ""
        told = loss.stage + (f" ({cause})" if cause else "") if loss.stage else loss.outcome
        found.setdefault(loss.exercise, []).append(told)
    return {
        "exercises": [(name, ", ".join(told)) for name, told in list(found.items())[:MOST_LOST]],
        "more": messages.and_more(len(found) - MOST_LOST) if len(found) > MOST_LOST else "",
        "hidden": "; ".join(f"{name} {', '.join(told)}" for name, told in list(found.items())[MOST_LOST:]),
        "untouched": sum(not x.stage and x.outcome == "missing" for x in rows.losses(row)),
        "problem": rows.last_line(row.get("problem", "")) if row["status"] != "graded" else "",
    }


def _exercise(e: ExerciseSuccess) -> dict[str, Any]:
    return {"e": e, "stages": [(s, _causes(s)) for s in e.stages]}


def _causes(s: StageSuccess) -> list[tuple[str, int]]:
    return [
        (name if kind == "outcome" else messages.cause(name, kind == "mistake"), n)
        for (kind, name), n in s.causes.most_common(COMMON)
    ]


def _chart(found: statistics.Distribution | None) -> dict[str, Any] | None:
    """The distribution as bars: (x, y, width, height, count, from, to)."""
    if found is None:
        return None
    width, height = CHART
    step, most = width / len(found.bins), max(found.bins)
    bars: list[Mapping[str, Any]] = []
    for i, n in enumerate(found.bins):
        tall = round((height - 40) * n / most, 1) if most else 0
        low, high = found.most * i / len(found.bins), found.most * (i + 1) / len(found.bins)
        bars.append({"x": round(i * step, 1), "y": height - 20 - tall, "tall": tall, "n": n, "from": low, "to": high})
    return {"width": width, "height": height, "step": step, "bars": bars}
