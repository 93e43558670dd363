"""A run for other programs: CSV with everything, JUnit XML, Gradescope's results.json."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from grader import messages
from grader.reports import rows as rows_of
from grader.reports.stored import Stored
from grader.reports.tables import cell, losses, remark
from grader.visible import visible

FULL = ("passed", "follows", "implied")
OPEN = ("inconclusive", "waiting", "blocked")


# -- CSV


def table(run: Stored) -> str:
    """One line a person: who, what came, points, every exercise. No cell can be taken for a formula."""
    names = [e["name"] for e in run.rows[0]["exercises"]]
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    about = ["submission", "name", "id", "login", "sid", "email"]
    writer.writerow(
        [*about, "status", "late", "submitted", "attempt", "points", "max_points", *names, "lost", "remark"]
    )
    for row in run.rows:
        who = run.who.get(row["submission"], {})
        points = dict(zip((e["name"] for e in row["exercises"]), rows_of.by_exercise(row), strict=True))
        for person in run.people(row["submission"]):
            texts = [row["submission"], person.name, person.id, person.login, person.sid, person.email, row["status"]]
            late = {True: "late", False: "in time", None: ""}[who.get("late")]
            writer.writerow(
                [
                    *map(cell, texts),
                    late,
                    cell(who.get("submitted") or ""),
                    who.get("attempt") or "",
                    rows_of.points(row),
                    row["max_points"],
                    *(points.get(name, "") for name in names),
                    cell(losses(row)),
                    cell(remark(row)),
                ]
            )
    return file.getvalue()


# -- JUnit


def junit(run: Stored) -> bytes:
    """A suite a submission, a case a stage or check. What earned full marks passes, what is open is skipped."""
    root = ElementTree.Element("testsuites", name=_xml(str(run.about.get("kit", "grader"))))
    total = [0, 0, 0, 0]
    for row in run.rows:
        suite = ElementTree.SubElement(root, "testsuite", name=_xml(row["submission"]))
        counts = [0, 0, 0, 0]
        for case in _cases(row):
            suite.append(case)
            counts[0] += 1
            for at, kind in enumerate(("failure", "error", "skipped"), 1):
                counts[at] += case.find(kind) is not None
        properties = ElementTree.Element("properties")
        for name, value in (("status", row["status"]), ("points", rows_of.points(row)), ("max", row["max_points"])):
            ElementTree.SubElement(properties, "property", name=name, value=str(value))
        suite.insert(0, properties)
        _count(suite, counts)
        total = [a + b for a, b in zip(total, counts, strict=True)]
    _count(root, total)
    ElementTree.indent(root)
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made + b"\n"


def _count(element: ElementTree.Element, counts: Sequence[int]) -> None:
    for name, value in zip(("tests", "failures", "errors", "skipped"), counts, strict=True):
        element.set(name, str(value))


def _cases(row: Mapping[str, Any]) -> Iterator[ElementTree.Element]:
    name = row["submission"]
    if row["status"] != "graded":
        case = ElementTree.Element("testcase", classname=_xml(name), name="submission")
        kind = "skipped" if row["status"] == "missing" else "error"
        told = str(row.get("problem", "")).strip()
        ElementTree.SubElement(case, kind, message=_xml((told.splitlines() or [""])[-1])).text = _xml(told)
        yield case
        return
    for exercise in row["exercises"]:
        crashed = exercise["outcome"] in ("crashed", "stopped", "refused", "grader fault")
        for part in [*exercise["stages"], *exercise["checks"]]:
            case = ElementTree.Element(
                "testcase", classname=_xml(f"{name}.{exercise['name']}"), name=_xml(part["name"])
            )
            told = part.get("message") or (exercise.get("message", "") if crashed else "")
            if part["outcome"] in OPEN and not crashed:
                ElementTree.SubElement(case, "skipped", message=_xml(told))
            elif part["outcome"] not in FULL:
                kind = "error" if exercise["outcome"] == "grader fault" else "failure"
                place = f"{part.get('cell', '')} line {part['line']}" if "line" in part else ""
                text = "\n".join(t for t in (place, told, part.get("hint", "")) if t)
                ElementTree.SubElement(case, kind, type=_xml(part["outcome"]), message=_xml(told)).text = _xml(text)
            yield case


def _xml(text: str) -> str:
    """Characters that XML 1.0 allows."""
    return "".join(
        c if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "\ufffd"
        for c in text
    )


# -- Gradescope


def gradescope(row: Mapping[str, Any]) -> dict[str, Any]:
    """One submission as Gradescope's results.json (`grader/schema/gradescope-results-1.json`): a test an exercise.

    Source: gradescope-autograders.readthedocs.io, "Autograder Specifications", output format.
    """
    tests = []
    for exercise in row["exercises"]:
        test = {
            "name": exercise["name"],
            "score": exercise["points"],
            "max_score": exercise["max_points"],
            "status": "passed" if exercise["outcome"] == "passed" else "failed",
            "output": "\n".join(_lines(exercise)),
            "output_format": "text",
        }
        tests.append(test)
    made: dict[str, Any] = {"tests": tests, "test_output_format": "text"}
    if rows_of.points(row) != row["points"]:  # set by hand, or late
        made["score"] = rows_of.points(row)
    if row.get("problem"):
        made["output"] = visible(f"{row['status']}: {row['problem']}", "\n")
        made["output_format"] = "text"
    return made


def _lines(exercise: Mapping[str, Any]) -> Iterator[str]:
    if exercise.get("message"):
        yield visible(exercise["message"])
    if exercise["outcome"] == "missing":
        return
    for part in [*exercise["stages"], *exercise["checks"]]:
        marks = f"{part['points']} / {part['max_points']}" if part["max_points"] else ""
        shape = part.get("shape", "")
        told = part.get("message", "")
        line = f"{messages.mark(part['outcome'])} {part['name']} {shape}".rstrip()
        yield visible("   ".join(t for t in (line, marks, f"line {part['line']}" if "line" in part else "", told) if t))
        if part.get("hint"):
            yield visible(f"    {part['hint']}")
