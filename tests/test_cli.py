"""The command line as people use it: results, exit codes, files, and words for wrong use."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

import grader
from grader.cli import main
from grader.kit import find
from grader.reports.stored import page_names

SCHEMA = json.loads((Path(grader.__file__).parent / "schema" / "result-1.json").read_text())
CLASS = ROOT / "data" / "sample_class"
ELEVEN = (ROOT / "data" / "sample_class.txt").read_text().split()
ONLY = [w for name in ELEVEN for w in ("--exercise", name)]
TOTAL = sum(r.exercise.points for r in find(ROOT).references if r.name in ELEVEN)


def run(*arguments: object, kit: Path = ROOT) -> Result:
    return CliRunner().invoke(main, ["--kit", str(kit), *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample class, graded from the command line."""
    out = tmp_path_factory.mktemp("reports") / "report"
    assert run("grade", CLASS, "--out", out, "--seed", 5, *ONLY).exit_code == 0
    return out


def rows(out: Path) -> Iterator[dict]:
    return map(json.loads, (out / "results.jsonl").read_text().splitlines())


def test_every_entry_of_a_class_has_a_row_of_the_schema(report: Path) -> None:
    found = list(rows(report))
    assert [r["submission"] for r in found] == sorted(p.stem for p in CLASS.iterdir())
    for row in found:
        jsonschema.validate(row, SCHEMA)


def test_the_schema_is_one_and_refuses_what_is_not(report: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    row = next(rows(report))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**row, "status": "fine"}, SCHEMA)


def test_unreadable_submissions_are_rows_with_a_reason(report: Path) -> None:
    told = {r["submission"]: r["problem"] for r in rows(report) if r["status"] == "unreadable"}
    assert set(told) == {"olga", "pablo", "quinn"}
    assert "broken JSON" in told["olga"]


def test_grades_are_a_table_with_a_line_a_student(report: Path) -> None:
    with (report / "grades.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    by_name = {line["submission"]: line for line in lines}
    assert by_name["ada"]["points"] == by_name["ada"]["max_points"] == str(TOTAL)
    assert by_name["farid"]["two_layer_loss"] == "15"
    assert by_name["quinn"]["problem"]


def test_every_student_has_a_page_and_the_class_a_page_that_links_them(report: Path) -> None:
    index = (report / "index.html").read_text()
    for row in rows(report):
        assert f"students/{row['submission']}.html" in index
        assert (report / "students" / f"{row['submission']}.html").is_file()
    page = (report / "students" / "ines.html").read_text()
    assert "correct class kept" in page
    assert "Which class does the sum over j leave out?" in page


def test_no_expected_value_of_a_hidden_input_is_on_a_page_or_in_a_row(report: Path) -> None:
    text = (report / "results.jsonl").read_text() + "".join(p.read_text() for p in report.rglob("*.html"))
    assert "it should be" not in text.replace("than it should be", "").replace("what it should be", "")


def test_a_seed_reproduces_a_run_byte_for_byte_and_is_kept(report: Path, tmp_path: Path) -> None:
    assert json.loads((report / "run.json").read_text())["seed"] == 5
    assert run("grade", CLASS, "--out", tmp_path / "again", "--seed", 5, *ONLY).exit_code == 0
    assert (tmp_path / "again" / "results.jsonl").read_bytes() == (report / "results.jsonl").read_bytes()


def test_the_seed_may_come_from_the_environment_and_is_secret_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "a.py").write_text("x = 1\n")
    seeds = []
    for number, value in enumerate(("12", None, None)):
        out = tmp_path / str(number)
        monkeypatch.delenv("GRADER_SEED", raising=False)
        if value:
            monkeypatch.setenv("GRADER_SEED", value)
        assert run("grade", folder, "--out", out).exit_code == 0
        seeds.append(json.loads((out / "run.json").read_text())["seed"])
    assert seeds[0] == 12
    assert len(set(seeds)) == 3


def test_nothing_is_written_over_unasked(report: Path, tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "a.py").write_text("x = 1\n")
    done = run("grade", tmp_path / "class", "--out", report)
    assert done.exit_code == 2
    assert "holds the run of another class" in done.output
    assert "--force" in done.output
    done = run("release", "--out", report)
    assert done.exit_code == 2
    assert (report / "results.jsonl").exists()


def test_demo_shows_the_class_and_says_where_the_report_is(tmp_path: Path) -> None:
    done = run("demo", "--out", tmp_path / "demo")
    assert done.exit_code == 0
    assert "farid" in done.stdout
    assert "relu-forgotten" in done.stdout
    assert f"report: {tmp_path / 'demo' / 'index.html'}" in done.stdout


def test_check_follows_the_schema_and_its_exit_code_tells_whether_all_is_right() -> None:
    good, bad = run("check", CLASS / "ben.py", "--json"), run("check", CLASS / "ines.ipynb", "--json")
    assert (good.exit_code, bad.exit_code) == (0, 1)
    for done in (good, bad):
        jsonschema.validate(json.loads(done.stdout), SCHEMA)
    stages = {s["name"]: s for e in json.loads(bad.stdout)["exercises"] for s in e["stages"] if s["points"] == 0}
    assert stages["margins"]["mistake"] == "correct-class-kept"
    assert "should be 0" in stages["margins"]["message"]


def test_check_shows_a_person_the_first_thing_to_mend_with_its_line() -> None:
    done = run("check", CLASS / "ines.ipynb", "--exercise", "svm_loss_vectorized", "--hint", 3)
    assert "x margins     (N, C)" in done.stdout
    assert "line" in done.stdout
    assert "hint 3 of 3: Which class does the sum over j leave out?" in done.stdout


def test_check_of_one_file_shows_only_the_exercises_in_it() -> None:
    done = run("check", ROOT / "assignment" / "relu.py")
    assert "relu_forward" in done.stdout
    assert "svm_loss" not in done.stdout


def test_check_shows_exercises_in_the_order_in_which_they_stand_in_the_file(tmp_path: Path) -> None:
    texts = {name: (ROOT / "assignment" / f"{name}.py").read_text() for name in ("tanh", "relu", "svm")}
    (tmp_path / "mine.py").write_text("".join(texts.values()) + "def sigmoid_forward(x:\n")
    done = run("check", tmp_path / "mine.py")
    names = ["tanh_forward", "tanh_backward", "relu_forward", "relu_backward", "svm_loss_naive", "sigmoid_forward"]
    places = [done.stdout.index(f"\n{name}" if n else name) for n, name in enumerate(names)]
    assert places == sorted(places)


def test_check_of_something_unreadable_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("{")
    done = run("check", tmp_path / "a.ipynb")
    assert done.exit_code == 1
    assert "broken JSON" in done.stdout


def test_explain_lists_all_exercises_and_shows_one() -> None:
    done = run("explain")
    assert done.stdout.count(" points  ") == len(find(ROOT).references)
    assert "01_gates  (42 points in all)" in done.stdout
    done = run("explain", "two_layer_loss")
    for word in ("h1", "(N, H)", "hidden layer", "17 points", "stable at large scores"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["explain", "nothing"], "no exercise nothing; known: multiply_add"),
        (["check", "nowhere.py"], "does not exist"),
        (["check", str(CLASS / "ben.py"), "--exercise", "x"], "known: multiply_add"),
        (["grade", "nowhere", "--out", "x"], "does not exist"),
        (["grade", str(CLASS)], "--out"),
        (["grade", str(CLASS), "--out", "never-made", "--seed", "-3"], "not negative"),
        (["grade", str(CLASS / "ada.ipynb"), "--out", "x"], f"(grader check {CLASS / 'ada.ipynb'} marks one file)"),
        (["inspect", str(CLASS / "ben.py")], "is one file: name the folder of a class, or the zip of your LMS"),
        (["similar", str(CLASS / "ben.py")], "is one file: name the folder of a class, or the zip of your LMS"),
        (["similar", str(CLASS / "pablo.pdf")], "pablo.pdf is not a zip that can be opened"),
        (["nothing"], "No such command"),
    ],
)
def test_wrong_use_is_told_and_exits_with_2(arguments: list[str], told: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert told in done.output
    assert "Traceback" not in done.output


def test_without_a_kit_the_way_out_is_told(tmp_path: Path) -> None:
    done = run("explain", kit=tmp_path)
    assert done.exit_code == 2
    assert "grader.toml" in done.output


def test_only_the_exercises_of_a_notebook_are_graded_where_it_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "ben.py").write_text((CLASS / "ben.py").read_text())
    assert run("grade", folder, "--out", tmp_path / "out", "--notebook", "05_computational_graphs").exit_code == 0
    assert [e["name"] for e in next(rows(tmp_path / "out"))["exercises"]] == [
        "Multiply",
        "SigmoidGate",
        "ComputationalGraph",
    ]
    done = run("grade", folder, "--out", tmp_path / "x", "--notebook", "nothing")
    assert done.exit_code == 2
    assert "known: 01_gates, 02_linear_classifiers" in done.output
    done = run("grade", folder, "--out", tmp_path / "x", "--notebook", "playground")
    assert done.exit_code == 2
    assert "there is no exercise in playground" in done.output


def test_check_finds_the_kit_of_the_file_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["check", str(ROOT / "assignment" / "relu.py")])
    assert done.exit_code == 1
    assert "relu_forward" in done.stdout


def test_an_empty_class_is_told(tmp_path: Path) -> None:
    done = run("grade", tmp_path, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "no submissions" in done.output


def test_a_students_kit_cannot_grade(tmp_path: Path) -> None:
    assert run("release", "--out", tmp_path / "r").exit_code == 0
    done = run("grade", CLASS, "--out", tmp_path / "o", kit=tmp_path / "r")
    assert done.exit_code == 2
    assert "no solutions/" in done.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[kit", ":"),
        ("[kti]\n", "grader.toml:1: there is no [kti]"),
        ("[kit]\n\ntitel = 'x'\n", "grader.toml:3: [kit] has no titel"),
        ("[limits]\nseconds = 'x'\n", "grader.toml:2: seconds = 'x' is of the wrong type"),
        ("[limits]\nseconds = 0\n", "must be greater than 0"),
    ],
)
def test_a_wrong_configuration_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "grader.toml").write_text(text)
    done = run("explain", kit=tmp_path)
    assert done.exit_code == 2
    assert told in done.output


def test_names_of_pages_are_safe_and_different() -> None:
    names = ["ada", "Ada", "../../etc/passwd", "<b>x</b>", "=1+1", "a/b", "a_b", "x" * 300, "\u00e9ve", ""]
    made = page_names(names)
    assert len({m.lower() for m in made}) == len(names)
    for page in made:
        assert "/" not in page
        assert page.isascii()
        assert len(page) < 100


def test_names_that_are_html_or_formulas_stay_text(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "=cmd|calc.py").write_text("x = 1\n")
    (folder / "<img src=x onerror=alert(1)>.py").write_text("x = 1\n")
    assert run("grade", folder, "--out", tmp_path / "out").exit_code == 0
    assert "<img" not in (tmp_path / "out" / "index.html").read_text()
    assert "\n'=cmd" in (tmp_path / "out" / "grades.csv").read_text().replace("\r\n", "\n")


def test_a_fault_of_ours_is_a_row_and_exit_code_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The grader is made to fail on one submission; the other is graded."""
    from grader import marker

    real = marker.load

    def load(path: Path, stubs: object, name: str) -> object:
        if name == "a":
            raise RuntimeError("made to fail")
        return real(path, stubs, name)  # type: ignore[arg-type]

    monkeypatch.setattr(marker, "load", load)
    folder = tmp_path / "class"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.py").write_text((CLASS / "ben.py").read_text())
    done = run("grade", folder, "--out", tmp_path / "out", *ONLY)
    assert done.exit_code == 1
    assert "grader fault on a" in done.output
    found = {r["submission"]: r for r in rows(tmp_path / "out")}
    assert found["a"]["status"] == "grader fault"
    assert "made to fail" in found["a"]["problem"]
    assert found["b"]["points"] == TOTAL
    jsonschema.validate(found["a"], SCHEMA)


def test_ctrl_c_keeps_what_was_graded(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    good = (CLASS / "ben.py").read_text()
    (folder / "a.py").write_text(good)
    (folder / "b.py").write_text(
        good.replace("def affine_forward(x, w, b):", "def affine_forward(x, w, b):\n    while True: pass")
    )
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "grader.cli",
        "--kit",
        str(ROOT),
        "grade",
        str(folder),
        "--out",
        str(out),
        "--seed",
        "1",
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (out / "students" / "a.html").exists():
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "ended by Ctrl-C; give the command again to go on where it stood" in errors
    assert "Traceback" not in output + errors
    assert [r["submission"] for r in rows(out)] == ["a"]
    assert "1 of 2" in (out / "index.html").read_text()
    assert (out / "grades.csv").read_text().count("\n") == 2
