"""Marks that go back: every platform's delivery graded and exported, field by field."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sysconfig
import venv
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import deliveries
import jsonschema
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from deliveries import RIGHT, notebook, write
from test_intake import CANVAS_BOOK, EXPECTED, MAKERS, rows

import grader
from grader import messages
from grader.classroom import grade
from grader.cli import main
from grader.kit import find
from grader.reports.exports import gradescope, junit, table
from grader.reports.gradebook_files import number
from grader.reports.stored import Stored, read

SCHEMA = json.loads((Path(grader.__file__).parent / "schema" / "gradescope-results-1.json").read_text())
ONLY = ("--exercise", "relu_forward")


def run(*arguments: object, kit: Path = ROOT) -> Result:
    return CliRunner().invoke(main, ["--kit", str(kit), *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run of every platform's delivery."""
    made = {}
    for lms, maker in MAKERS.items():
        folder = tmp_path_factory.mktemp(lms)
        assert run("grade", maker(folder / "in"), "--out", folder / "run", "--seed", 3, *ONLY).exit_code == 0
        made[lms] = folder / "run"
    return made


# -- Canvas and Moodle: only the right cells change


def test_a_canvas_grade_book_comes_back_with_one_column_filled_and_all_else_byte_for_byte(
    graded: dict[str, Path], tmp_path: Path
) -> None:
    book = tmp_path / "from_canvas.csv"
    book.write_text(CANVAS_BOOK, encoding="utf-8", newline="")
    done = run("export", graded["canvas"], "--to", "canvas", "--gradebook", book, "--out", tmp_path / "to.csv")
    assert done.exit_code == 1  # the group stands in no row
    assert "3 cells of column 'Homework 2 (55)' written" in done.stdout
    assert "left: projectgroup7: nobody of this name or number" in done.stderr
    assert "left: meierjonas: unreadable" in done.stderr
    assert "1 of the grade book without a submission: Nowak, Ola" in done.stderr
    expected = (
        CANVAS_BOOK.replace("alovelace,S1,,", "alovelace,S1,1,")
        .replace("bito,S1,,", "bito,S1,0,")
        .replace("cdurand,S1,,", "cdurand,S1,1,")
    )
    assert (tmp_path / "to.csv").read_bytes() == expected.encode()
    assert b"\r\n" in (tmp_path / "to.csv").read_bytes()


WORKSHEET = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (grade)"\n'
    '"Participant 4001","Ada Lovelace",ada@uni.edu,"Submitted for grading - ",,"100,00",Yes,-\n'
    '"Participant 4002","Ben Ito",ben@uni.edu,"Submitted for grading - ","12,50","100,00",Yes,-\n'
    '"Participant 4003","Chloé Durand",chloe@uni.edu,"Submitted for grading - ",,"100,00",No,-\n'
    '"Participant 4005","Jonas Meier",jonas@uni.edu,"Submitted for grading - ",,"100,00",Yes,-\n'
    '"Participant 4009","Ola Nowak",ola@uni.edu,"No submission - ",,"100,00",Yes,-\n'
)


def test_a_moodle_worksheet_comes_back_with_grades_scaled_in_its_own_manner(
    graded: dict[str, Path], tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(WORKSHEET, encoding="utf-8", newline="")
    command = ("export", graded["moodle"], "--to", "moodle", "--gradebook", sheet, "--out", tmp_path / "to.csv")
    done = run(*command)
    assert done.exit_code == 2
    assert "'Grade' is out of 100, the run out of 1: --scale writes 1 points as 100, --raw" in done.output
    assert not (tmp_path / "to.csv").exists()
    done = run(*command, "--scale", "--zero", "unreadable")
    assert done.exit_code == 0
    assert "left: Chloé Durand: the grade book says that the grade may not be changed" in done.stderr
    expected = (
        WORKSHEET.replace('ada@uni.edu,"Submitted for grading - ",,', 'ada@uni.edu,"Submitted for grading - ",100,')
        .replace('"12,50"', '"0"')
        .replace('jonas@uni.edu,"Submitted for grading - ",,', 'jonas@uni.edu,"Submitted for grading - ",0,')
    )
    assert (tmp_path / "to.csv").read_text(encoding="utf-8") == expected


def test_a_moodle_grader_report_is_filled_by_the_name_of_its_column(graded: dict[str, Path], tmp_path: Path) -> None:
    book = "First name;Last name;Email address;Assignment: Quiz (Real);Assignment: ReLU (Real);Course total (Real)\n"
    book += "Ada;Lovelace;ada@uni.edu;5,5;-;5,5\nBen;Ito;ben@uni.edu;4,0;-;4,0\n"
    (tmp_path / "book.csv").write_text(book, encoding="utf-16")
    command = ("export", graded["moodle"], "--to", "moodle", "--gradebook", tmp_path / "book.csv", "--out")
    done = run(*command, tmp_path / "to.csv")
    assert done.exit_code == 2
    assert "Say --column NAME; grade columns of a Moodle file: Assignment: Quiz (Real); Assignment: ReLU" in done.output
    done = run(*command, tmp_path / "to.csv", "--column", "assignment: relu (real)")
    assert done.exit_code == 1  # Chloé is not in it
    assert (tmp_path / "to.csv").read_text(encoding="utf-16") == book.replace(";5,5;-;", ";5,5;1;").replace(
        ";4,0;-;", ";4,0;0;"
    )


@pytest.mark.parametrize(
    ("now", "why"), [("EX", "excused (EX)"), ("N/A", "not assigned (N/A)"), ("0.5", ""), ('"0.5"', "")]
)
def test_cells_that_must_not_change_are_left_and_old_marks_are_replaced(
    now: str, why: str, graded: dict[str, Path], tmp_path: Path
) -> None:
    book = CANVAS_BOOK.replace("alovelace,S1,,", f"alovelace,S1,{now},")
    (tmp_path / "book.csv").write_text(book, encoding="utf-8", newline="")
    done = run(
        *("export", graded["canvas"], "--to", "canvas", "--gradebook", tmp_path / "book.csv"),
        *("--out", tmp_path / "to.csv"),
    )
    made = (tmp_path / "to.csv").read_text(encoding="utf-8")
    assert (f"lovelaceada: {why}" in done.stderr) if why else ("lovelaceada" not in done.stderr)
    assert f"alovelace,S1,{now if why else '1' if now == '0.5' else chr(34) + '1' + chr(34)}," in made


@pytest.mark.parametrize("column", ["Homework 3 (56)", "homework 3", "56"])
def test_of_several_canvas_columns_one_is_named_and_never_guessed(
    column: str, graded: dict[str, Path], tmp_path: Path
) -> None:
    book = "".join(
        line.replace(",Homework 2 (55),", ",Homework 2 (55),Homework 3 (56),").replace(",1.00,", ",1.00,1.00,")
        if number < 2
        else line.replace(",S1,,", ",S1,7,,")
        for number, line in enumerate(CANVAS_BOOK.splitlines(keepends=True))
    )
    (tmp_path / "book.csv").write_text(book, encoding="utf-8", newline="")
    command = ("export", graded["canvas"], "--to", "canvas", "--gradebook", tmp_path / "book.csv", "--out")
    done = run(*command, tmp_path / "to.csv")
    assert done.exit_code == 2
    assert "Say --column NAME; assignment columns of a Canvas grade book: Homework 2 (55); Homework 3" in done.output
    run(*command, tmp_path / "to.csv", "--column", column)
    assert (tmp_path / "to.csv").read_text(encoding="utf-8").count(",S1,7,1,") == 2
    assert run(*command, tmp_path / "x.csv", "--column", "Final Score").exit_code == 2


def test_two_students_of_one_name_are_left_to_a_person(tmp_path: Path) -> None:
    write(tmp_path / "in", {"Kim Lee.py": RIGHT})
    assert run("grade", tmp_path / "in", "--out", tmp_path / "run", *ONLY).exit_code == 0
    book = "Student,ID,SIS Login ID,Section,HW (1)\nPoints Possible,,,,1\n" + "".join(
        f'"Lee, Kim",{n},klee{n},S,\n' for n in (1, 2)
    )
    (tmp_path / "book.csv").write_text(book)
    done = run(
        *("export", tmp_path / "run", "--to", "canvas", "--gradebook", tmp_path / "book.csv"),
        *("--out", tmp_path / "to.csv"),
    )
    assert done.exit_code == 1
    assert "left: Kim Lee: may be one of several in the grade book" in done.stderr
    assert (tmp_path / "to.csv").read_text() == book


def test_a_pair_gets_its_marks_in_both_rows_and_nobody_is_written_twice(
    graded: dict[str, Path], tmp_path: Path
) -> None:
    book = "Student,ID,SIS User ID,SIS Login ID,Section,HW (1)\nPoints Possible,,,,,1\n"
    book += "".join(f"{n},{i},{100 + i},x{i},S,\n" for i, n in enumerate(["Ada Lovelace", "Ben Ito", "Chloé Durand"]))
    (tmp_path / "book.csv").write_text(book)
    done = run(
        *("export", graded["gradescope"], "--to", "canvas", "--gradebook", tmp_path / "book.csv"),
        *("--out", tmp_path / "to.csv"),
    )
    assert done.exit_code == 0
    found = list(csv.reader(io.StringIO((tmp_path / "to.csv").read_text())))
    assert [r[5] for r in found[2:]] == ["1", "0", "0"]


def test_numbers_are_written_as_grade_books_show_them() -> None:
    assert [number(v) for v in (0, 1.0, 7.5, 2 / 3, 100.0, 10.10)] == ["0", "1", "7.5", "0.67", "100", "10.1"]


# -- round trip: the delivery of every platform, and what comes back from its run


@pytest.mark.parametrize("lms", MAKERS)
def test_every_platform_s_run_comes_back_field_by_field(lms: str, graded: dict[str, Path], tmp_path: Path) -> None:
    assert run("export", graded[lms], "--to", "csv", "--out", tmp_path / "all.csv").exit_code == 0
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    results = rows(graded[lms])
    intake = {s["submission"]: s for s in json.loads((graded[lms] / "intake.json").read_text())["submissions"]}
    assert {line["submission"] for line in lines} == set(EXPECTED[lms])
    for line in lines:
        row, who = results[line["submission"]], intake[line["submission"]]
        assert line["points"] == str(row["points"]) == str(EXPECTED[lms][line["submission"]] or 0)
        assert (line["max_points"], line["relu_forward"], line["status"]) == ("1", line["points"], row["status"])
        people = [{**dict.fromkeys(("name", "id", "login", "sid", "email"), ""), **p} for p in who["people"]]
        assert {k: line[k] for k in ("name", "id", "login", "sid", "email")} in people
        assert line["late"] == {True: "late", False: "in time", None: ""}[who["late"]]
        assert line["submitted"] == (who["submitted"] or "")
        assert line["attempt"] == str(who["attempt"] or "")
    assert len(lines) == sum(max(1, len(s["people"])) for s in intake.values())


def test_no_cell_of_the_csv_is_a_formula() -> None:
    row = {"submission": "=1+1", "status": "graded", "points": 1, "max_points": 1, "exercises": []}
    who = {"=1+1": {"people": [{"name": "+x", "id": "-1", "login": "@x", "sid": "\t=", "email": "=cmd|x"}]}}
    line = next(iter(csv.reader(io.StringIO(table(Stored(Path(), {}, [row], who=who)).splitlines()[1]))))
    assert len(line) == 14
    assert all(text.startswith("'") for text in line[:6])


# -- JUnit


def test_junit_has_a_suite_a_submission_and_counts_that_add_up(graded: dict[str, Path], tmp_path: Path) -> None:
    assert run("export", graded["canvas"], "--to", "junit", "--out", tmp_path / "j.xml").exit_code == 0
    root = ElementTree.parse(tmp_path / "j.xml").getroot()
    suites = {s.get("name"): s for s in root}
    assert set(suites) == set(EXPECTED["canvas"])
    assert suites["lovelaceada"].get("failures") == "0"
    assert suites["itoben"].get("failures") == "1"
    failure = suites["itoben"].find("testcase/failure")
    assert failure is not None
    assert "line 5" in (failure.text or "")
    assert suites["meierjonas"].get("errors") == "1"
    for kind in ("tests", "failures", "errors", "skipped"):
        assert int(root.get(kind, "")) == sum(int(s.get(kind, "")) for s in root)
    assert int(root.get("tests", "")) == len(root.findall("*/testcase"))
    assert "it should be" not in (tmp_path / "j.xml").read_text()


def test_junit_of_text_that_xml_cannot_hold_is_still_xml() -> None:
    row = {"submission": "a\x00\ud800<b>", "status": "unreadable", "problem": "x\x1b\n\x0c", "points": 0}
    made = junit(Stored(Path(), {}, [{**row, "max_points": 1, "exercises": []}]))
    assert ElementTree.fromstring(made)[0].get("name") == "a\ufffd\ufffd<b>"


# -- Gradescope


def test_gradescope_results_follow_the_schema_and_add_up(graded: dict[str, Path], tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert run("export", graded["canvas"], "--to", "gradescope", "--out", tmp_path / "all").exit_code == 0
    found = {p.parent.name: json.loads(p.read_text()) for p in (tmp_path / "all").glob("*/results.json")}
    assert len(found) == len(EXPECTED["canvas"])
    for made in found.values():
        jsonschema.validate(made, SCHEMA)
    assert sum(t["score"] for t in found["lovelaceada"]["tests"]) == 1
    test = found["itoben"]["tests"][0]
    assert (test["score"], test["max_score"], test["status"]) == (0, 1, "failed")
    assert "x out" in test["output"]
    assert found["meierjonas"]["output"].startswith("unreadable: ")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"tests": [{"score": 1}]}, SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found["itoben"], "visibility": "shown"}, SCHEMA)


def test_one_gradescope_result_is_a_file_and_a_fault_gives_none(graded: dict[str, Path], tmp_path: Path) -> None:
    command = ("export", graded["canvas"], "--to", "gradescope", "--submission")
    assert run(*command, "itoben", "--out", tmp_path / "results.json").exit_code == 0
    jsonschema.validate(json.loads((tmp_path / "results.json").read_text()), SCHEMA)
    assert "no submission nobody; there are" in run(*command, "nobody", "--out", tmp_path / "x.json").output
    shutil.copytree(graded["canvas"], tmp_path / "run")
    text = (tmp_path / "run" / "results.jsonl").read_text().replace('"graded"', '"grader fault"')
    (tmp_path / "run" / "results.jsonl").write_text(text)
    done = run("export", tmp_path / "run", "--to", "gradescope", "--out", tmp_path / "none")
    assert done.exit_code == 2
    assert "the grader failed on" in done.output
    assert not (tmp_path / "none").exists()


def test_the_sample_class_passes_the_gradescope_schema(tmp_path: Path) -> None:
    only = [w for name in ("svm_loss_vectorized", "two_layer_loss") for w in ("--exercise", name)]
    assert run("grade", ROOT / "data" / "sample_class", "--out", tmp_path / "run", *only).exit_code == 0
    for row in read(tmp_path / "run").rows:
        made = gradescope(row)
        jsonschema.validate(made, SCHEMA)
        assert sum(t["score"] for t in made["tests"]) == row["points"]
        assert sum(t["max_score"] for t in made["tests"]) == row["max_points"]
    junit(read(tmp_path / "run"))


@pytest.fixture(scope="module")
def autograder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gradescope's container as a folder: the zip unpacked, setup.sh run, run_autograder in its place.

    The packages that the grader needs are those of this environment, so that nothing is downloaded.
    """
    root = tmp_path_factory.mktemp("container") / "autograder"
    archive = root / "autograder.zip"
    (root / "submission").mkdir(parents=True)
    (root / "results").mkdir()
    done = run("export", "gradescope-autograder", "--out", archive, "--seed", 11, *ONLY)
    assert done.exit_code == 0
    with zipfile.ZipFile(archive) as made:
        modes = {i.filename: i.external_attr >> 16 & 0o777 for i in made.infolist()}
        made.extractall(root / "source")
    assert (modes["setup.sh"], modes["run_autograder"], modes["requirements.txt"]) == (0o755, 0o755, 0o644)
    shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
    venv.create(root / "venv", with_pip=True)
    site = next((root / "venv").glob("lib/python*/site-packages"))
    (site / "here.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    environment = {**os.environ, "AUTOGRADER_ROOT": str(root), "PIP_NO_INDEX": "1", "PIP_NO_INPUT": "1"}
    done = subprocess.run(
        ["bash", root / "source" / "setup.sh"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return root


def in_container(root: Path, files: dict[str, str]) -> tuple[subprocess.CompletedProcess[str], Path]:
    shutil.rmtree(root / "submission")
    (root / "submission").mkdir()
    write(root / "submission", files)
    results = root / "results" / "results.json"
    results.unlink(missing_ok=True)
    done = subprocess.run(
        ["bash", root / "run_autograder"],
        env={"PATH": os.environ["PATH"], "AUTOGRADER_ROOT": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return done, results


@pytest.mark.parametrize(
    ("files", "score", "told"),
    [
        ({"relu.ipynb": notebook(RIGHT)}, 1, "+ out"),
        ({"deep/relu.py": deliveries.WRONG, "notes.txt": "x"}, 0, "x out"),
        ({"relu.ipynb": "{"}, 0, "broken JSON"),
        ({}, 0, "no notebook (.ipynb) and no Python file (.py)"),
        ({"relu.py": "def relu_forward(x):\n    while True: pass\n"}, 0, "time was up"),
    ],
)
def test_the_autograder_zip_grades_in_gradescope_s_layout(
    files: dict[str, str], score: int, told: str, autograder: Path
) -> None:
    done, results = in_container(autograder, files)
    assert done.returncode == 0, done.stderr
    made = json.loads(results.read_text())
    jsonschema.validate(made, SCHEMA)
    assert sum(t["score"] for t in made["tests"]) == score
    assert [t["max_score"] for t in made["tests"]] == [1]
    assert told in json.dumps(made, ensure_ascii=False)


def test_the_autograder_runs_the_grader_of_its_own_zip_and_solutions_stay_in_the_kit(autograder: Path) -> None:
    site = next((autograder / "venv").glob("lib/python*/site-packages"))
    assert (site / "grader" / "cli.py").is_file()
    assert (site / "grader" / "reports" / "templates" / "student.html").is_file()
    assert not list(site.rglob("solutions"))
    assert json.loads((autograder / "source" / "kit" / "autograder.json").read_text())["seed"] == 11
    assert "numpy" in (autograder / "source" / "requirements.txt").read_text()
    assert "pytest" not in (autograder / "source" / "requirements.txt").read_text()


def test_a_fault_of_the_grader_writes_no_result_in_the_container(autograder: Path) -> None:
    kit = autograder / "source" / "kit" / "solutions" / "relu.py"
    before = kit.read_text()
    try:
        kit.write_text("def broken(:\n")
        done, results = in_container(autograder, {"relu.py": RIGHT})
    finally:
        kit.write_text(before)
    assert done.returncode != 0
    assert not results.exists()


def test_the_zip_of_a_kit_and_seed_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        assert run("export", "gradescope-autograder", "--out", tmp_path / name, "--seed", 1).exit_code == 0
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


# -- feedback


def test_feedback_pages_are_named_as_moodle_and_canvas_take_them_back(graded: dict[str, Path], tmp_path: Path) -> None:
    names = {}
    for lms in ("moodle", "canvas", "plain"):
        assert run("export", graded[lms], "--to", "feedback", "--out", tmp_path / f"{lms}.zip").exit_code == 0
        with zipfile.ZipFile(tmp_path / f"{lms}.zip") as archive:
            names[lms] = set(archive.namelist())
            assert all(b"<!doctype html>" in archive.read(n).lower() for n in names[lms])
    assert "Ada Lovelace_4001_assignsubmission_file_/feedback.html" in names["moodle"]
    assert "lovelaceada_12345_67999_feedback.html" in names["canvas"]
    assert "durandchloé_LATE_12346_67892_feedback.html" in names["canvas"]
    assert names["plain"] == {"ada.html", "ben.html", "chloe.html", "jonas.html"}


def test_feedback_for_moodle_is_recognised_as_moodle_s_own(graded: dict[str, Path], tmp_path: Path) -> None:
    """What goes back has the form of what came: the same people are found in it."""
    from grader.intake import opened

    run("export", graded["moodle"], "--to", "feedback", "--out", tmp_path / "f.zip")
    with opened(tmp_path / "f.zip") as found:
        assert found.lms == "moodle"
        assert {h.key for h in found.handed} == set(EXPECTED["moodle"])


# -- wrong use


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere", "--to", "csv", "--out", "x"], "nowhere is no report"),
        (["--to", "csv", "--out", "x"], "name the folder of the run"),
        (["{run}", "--out", "x"], "say what to make: --to csv"),
        (["{run}", "--to", "csv", "--out", "{run}"], "exists: name another file, or add --force"),
        (
            ["{run}", "--to", "canvas", "--out", "x"],
            "--gradebook FILE is needed: the file that canvas exports (Grades >",
        ),
        (
            ["{run}", "--to", "moodle", "--out", "x", "--gradebook", "{run}/grades.csv"],
            "no grade columns of a Moodle file",
        ),
    ],
)
def test_wrong_use_of_export_is_told_with_the_way_out(
    arguments: list[str], told: str, graded: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("export", *(a.format(run=graded["plain"]) for a in arguments))
    assert done.exit_code == 2
    assert told in done.output
    assert not (tmp_path / "x").exists()


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a delivery of Canvas (`in`) and its run (`run`), ended by Ctrl-C when one submission was graded."""

    def stop(done: int, total: int, name: str) -> None:
        if done:
            raise KeyboardInterrupt

    folder = tmp_path_factory.mktemp("unfinished")
    MAKERS["canvas"](folder / "in")
    with pytest.raises(KeyboardInterrupt):
        grade(find(ROOT), folder / "in", folder / "run", 3, stop, only=["relu_forward"], jobs=1)
    return folder


@pytest.mark.parametrize("form", ["csv", "junit", "feedback", "canvas", "gradescope"])
def test_an_unfinished_run_is_not_exported_and_how_to_go_on_is_told(
    form: str, unfinished: Path, tmp_path: Path
) -> None:
    (tmp_path / "book.csv").write_text(CANVAS_BOOK, encoding="utf-8", newline="")
    book = ["--gradebook", tmp_path / "book.csv"] if form == "canvas" else []
    command = ("export", unfinished / "run", "--to", form, *book, "--out", tmp_path / "x")
    graded, total = len(read(unfinished / "run").rows), len(EXPECTED["canvas"])
    assert 0 < graded < total
    done = run(*command)
    assert done.exit_code == 2
    told = f"run is unfinished: {total - graded} of {total} submissions are not graded yet ("
    assert told in done.output
    assert "Give the grader grade command with --out" in done.output
    assert not (tmp_path / "x").exists()
    shutil.copytree(unfinished, tmp_path / "on")
    assert run("grade", tmp_path / "on" / "in", "--out", tmp_path / "on" / "run", "--seed", 3, *ONLY).exit_code == 0
    command = (*command[:1], tmp_path / "on" / "run", *command[2:])
    assert run(*command).exit_code == (1 if form == "canvas" else 0)  # of the Canvas book the group stands in no row
    assert (tmp_path / "x").exists()


def test_what_is_graded_of_an_unfinished_run_goes_to_gradescope_by_its_name(unfinished: Path, tmp_path: Path) -> None:
    [row, *_] = read(unfinished / "run").rows
    command = ("export", unfinished / "run", "--to", "gradescope", "--submission", row["submission"])
    assert run(*command, "--out", tmp_path / "x.json").exit_code == 0


def test_a_run_that_was_killed_before_it_wrote_results_is_told_as_unfinished(unfinished: Path, tmp_path: Path) -> None:
    shutil.copytree(unfinished / "run", tmp_path / "run")
    (tmp_path / "run" / "results.jsonl").unlink()
    done = run("export", tmp_path / "run", "--to", "csv", "--out", tmp_path / "x")
    assert done.exit_code == 2
    assert (
        "run is unfinished: its run is still at work, or was ended before it wrote results.jsonl. Wait for it"
        in done.output
    )


@pytest.mark.parametrize("form", ["csv", "junit", "feedback", "canvas", "gradescope-autograder"])
@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("nowhere/x", "there is no folder nowhere. Make it, or name another place"),
        ("file/x", "a file is where a folder would have to be. Name another place"),
        ("folder", "it is a folder. Name a file"),
        ("/dev/full", "No space left on device. Make room, or name another place"),
    ],
)
def test_an_output_that_cannot_be_written_is_told_with_the_way_out(
    form: str, out: str, told: str, graded: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "book.csv").write_text(CANVAS_BOOK, encoding="utf-8", newline="")
    which = [] if form == "gradescope-autograder" else [graded["canvas"]]
    book = ["--gradebook", "book.csv"] if form == "canvas" else []
    done = run("export", *which, "--to", form, *book, "--out", out, "--force")
    assert done.exit_code == (1 if out == "/dev/full" else 2)
    assert done.output.splitlines()[-1] == f"Error: {out} cannot be written: {told}"


def test_every_reason_for_a_cell_left_has_a_sentence() -> None:
    for why in ("unknown", "namesakes", "taken", "excused", "not assigned", "locked", "short", "missing", "unreadable"):
        assert "{" not in messages.left(why, "x")
