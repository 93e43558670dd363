"""A delivery in a run: times, reruns, and decisions that go back to the LMS."""

from __future__ import annotations

import html
import json
import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import deliveries
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from deliveries import RIGHT, write, zipped
from test_intake import CANVAS_BOOK, EXPECTED, MAKERS

from grader.cli import main
from grader.reports import rows as rows_of

LATE = "\n[late]\ndeadline = 2026-01-02T00:00:00+00:00\npenalty_percent = 50\nevery_hours = 240\n"


def run(*arguments: object, kit: Path = ROOT) -> Result:
    return CliRunner().invoke(main, ["--kit", str(kit), *map(str, arguments)], catch_exceptions=False)


def grade(path: Path, out: Path, *more: object, kit: Path = ROOT) -> Result:
    done = run("grade", path, "--out", out, "--exercise", "relu_forward", *more, kit=kit)
    assert done.exit_code == 0, done.output
    return done


def rows(out: Path) -> dict[str, dict]:
    return {r["submission"]: r for r in map(json.loads, (out / "results.jsonl").read_text().splitlines())}


@pytest.fixture
def late_kit(kit_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A kit with a deadline, on a machine that keeps universal time."""
    (kit_copy / "grader.toml").write_text((kit_copy / "grader.toml").read_text() + LATE)
    with monkeypatch.context() as here:
        here.setenv("TZ", "UTC")
        time.tzset()
        yield kit_copy
    time.tzset()


def test_a_deadline_counts_from_what_the_platform_says(late_kit: Path, tmp_path: Path) -> None:
    done = grade(deliveries.blackboard(tmp_path / "in"), tmp_path / "out", kit=late_kit)
    found = rows(tmp_path / "out")
    assert found["alovelace"]["late"] == {"hours": 9.5, "percent": 50}
    assert rows_of.points(found["alovelace"]) == 0.5
    assert "late" not in found["cdurand"]
    assert "nothing tells when" not in done.stderr


def test_where_nothing_tells_when_nothing_is_taken_off_and_it_is_said(late_kit: Path, tmp_path: Path) -> None:
    """Files of an unpacked zip are new, and a download's are as old as the download."""
    path = zipped(deliveries.canvas(tmp_path / "in"), tmp_path / "in.zip")
    done = grade(path, tmp_path / "out", kit=late_kit)
    assert "nothing tells when 5 of these were handed in: [late] takes nothing off them" in done.stderr
    assert not any("late" in row for row in rows(tmp_path / "out").values())


def test_files_of_a_plain_zip_are_as_old_as_the_zip_says(late_kit: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for name, day in (("ada.py", 1), ("ben.py", 5)):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, day, 12, 0, 0)), RIGHT)
    grade(tmp_path / "in.zip", tmp_path / "out", kit=late_kit)
    found = rows(tmp_path / "out")
    assert "late" not in found["ada"]
    assert found["ben"]["late"]["hours"] == 84


@pytest.mark.parametrize("lms", MAKERS)
def test_the_same_delivery_again_runs_nothing_and_gives_the_same_bytes(lms: str, tmp_path: Path) -> None:
    path = zipped(MAKERS[lms](tmp_path / "in"), tmp_path / "in.zip")
    grade(path, tmp_path / "out", "--seed", 4)
    names = ("results.jsonl", "intake.json", "grades.csv", "index.html", "times.json")
    first = {name: (tmp_path / "out" / name).read_bytes() for name in names}
    again = grade(path, tmp_path / "out")
    assert f"({len(EXPECTED[lms])} not run again" in again.stdout
    assert {name: (tmp_path / "out" / name).read_bytes() for name in names} == first
    assert str(tmp_path) not in (tmp_path / "out" / "intake.json").read_text()


def test_a_changed_file_among_several_is_seen(tmp_path: Path) -> None:
    write(tmp_path / "in", {"a_1_10_x.py": "y = 1\n", "a_1_11_z.py": "def relu_forward(x):\n    return 0, x\n"})
    grade(tmp_path / "in", tmp_path / "out")
    assert rows(tmp_path / "out")["a"]["points"] == 0
    write(tmp_path / "in", {"a_1_11_z.py": RIGHT})
    grade(tmp_path / "in", tmp_path / "out")
    assert rows(tmp_path / "out")["a"]["points"] == 1
    assert rows(tmp_path / "out")["a"]["attempt"] == {"number": 2, "of": 2}


def test_links_in_a_delivery_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text(RIGHT)
    write(tmp_path / "in", {"b_2_11_x.py": RIGHT})
    os.symlink(tmp_path / "secret.py", tmp_path / "in" / "a_1_10_x.py")
    grade(tmp_path / "in", tmp_path / "out")
    assert "links are not followed" in rows(tmp_path / "out")["a"]["problem"]


def test_what_a_person_decided_and_what_lateness_costs_goes_back(tmp_path: Path) -> None:
    """Rows with decisions in them, as grading leaves them: the grade book gets the points that count."""
    grade(deliveries.canvas(tmp_path / "in"), tmp_path / "out")
    found = rows(tmp_path / "out")
    found["itoben"]["override"] = [{"points": 0.75, "reason": "spoke to him", "who": "x"}]
    found["meierjonas"]["override"] = [{"points": 0.5, "reason": "on paper", "who": "x"}]
    found["durandchloé"]["late"] = {"hours": 3, "percent": 20}
    lines = [json.dumps(row) for row in found.values()]
    (tmp_path / "out" / "results.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "book.csv").write_text(CANVAS_BOOK, encoding="utf-8", newline="")
    done = run(
        *("export", tmp_path / "out", "--to", "canvas", "--gradebook", tmp_path / "book.csv"),
        *("--out", tmp_path / "to.csv"),
    )
    made = (tmp_path / "to.csv").read_text(encoding="utf-8")
    for line in ("bito,S1,0.75,", "jmeier,S1,0.5,", "cdurand,S1,0.8,", "alovelace,S1,1,"):
        assert line in made
    assert "meierjonas" not in done.stderr


def test_a_stage_set_by_hand_counts_as_much_as_the_configuration_gives_its_exercise() -> None:
    stages = [{"name": n, "points": p, "max_points": 2} for n, p in (("a", 2), ("b", 0))]
    row = {
        "points": 10,
        "exercises": [{"name": "e", "points": 10, "max_points": 20, "stages": stages, "checks": []}],
        "override": [{"points": 1, "exercise": "e", "stage": "b", "reason": "", "who": ""}],
    }
    assert rows_of.points(row) == 15


def test_a_report_is_no_class_of_submissions(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ada.py").write_text(RIGHT)
    grade(tmp_path / "class", tmp_path / "report")
    done = run("grade", tmp_path / "report", "--out", tmp_path / "second")
    assert done.exit_code == 2
    assert "is a report that grader grade made" in done.output
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize("lms", ["canvas", "moodle", "blackboard", "github"])
def test_the_page_of_the_class_names_people_where_their_rows_do_not(lms: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    grade(getattr(deliveries, lms)(tmp_path / "in"), out)
    page = (out / "index.html").read_text(encoding="utf-8")
    intake = json.loads((out / "intake.json").read_text(encoding="utf-8"))
    people = {s["submission"]: [p.get("name", "") for p in s["people"]] for s in intake["submissions"]}
    named = {key: [n for n in names if n and n != key] for key, names in people.items()}
    assert any(named.values()) == (
        lms == "blackboard"
    )  # Moodle's rows are names, the others tell none without a roster
    for names in named.values():
        assert not names or f'<br><span class="dim">{html.escape(", ".join(names))}</span>' in page
    assert page.count('<br><span class="dim">') == sum(1 for names in named.values() if names)
    run("report", out)
    assert (out / "index.html").read_text(encoding="utf-8") == page
