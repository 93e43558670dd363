"""What a run keeps: nothing is lost, nothing unchanged is run again, and a folder that is somebody else's is left alone."""

from __future__ import annotations

import csv
import ctypes
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result
from conftest import RELU, RIGHT, ROOT, WRONG

import grader
from grader import atomic, fingerprint
from grader.classroom import Run, grade
from grader.cli import main
from grader.gradebook import Attempt, Gradebook, Override, Plan
from grader.gradebook import Result as Kept
from grader.kit import KitError, find
from grader.reports.packed import PackedMap
from grader.tables import FILE, MIGRATIONS, VERSION

SCHEMA = json.loads((Path(grader.__file__).parent / "schema" / "result-1.json").read_text())
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2  # of Linux
PLAN = Plan("/class", "../class", "Kit", "k1", "g1", 5, "s1")


def run(at: Path, *more: object, out: str = "out", folder: str = "class") -> Result:
    arguments = ["--kit", at / "kit", "grade", at / folder, "--out", at / out, *more]
    return CliRunner().invoke(main, list(map(str, arguments)), catch_exceptions=False)


def graded(at: Path, **more: object) -> Run:
    return grade(find(at / "kit"), at / "class", at / "out", **more)  # type: ignore[arg-type]


def files(out: Path) -> dict[str, bytes]:
    """All but what holds times."""
    return {
        p.relative_to(out).as_posix(): p.read_bytes()
        for p in out.rglob("*")
        if p.is_file() and not p.name.startswith("gradebook") and p.name not in ("times.json", "index.html")
    }


def rows(out: Path) -> dict[str, dict]:
    return {(r := json.loads(line))["submission"]: r for line in (out / "results.jsonl").read_text().splitlines()}


def history(at: Path, name: str | None = None) -> list[Attempt]:
    with Gradebook(at / "out") as book:
        return book.attempts(name)


# -- nothing is run twice


def test_an_unchanged_class_is_not_run_again_and_its_files_are_the_same(small: Path) -> None:
    first = graded(small)
    before = files(small / "out")
    again = graded(small)
    assert (first.reused, again.reused) == (0, 3)
    assert first.cpu > 0
    assert again.cpu == 0
    assert files(small / "out") == before
    assert len(history(small)) == 3


def test_only_what_changed_is_run_and_its_history_grows(small: Path) -> None:
    graded(small)
    (small / "class" / "ben.py").write_text(RIGHT + "# mended\n")
    again = graded(small)
    assert again.reused == 3  # the mended one has the functions of another
    (small / "class" / "ben.py").write_text(RELU.format("x * (x > 0)"))
    assert graded(small).reused == 2
    assert [a.points for a in history(small, "ben")] == [0.0, 1.0, 1.0]
    assert rows(small / "out")["ben"]["attempt"] == {"number": 3, "of": 3}
    jsonschema.validate(rows(small / "out")["ben"], SCHEMA)


def test_the_same_functions_are_run_once_whoever_handed_them_in(small: Path) -> None:
    cells = [{"cell_type": "markdown", "source": "# Ada"}, {"cell_type": "code", "source": WRONG}]
    for name, title in {"dan": "# Dan", "eve": "# Eve"}.items():
        cells[0]["source"] = title
        (small / "class" / f"{name}.ipynb").write_text(json.dumps({"cells": cells}))
    (small / "class" / "finn.py").write_text(WRONG)
    assert graded(small).reused == 3  # all as ben
    found = rows(small / "out")
    assert {name: found[name]["points"] for name in ("ben", "dan", "eve", "finn")} == dict.fromkeys(
        ("ben", "dan", "eve", "finn"), 0
    )
    assert found["finn"]["exercises"][0]["cell"] == "finn.py"
    assert found["ben"]["exercises"][0]["cell"] == "ben.py"
    assert found["eve"]["exercises"][0]["cell"] == "cell 2"
    for name in found:
        assert "\u27ea" not in json.dumps(found[name], ensure_ascii=False)
        assert "\u27ea" not in (small / "out" / "students" / f"{name}.html").read_text()


def test_an_error_is_told_with_the_file_of_each_who_made_it(small: Path) -> None:
    for name in ("xena", "yves"):
        (small / "class" / f"{name}.py").write_text(RELU.format("missing_name"))
    (small / "class" / "zoe.py").write_text("x = 1\ndef relu_forward(x):\n    y = (\n")
    (small / "class" / "zane.py").write_text("x = 1\ndef relu_forward(x):\n    y = (\n")
    assert graded(small).reused == 2
    for name in ("xena", "yves", "zoe", "zane"):
        told = rows(small / "out")[name]["exercises"][0]["message"]
        assert f"{name}.py, line" in told


def test_fresh_runs_everything_again_on_the_same_inputs(small: Path) -> None:
    graded(small)
    before, seed = files(small / "out"), json.loads((small / "out" / "run.json").read_text())["seed"]
    again = graded(small, fresh=True)
    assert again.reused == 0
    assert again.cpu > 0
    assert json.loads((small / "out" / "run.json").read_text())["seed"] == seed
    assert files(small / "out") == before
    assert len(history(small)) == 3  # the same results of the same versions are no new attempts


def test_a_fresh_run_that_was_ended_is_taken_up_where_it_stood(small: Path) -> None:
    graded(small, seed=1)

    def stop(done: int, total: int, name: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        graded(small, seed=1, fresh=True, told=stop, jobs=1)
    assert graded(small, seed=1, fresh=True).reused == 2


@pytest.mark.parametrize("change", ["reference", "limits", "seed", "exercise"])
def test_whatever_a_result_depends_on_makes_it_run_again(small: Path, change: str) -> None:
    graded(small, seed=1)
    more: dict[str, object] = {"seed": 1}
    if change == "reference":
        path = small / "kit" / "solutions" / "relu.py"
        path.write_text(path.read_text() + "\n# mended\n")
    elif change == "limits":
        (small / "kit" / "grader.toml").write_text('[kit]\ntitle = "Small"\n[limits]\nseconds = 1\n')
    elif change == "seed":
        more["seed"] = 2
    else:
        more["only"] = ["relu_forward"]
    assert graded(small, **more).reused == 0


def test_a_rule_for_late_ones_makes_nothing_run_again(small: Path) -> None:
    graded(small)
    (small / "kit" / "grader.toml").write_text('[kit]\ntitle = "Small"\n[late]\ndeadline = 2020-01-01T00:00:00Z\n')
    assert graded(small).reused == 3


def test_the_seed_is_kept_before_anything_is_graded(small: Path) -> None:
    def stop(done: int, total: int, name: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        graded(small, told=stop)
    seed = json.loads((small / "out" / "run.json").read_text())["seed"]
    graded(small)
    assert json.loads((small / "out" / "run.json").read_text())["seed"] == seed


def test_who_is_no_longer_in_the_class_has_no_page(small: Path) -> None:
    graded(small)
    (small / "class" / "ben.py").unlink()
    graded(small)
    assert sorted(p.name for p in (small / "out" / "students").iterdir()) == ["ada.html", "cleo.html"]
    assert "ben" not in (small / "out" / "grades.csv").read_text()
    assert len(history(small, "ben")) == 1


@pytest.mark.parametrize("harm", ["removed", "changed"])
def test_a_page_that_is_not_as_it_was_written_is_written_again(small: Path, harm: str) -> None:
    graded(small)
    page = small / "out" / "students" / "ada.html"
    before = page.read_bytes()
    if harm == "removed":
        page.unlink()
    else:
        page.write_bytes(before.replace(b"ada", b"eve"))
    assert graded(small).reused == 3
    assert page.read_bytes() == before


@pytest.mark.parametrize("file", ["run.json", "intake.json", "results.jsonl", "grades.csv", "index.html"])
def test_a_file_of_the_run_that_was_removed_is_written_again(small: Path, file: str) -> None:
    graded(small)
    before = (small / "out" / file).read_bytes()
    (small / "out" / file).unlink()
    assert graded(small).reused == 3
    if file != "index.html":  # it holds times
        assert (small / "out" / file).read_bytes() == before
    assert (small / "out" / file).is_file()


# -- ended runs


def test_a_run_ended_by_ctrl_c_shows_all_that_is_known(small: Path) -> None:
    graded(small, seed=1)
    whole = files(small / "out")
    (small / "class" / "ada.py").write_text(RELU.format("x * 1.0"))

    def stop(done: int, total: int, name: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        graded(small, seed=1, told=stop)
    assert list(rows(small / "out")) == ["ben", "cleo"]
    assert "2 of 3" in (small / "out" / "index.html").read_text()
    (small / "class" / "ada.py").write_text(RIGHT)
    graded(small, seed=1)
    assert files(small / "out") == whole


@pytest.mark.parametrize("call", [1, 2, 3, 4, 5, 6])
def test_ctrl_c_between_two_steps_of_keeping_a_row_doubles_nothing(
    small: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    graded(small, seed=1, jobs=1)
    whole = files(small / "out")
    calls = 0

    def keep(self: PackedMap, name: str, text: str, own: Callable[..., None] = PackedMap.keep) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        own(self, name, text)

    monkeypatch.setattr(PackedMap, "keep", keep)
    with pytest.raises(KeyboardInterrupt):
        graded(small, seed=1, jobs=1, show_expected=True)
    assert list(rows(small / "out")) == ["ada", "ben", "cleo"]
    graded(small, seed=1, jobs=1)
    assert files(small / "out") == whole


class Killed(BaseException):
    """Stands for SIGKILL: nothing is written after it."""


@pytest.mark.parametrize("change", ["seed", "answers", "late", "work"])
def test_a_killed_run_with_something_else_leaves_nothing_of_it_behind(small: Path, change: str) -> None:
    """Its pages lie beside the files of the run before, which is then asked for again."""
    (small / "class" / "abe.py").write_text(WRONG)
    graded(small, seed=1, jobs=1)
    whole = files(small / "out")
    config, work = small / "kit" / "grader.toml", small / "class" / "abe.py"
    plain, when = config.read_text(), work.stat()
    more: dict[str, object] = {"seed": 2} if change == "seed" else {"seed": 1}
    if change == "answers":
        more["show_expected"] = True
    elif change == "late":
        config.write_text(plain + "[late]\ndeadline = 2020-01-01T00:00:00Z\n")
    elif change == "work":
        work.write_text(RELU.format("x * 1.0"))

    def stop(done: int, total: int, name: str) -> None:
        if done == 1:
            raise Killed

    with pytest.raises(Killed):
        graded(small, told=stop, jobs=1, **more)
    assert files(small / "out") != whole
    config.write_text(plain)
    work.write_text(WRONG)
    os.utime(work, ns=(when.st_atime_ns, when.st_mtime_ns))
    graded(small, seed=1, jobs=1)
    left = files(small / "out")
    if change == "work":  # it was graded in between, and that is told
        left = {name: content for name, content in left.items() if whole.get(name) != content}
        assert set(left) == {"results.jsonl", "grades.csv", "students/abe.html"}
        assert rows(small / "out")["abe"]["attempt"] == {"number": 1, "of": 2}
    else:
        assert left == whole


def test_a_full_disk_is_told_and_the_same_command_goes_on(small: Path) -> None:
    """A limit on the size of files stands for the end of the disk: it holds for root too."""
    undisturbed = run(small, "--seed", 1, out="right")
    assert undisturbed.exit_code == 0
    for kilobytes in (1, 8, 40, 80):
        code = "import sys; from grader.cli import main; main(sys.argv[1:])"
        command = [
            sys.executable,
            "-c",
            code,
            "--kit",
            small / "kit",
            "grade",
            small / "class",
            "--out",
            small / "out",
            "--seed",
            "1",
        ]
        done = subprocess.run(
            list(map(str, command)),
            capture_output=True,
            text=True,
            cwd=ROOT,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes << 10, kilobytes << 10)),  # noqa: B023
        )
        assert "Traceback" not in done.stdout + done.stderr
        if done.returncode:
            assert done.returncode == 1
            assert "cannot be written" in done.stderr
            assert "give the same command again" in done.stderr
    assert run(small, "--seed", 1).exit_code == 0
    assert files(small / "out") == files(small / "right")


def test_a_full_gradebook_is_told(small: Path) -> None:
    (small / "out").mkdir()
    with Gradebook(small / "out") as book:
        begun = book.begin(PLAN)
        book._db.execute(f"PRAGMA max_page_count = {book._db.execute('PRAGMA page_count').fetchone()[0] + 2}")
        big = Kept("x" * 100_000, "{}", "{}")
        with pytest.raises(atomic.CannotWrite, match=r"full.*make room and give the same command again"):
            book.keep(begun, "s1", Attempt("ada", "graded", 1, 1, "d", "k"), big)
        assert book.attempts() == []
        assert book.result("k") is None


def without_roots_privilege() -> None:
    """Before a program starts: even as root it may only read and write where its user may."""
    for privilege in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, privilege, 0, 0, 0)


def grader_without_roots_privilege(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        preexec_fn=without_roots_privilege,
    )


def test_a_read_only_folder_is_told(small: Path) -> None:
    (small / "out").mkdir()
    (small / "out").chmod(0o555)
    for out in ("out", "out/deeper"):
        done = grader_without_roots_privilege("--kit", small / "kit", "grade", small / "class", "--out", small / out)
        assert done.returncode == 2
        assert "name a folder that you may write to" in done.stderr
        assert "Traceback" not in done.stderr
    (small / "out").chmod(0o755)
    assert run(small).exit_code == 0


def test_a_second_file_that_counts_instead_is_told(small: Path) -> None:
    (small / "class" / "zoe").mkdir()
    (small / "class" / "zoe" / "relu.py").write_text(RIGHT)
    (small / "class" / "zoe" / "relu_old.py").write_text(WRONG)
    assert run(small).exit_code == 0
    row = rows(small / "out")["zoe"]
    assert row["points"] < row["max_points"]
    told = next(e["message"] for e in row["exercises"] if e["name"] == "relu_forward")
    assert told.startswith("filled in otherwise in relu.py, line")
    assert "too: the last one counts" in told
    (small / "class" / "zoe" / "relu_old.py").write_text(RIGHT)
    assert run(small).exit_code == 0
    assert "otherwise" not in json.dumps(rows(small / "out")["zoe"])


def test_a_folder_that_cannot_be_opened_is_a_row_and_the_rest_goes_on(small: Path) -> None:
    (small / "class" / "viktor").mkdir()
    (small / "class" / "viktor").chmod(0)
    done = grader_without_roots_privilege("--kit", small / "kit", "grade", small / "class", "--out", small / "out")
    for command in ("inspect", "similar"):
        other = grader_without_roots_privilege("--kit", small / "kit", command, small / "class")
        assert (other.returncode, other.stderr.count("Traceback")) == (0, 0), other.stderr
    (small / "class" / "viktor").chmod(0o755)
    assert done.returncode == 0, done.stderr
    row = rows(small / "out")["viktor"]
    assert (row["status"], row["problem"]) == (
        "unreadable",
        "the folder viktor cannot be opened here: Permission denied",
    )
    assert rows(small / "out")["ada"]["points"] > 0


BARRED = {
    "clones": ("hw-2-ada/a.py", "hw-2-ada/.git/config", "hw-2-ben/a.py", "hw-2-ben/.git/config", "hw-2-viktor/a.py"),
    "brightspace": ("1-9 - ada - Sep 24, 2025 926 PM/a.py", "2-9 - viktor - Sep 24, 2025 926 PM/a.py"),
    "moodle": ("ada_41_assignsubmission_file/a.py", "viktor_42_assignsubmission_file/a.py"),
    "inside": ("ada.py", "viktor/a.py", "viktor/week/a.py"),
    "alone": ("viktor/a.py",),
}


@pytest.mark.parametrize("files", BARRED.values(), ids=BARRED)
@pytest.mark.parametrize("mode", [0, 0o444])
def test_a_folder_that_cannot_be_opened_is_a_row_in_any_delivery(
    small: Path, files: tuple[str, ...], mode: int
) -> None:
    for name in files:
        (small / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (small / "in" / name).write_text(RIGHT)
    barred = (small / "in" / files[-1]).parent
    barred.chmod(mode)
    done = grader_without_roots_privilege("--kit", small / "kit", "grade", small / "in", "--out", small / "out")
    barred.chmod(0o755)
    assert done.returncode == 0, done.stderr
    found = {("viktor" if "viktor" in name else name): row for name, row in rows(small / "out").items()}
    assert found["viktor"]["status"] == "unreadable"
    assert "cannot be opened" in found["viktor"]["problem"]
    assert len(found) == len({name.split("/")[0] for name in files})


def test_a_class_that_cannot_be_looked_into_is_told(small: Path) -> None:
    (small / "class").chmod(0o444)
    told = [
        grader_without_roots_privilege("--kit", small / "kit", *command)
        for command in (("grade", small / "class", "--out", small / "out"), ("inspect", small / "class"))
    ]
    (small / "class").chmod(0o755)
    for done in told:
        assert done.returncode == 2
        assert "cannot be looked into: let yourself read it (chmod u+rx)" in " ".join(done.stderr.split())


def test_a_book_that_may_only_be_read_is_told_as_such_and_as_no_fault_of_the_disk(small: Path) -> None:
    assert run(small).exit_code == 0
    (small / "out" / "gradebook.sqlite").chmod(0o444)
    done = grader_without_roots_privilege("gradebook", "override", small / "out", "ada", "1", "--reason", "x")
    assert done.returncode == 2
    assert f"{small / 'out' / 'gradebook.sqlite'} cannot be written: name a folder that you may write to" in done.stderr
    assert "I/O" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--kit", "kit", "release", "--out", "barred"],
        ["--kit", "kit", "release", "--out", "barred/deeper"],
        ["--kit", "kit", "release", "--out", "barred_inside", "--force"],
        ["--kit", "barred_kit", "build"],
        ["init", "barred"],
        ["export", "out", "--to", "csv", "--out", "barred/x"],
        ["export", "out", "--to", "feedback", "--out", "barred/x"],
        ["export", "out", "--to", "gradescope", "--out", "barred/x"],
        ["--kit", "kit", "export", "gradescope-autograder", "--out", "barred/x"],
    ],
)
def test_a_place_that_may_not_be_written_is_told_with_the_way_out(small: Path, arguments: list[str]) -> None:
    if "export" in arguments:
        assert run(small).exit_code == 0
    shutil.copytree(small / "kit", small / "barred_kit")
    released = ["--kit", str(small / "kit"), "release", "--out", str(small / "barred_inside")]
    assert CliRunner().invoke(main, released).exit_code == 0
    (small / "barred_inside" / "assignment" / "relu.py").unlink()
    (small / "barred").mkdir()
    for path in (small / "barred", small / "barred_kit", small / "barred_inside" / "assignment"):
        path.chmod(0o555)
    done = grader_without_roots_privilege(*arguments, cwd=small)
    assert done.returncode == 2
    assert re.search(r"^Error: \S*barred\S* cannot be written: Permission denied\. Name a place", done.stderr, re.M)
    assert "Traceback" not in done.stderr


def test_ctrl_c_and_the_same_command_again_end_as_if_nothing_had_been(small: Path) -> None:
    assert run(small, "--seed", 1, out="right").exit_code == 0
    slow = RELU.format("x")
    (small / "class" / "ada.py").write_text(slow.replace("out =", "while True: pass\n    out ="))
    command = [
        sys.executable,
        "-m",
        "grader.cli",
        "--kit",
        small / "kit",
        "grade",
        small / "class",
        "--out",
        small / "out",
        "--seed",
        "1",
    ]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (small / "out" / "run.json").exists():
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in output + errors
    (small / "class" / "ada.py").write_text(RIGHT)
    assert run(small, "--seed", 1).exit_code == 0
    assert files(small / "out") == files(small / "right")


# -- whose folder it is


def test_a_folder_with_something_else_is_refused_and_taken_by_force(small: Path) -> None:
    (small / "out").mkdir()
    (small / "out" / "thesis.txt").write_text("mine")
    done = run(small)
    assert done.exit_code == 2
    assert "is not empty" in done.output
    assert "--force" in done.output
    assert list((small / "out").iterdir()) == [small / "out" / "thesis.txt"]
    assert run(small, "--force").exit_code == 0
    assert run(small).exit_code == 0
    assert (small / "out" / "thesis.txt").read_text() == "mine"


def test_the_run_of_another_class_is_refused_and_kept_aside_by_force(small: Path) -> None:
    assert run(small).exit_code == 0
    (small / "other").mkdir()
    (small / "other" / "zoe.py").write_text(RIGHT)
    done = run(small, folder="other")
    assert done.exit_code == 2
    assert "holds the run of another class or kit" in done.output
    assert run(small, "--force", folder="other").exit_code == 0
    assert (small / "out" / "gradebook-1.sqlite").is_file()
    assert [p.name for p in (small / "out" / "students").iterdir()] == ["zoe.html"]  # nobody's of the other class
    assert run(small, folder="other").exit_code == 0
    assert run(small, "--force").exit_code == 0
    assert (small / "out" / "gradebook-2.sqlite").is_file()


def test_another_delivery_of_the_same_work_goes_on_with_what_was_set_by_hand(small: Path) -> None:
    assert run(small).exit_code == 0
    assert gradebook(small, "override", "ben", 0.5, "--reason", "oral").exit_code == 0
    assert gradebook(small, "override", "ada", 0, "--reason", "copied").exit_code == 0
    shutil.copytree(small / "class", small / "class (1)")
    (small / "class (1)" / "ada.py").unlink()
    (small / "class (1)" / "zoe.py").write_text(RIGHT)
    done = run(small, folder="class (1)")
    assert done.exit_code == 0, done.output
    assert "another delivery of the work in class" in done.stderr
    assert "not handed in any more: ada" in done.stderr
    assert "points set by hand count for nobody now: ada" in done.stderr
    assert sorted(rows(small / "out")) == ["ben", "cleo", "zoe"]
    assert rows(small / "out")["ben"]["override"][0]["reason"] == "oral"
    assert not (small / "out" / "students" / "ada.html").exists()
    again = run(small, folder="class (1)")
    assert "another delivery" not in again.stderr and "any more" not in again.stderr


def test_who_is_of_the_roster_and_was_graded_before_is_told_and_gets_no_zero(small: Path) -> None:
    (small / "roster.csv").write_text("login\nada\nben\ncleo\nzoe\n")
    (small / "book.csv").write_text("Student,ID,SIS Login ID,Homework (1)\nA,1,ada,\nB,2,ben,\nC,3,cleo,\nZ,4,zoe,\n")
    assert run(small, "--roster", small / "roster.csv").exit_code == 0
    (small / "class" / "ada.py").unlink()
    done = run(small, "--roster", small / "roster.csv")
    assert "not handed in any more" in done.stderr and "ada" in done.stderr
    assert "what was handed in before had 1 of 3 points" in rows(small / "out")["ada"]["problem"]
    jsonschema.validate(rows(small / "out")["ada"], SCHEMA)
    done = CliRunner().invoke(
        main,
        [
            *(
                "--kit",
                str(small / "kit"),
                "export",
                str(small / "out"),
                "--to",
                "canvas",
                "--raw",
                "--zero",
                "missing",
            ),
            *("--gradebook", str(small / "book.csv"), "--out", str(small / "to.csv")),
        ],
    )
    assert done.exit_code == 0, done.output
    assert "ada: nothing handed in this time, graded before" in done.output
    with (small / "to.csv").open(newline="") as file:
        assert {r["SIS Login ID"]: r["Homework (1)"] for r in csv.DictReader(file)}["zoe"] == "0"


def test_work_graded_before_is_found_by_what_its_student_is_called(small: Path) -> None:
    (small / "roster.csv").write_text('Student,ID,SIS Login ID\n"Lovelace, Ada",1001,ada\n"Kim, Ben",1002,ben\n')
    assert run(small, "--roster", small / "roster.csv").exit_code == 0
    assert gradebook(small, "override", "ada", 2, "--reason", "oral").exit_code == 0
    (small / "class" / "ada.py").unlink()
    assert run(small, "--roster", small / "roster.csv").exit_code == 0
    [row] = [r for r in rows(small / "out").values() if r["status"] == "missing"]
    assert row["before"] == 1
    assert row["override"][0]["reason"] == "oral"


def test_notes_of_a_run_that_was_ended_are_told_again(small: Path) -> None:
    toml = '[kit]\ntitle = "Small"\n[late]\ndeadline = {}\n'
    (small / "kit" / "grader.toml").write_text(toml.format("2020-01-03T00:00:00Z"))
    assert run(small).exit_code == 0
    (small / "kit" / "grader.toml").write_text(toml.format("2020-01-05T00:00:00Z"))
    (small / "class").rename(small / "again")

    def stop(done: int, total: int, name: str) -> None:
        raise KeyboardInterrupt

    told: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        grade(find(small / "kit"), small / "again", small / "out", told=stop, note=told.append)
    for _ in range(2):
        assert any("another delivery of the work in class" in line for line in told), told
        assert any("the deadline of the last run here was 2020-01-03" in line for line in told), told
        told.clear()
        grade(find(small / "kit"), small / "again", small / "out", note=told.append)
    assert len(told) == 1 and told[0].startswith("late: 3 of 3; 10 % of the points are off for every day begun")


def test_another_assignment_of_the_same_title_and_people_is_another_run(small: Path) -> None:
    assert run(small).exit_code == 0
    shutil.copytree(small / "kit", small / "kit2")
    (small / "kit2" / "solutions" / "relu.py").unlink()
    shutil.copy(ROOT / "solutions" / "tanh.py", small / "kit2" / "solutions")
    shutil.copytree(small / "class", small / "week2")
    arguments = ["--kit", small / "kit2", "grade", small / "week2", "--out", small / "out"]
    assert CliRunner().invoke(main, list(map(str, arguments))).exit_code == 2


def test_a_forced_folder_keeps_nothing_of_the_former_deadline(small: Path) -> None:
    assert run(small, "--deadline", "2020-01-01T00:00:00Z").exit_code == 0
    assert all("late" in row for row in rows(small / "out").values())
    (small / "other").mkdir()
    (small / "other" / "zoe.py").write_text(RIGHT)
    done = run(small, "--force", folder="other")
    assert done.exit_code == 0 and "deadline" not in done.stderr
    assert "late" not in rows(small / "out")["zoe"]


def test_a_deadline_that_is_said_is_kept_also_where_it_is_the_kit_s_own(small: Path) -> None:
    toml = '[kit]\ntitle = "Small"\n[late]\ndeadline = {}\n'
    (small / "kit" / "grader.toml").write_text(toml.format("2020-01-03T00:00:00Z"))
    assert run(small).exit_code == 0
    assert run(small, "--deadline", "2020-01-03T00:00:00Z").exit_code == 0
    (small / "kit" / "grader.toml").write_text(toml.format("2999-01-03T00:00:00Z"))
    assert run(small).exit_code == 0
    assert all("late" in row for row in rows(small / "out").values())


@pytest.mark.parametrize(
    "late", ['"x"', "null", "[1]", '{"deadline": "nope"}', '{"deadline": "2020-01-01T00:00:00", "said": true}']
)
def test_a_damaged_note_of_a_deadline_is_as_none(small: Path, late: str) -> None:
    assert run(small).exit_code == 0
    about = json.loads((small / "out" / "run.json").read_text())
    (small / "out" / "run.json").write_text(json.dumps({**about, "late": json.loads(late)}))
    done = run(small)
    assert done.exit_code == 0 and "deadline" not in done.stderr


def test_exercises_that_nobody_filled_in_are_told(small: Path) -> None:
    shutil.copy(ROOT / "solutions" / "tanh.py", small / "kit" / "solutions")
    assert "nobody has filled in" in run(small, "--exercise", "tanh_forward").stderr
    assert "nobody has filled in" not in run(small, out="out2").stderr


def test_a_stray_reference_is_told_in_every_run(small: Path) -> None:
    assert CliRunner().invoke(main, ["--kit", str(small / "kit"), "build"]).exit_code == 0
    source = small / "kit" / "solutions" / "relu.py"
    source.write_text(source.read_text().replace("out = np.maximum(0, x)", "out = np.maximum(0.5, x)"))
    for _ in range(2):
        assert "relu_forward was marked by a reference" in run(small).stderr
    (small / "kit" / "data" / "public" / "relu_forward.npz").write_bytes(b"no zip")
    (small / "class" / "zoe.py").write_text(WRONG)
    assert "relu_forward.npz cannot be read: grader build makes it again" in run(small).stderr


def test_other_exercises_of_the_same_people_are_another_run(small: Path) -> None:
    assert run(small, "--exercise", "relu_forward").exit_code == 0
    shutil.copytree(small / "class", small / "week2")
    assert run(small, folder="week2").exit_code == 2
    assert run(small, "--exercise", "relu_forward", folder="week2").exit_code == 0


def test_the_run_of_another_kit_is_refused(small: Path) -> None:
    assert run(small).exit_code == 0
    (small / "kit" / "grader.toml").write_text('[kit]\ntitle = "Other"\n')
    assert run(small).exit_code == 2


def test_a_reference_that_is_not_what_students_were_given_is_told(small: Path) -> None:
    def grader(*arguments: object) -> Result:
        return CliRunner().invoke(main, ["--kit", str(small / "kit"), *map(str, arguments)], catch_exceptions=False)

    shutil.copy(ROOT / "solutions" / "tanh.py", small / "kit" / "solutions")
    assert grader("build").exit_code == 0
    assert "students check themselves" not in run(small).stderr
    source = small / "kit" / "solutions" / "relu.py"
    right = source.read_text()
    assert "np.maximum(0, x)" in right
    source.write_text(right.replace("out = np.maximum(0, x)", "out = np.maximum(0.5, x)"))
    done = run(small)
    assert done.exit_code == 0
    assert (
        "relu_forward was marked by a reference whose out is not what students check themselves against" in done.stderr
    )
    assert "relu_backward" not in done.stderr
    (small / "kit" / "solutions" / "tanh.py").unlink()
    done = run(small)
    assert done.exit_code == 2
    assert "has no tanh_backward, tanh_forward, which students were given" in done.stderr
    assert run(small, "--exercise", "relu_forward").exit_code == 0


def test_class_kit_and_output_may_move_together(tmp_path: Path, small: Path) -> None:
    assert run(small, "--seed", 1).exit_code == 0
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("kit", "class", "out"):
        (small / name).rename(moved / name)
    done = run(moved)
    assert done.exit_code == 0
    assert "3 not run again" in done.output


def test_two_graders_do_not_share_a_folder(small: Path) -> None:
    (small / "out").mkdir()
    with Gradebook(small / "out") as book:
        book.begin(PLAN)
        done = run(small)
    assert done.exit_code == 2
    assert "another grader is at work" in done.output


# -- the book


def test_a_book_of_a_newer_grader_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    with pytest.raises(KitError, match="newer grader"):
        Gradebook(tmp_path)


def test_what_is_no_book_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, but long enough to be looked at as one" * 50)
    with pytest.raises(KitError, match="is damaged"):
        Gradebook(tmp_path)


def test_every_table_is_documented(tmp_path: Path) -> None:
    with Gradebook(tmp_path) as book:
        tables = [r[0] for r in book._db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        columns = {t: [r[1] for r in book._db.execute(f"PRAGMA table_info({t})")] for t in tables}
        (version,) = book._db.execute("PRAGMA user_version").fetchone()
    told = (ROOT / "docs" / "gradebook.md").read_text()
    assert version == VERSION == len(MIGRATIONS)
    for table, names in columns.items():
        assert f"### `{table}`" in told
        section = told.split(f"### `{table}`")[1].split("###")[0]
        for name in names:
            assert f"`{name}`" in section


def test_results_survive_a_book_that_was_not_closed(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom grader.gradebook import *\n"
        f"book = Gradebook(Path(sys.argv[1]))\nbegun = book.begin({PLAN!r})\n"
        "for n in range(20): book.keep(begun, 's1', Attempt(f's{n}', 'graded', n, 20, f'd{n}', f'k{n}'), Result('{}', '{}', '{}'))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    with Gradebook(tmp_path) as book:
        begun = book.begin(PLAN)
        assert begun.id == 1
        assert [a.points for a in book.attempts()] == list(range(20))
        assert book.known("d7", "s1", begun) == ("k7", ())


def test_an_override_replaces_an_earlier_one_and_history_keeps_both(tmp_path: Path) -> None:
    with Gradebook(tmp_path) as book:
        book.override(Override("ada", 3, "typo of ours", "kim"))
        book.override(Override("ada", 4, "counted again", "kim"))
        book.override(Override("ada", 1, "partly right", "kim", "relu_forward"))
        assert [(o.points, o.exercise) for o in book.overrides("ada")] == [(4.0, None), (1.0, "relu_forward")]
        assert [o.points for o in book.overrides(all_of_them=True)] == [3.0, 4.0, 1.0]
        assert book.withdraw("ada", None, None) == 1
        assert book.withdraw("ada", None, None) == 0
        assert len(book.overrides()) == 1


# -- fingerprints


def test_equal_work_under_other_names_has_one_fingerprint_and_other_work_another(tmp_path: Path) -> None:
    from grader.submission import load

    stubs = {"relu_forward": "def relu_forward(x):\n    out = ...\n    return out\n"}

    def key(name: str, text: str, setup: str = "s") -> str:
        (tmp_path / name).write_text(text)
        return fingerprint.functions(fingerprint.anonymous([load(tmp_path / name, stubs)])[0], setup)

    assert key("ada.py", RIGHT) == key("ben.py", RIGHT)
    assert key("ada.py", RIGHT) == key("ada.py", RIGHT + "\nprint('not needed')\n")
    different = {
        key("a.py", RIGHT),
        key("a.py", WRONG),
        key("a.py", "\n" + RIGHT),
        key("a.py", RIGHT, "t"),
        key("a.py", ""),
    }
    assert len(different) == 5


def test_names_are_put_back_as_text_whatever_they_hold() -> None:
    made = json.dumps(
        {"submission": fingerprint.NAME, "at": "in \u27ea0\u27eb, line 3", "other": "\u27ea7\u27eb"}, ensure_ascii=False
    )
    found = json.loads(fingerprint.named(made, 'a"\\\u27ea0\u27eb', ["b\n.py"]))
    assert found == {"submission": 'a"\\\u27ea0\u27eb', "at": "in b\n.py, line 3", "other": "\u27ea7\u27eb"}


def test_a_digest_sees_content_and_names(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    found = []
    for name, text in [("a.py", "x"), ("a.py", "y"), ("b.py", "x")]:
        (tmp_path / "d" / name).write_text(text)
        found.append(fingerprint.digest(tmp_path / "d"))
    assert len(set(found)) == 3
    assert None not in found
    assert fingerprint.digest(tmp_path / "gone.py") is None


# -- faults of ours


def test_a_fault_is_reported_without_the_students_work_and_tried_again(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader import marker

    real = marker.load

    def load(source: object, stubs: object, name: str) -> object:
        if name == "ben":
            raise RuntimeError("secret = 'of the student'")
        return real(source, stubs, name)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(marker, "load", load)
        done = run(small)
    assert done.exit_code == 1
    assert "1 of 3 submissions could not be graded, the rest is; please send us what is in" in done.output
    row = rows(small / "out")["ben"]
    assert row["status"] == "grader fault"
    assert "the grader failed, not the student: RuntimeError" in row["problem"]
    jsonschema.validate(row, SCHEMA)
    report = (small / "out" / "faults" / "ben.txt").read_text()
    for told in ("grader: 0", "exercise: none yet", "exception: RuntimeError", "job.py, line", "ben"):
        assert told in report
    assert "secret" not in report
    assert rows(small / "out")["ada"]["points"] == 1
    done = run(small)
    assert done.exit_code == 0
    assert rows(small / "out")["ben"]["status"] == "graded"
    assert not list((small / "out" / "faults").iterdir())


def test_a_fault_while_marking_names_the_exercise(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader import item

    def difference(*_: object) -> None:
        raise ZeroDivisionError("made to fail")

    with monkeypatch.context() as patched:
        patched.setattr(item, "difference", difference)
        assert run(small).exit_code == 1
    assert "exercise: relu_forward" in (small / "out" / "faults" / "ben.txt").read_text()
    assert run(small).exit_code == 0


# -- late ones, best ones


def set_time(path: Path, text: str) -> None:
    from datetime import datetime

    stamp = datetime.fromisoformat(text).timestamp()
    os.utime(path, (stamp, stamp))


def test_late_ones_lose_a_part_of_their_points_for_every_day_begun(small: Path) -> None:
    (small / "kit" / "grader.toml").write_text(
        '[kit]\ntitle = "Small"\n[late]\ndeadline = 2026-03-01T12:00:00+01:00\ngrace_minutes = 15\npenalty_percent = 20\nmost_percent = 50\n'
    )
    for number, when in enumerate(
        [
            "2026-03-01T11:00:00+00:00",
            "2026-03-01T11:14:00+00:00",
            "2026-03-01T11:16:00+00:00",
            "2026-03-02T11:30:00+00:00",
            "2026-03-09T00:00:00+00:00",
        ]
    ):
        path = small / "class" / f"late{number}.py"
        path.write_text(RIGHT)
        set_time(path, when)
    assert run(small).exit_code == 0
    with (small / "out" / "grades.csv").open(newline="") as file:
        found = {line["submission"]: line for line in csv.DictReader(file)}
    assert [found[f"late{n}"]["points"] for n in range(5)] == ["1", "1", "0.8", "0.6", "0.5"]
    assert found["late3"]["remark"] == "late: 40 % off"
    row = rows(small / "out")["late3"]
    assert row["points"] == 1
    assert row["late"] == {"hours": 24.5, "percent": 40}
    jsonschema.validate(row, SCHEMA)


def test_a_deadline_that_is_said_stays_with_its_folder_and_another_one_is_told(small: Path) -> None:
    def late() -> list[str]:
        return [name for name, row in rows(small / "out").items() if "late" in row]

    for name in ("ada", "ben", "cleo"):
        set_time(small / "class" / f"{name}.py", "2026-03-02T12:00:00+00:00")
    set_time(small / "class" / "ben.py", "2026-03-05T12:00:00+00:00")
    toml = '[kit]\ntitle = "Small"\n[late]\ndeadline = {}\n'
    (small / "kit" / "grader.toml").write_text(toml.format("2026-03-03T00:00:00Z"))
    done = run(small)
    assert late() == ["ben"]
    assert "when the newest of its files was written says when each was handed in" in done.stderr
    (small / "kit" / "grader.toml").write_text(toml.format("2026-03-10T00:00:00Z"))  # of the next week
    done = run(small)
    assert late() == []
    assert "the deadline of the last run here was 2026-03-03T00:00:00+00:00, it is 2026-03-10" in done.stderr
    assert "--deadline 2026-03-03T00:00:00+00:00" in done.stderr
    assert run(small, "--deadline", "2026-03-01T00:00:00+00:00").exit_code == 0
    assert late() == ["ada", "ben", "cleo"]
    (small / "kit" / "grader.toml").write_text(toml.format("2026-04-10T00:00:00Z"))
    done = run(small)
    assert late() == ["ada", "ben", "cleo"]
    assert "deadline" not in done.stderr
    for wrong in ("tomorrow", "2026-03-01"):
        done = run(small, "--deadline", wrong)
        assert done.exit_code == 2
        assert wrong in done.stderr and "T23:59" in done.stderr


def test_a_rule_for_late_ones_holds_for_what_was_graded_before_it(small: Path) -> None:
    """By the time at which it was handed in, also where the files were copied in between, or an older grader kept none."""
    set_time(small / "class" / "ada.py", "2026-03-01T11:00:00+00:00")
    set_time(small / "class" / "ben.py", "2026-03-02T11:00:00+00:00")
    set_time(small / "class" / "cleo.py", "2026-03-02T11:00:00+00:00")
    assert run(small).exit_code == 0
    with sqlite3.connect(small / "out" / FILE) as book:
        book.execute("UPDATE attempt SET handed_in = NULL WHERE submission = 'cleo'")
    book.close()
    set_time(small / "class" / "ada.py", "2026-05-01T11:00:00+00:00")
    (small / "kit" / "grader.toml").write_text('[kit]\ntitle = "Small"\n[late]\ndeadline = 2026-03-01T12:00:00+00:00\n')
    assert run(small).exit_code == 0
    assert {name: row.get("late") for name, row in rows(small / "out").items()} == {
        "ada": None,
        "ben": {"hours": 23.0, "percent": 10},
        "cleo": {"hours": 23.0, "percent": 10},
    }


def test_the_best_of_several_attempts_counts_where_that_is_the_rule(small: Path) -> None:
    (small / "kit" / "grader.toml").write_text('[kit]\ntitle = "Small"\n[attempts]\ncounts = "best"\n')
    assert run(small).exit_code == 0
    (small / "class" / "ada.py").write_text(WRONG)
    assert run(small).exit_code == 0
    for more in ((), ("--fresh",), ()):  # the files of the first attempt are gone, its mark is not
        assert run(small, *more).exit_code == 0
        row = rows(small / "out")["ada"]
        assert row["points"] == 1
        assert row["attempt"] == {"number": 1, "of": 2}
    (small / "kit" / "grader.toml").write_text('[kit]\ntitle = "Small"\n')
    assert run(small).exit_code == 0
    assert rows(small / "out")["ada"]["points"] == 0
    assert rows(small / "out")["ada"]["attempt"] == {"number": 2, "of": 2}


@pytest.mark.parametrize("change", ["exercises", "points"])
def test_the_best_attempt_is_one_that_was_marked_as_this_run_marks(small: Path, change: str) -> None:
    config = small / "kit" / "grader.toml"
    config.write_text('[kit]\ntitle = "Small"\n[attempts]\ncounts = "best"\n[points]\nrelu_forward = 6\n')
    assert run(small).exit_code == 0
    assert rows(small / "out")["ada"]["points"] == 6
    more = ("--exercise", "relu_backward") if change == "exercises" else ()
    if change == "points":
        config.write_text('[kit]\ntitle = "Small"\n[attempts]\ncounts = "best"\n[points]\nrelu_forward = 2\n')
    done = run(small, *more)
    assert done.exit_code == 0
    told = "other exercises are marked than in the last run here, without relu_forward: 1 now"
    assert (told in done.stderr) is (change == "exercises")
    assert "other exercises" not in run(small, *more).stderr
    row = rows(small / "out")["ada"]
    assert (row["points"], row["max_points"]) == ((0, 2) if change == "exercises" else (2, 4))
    assert len(row["exercises"]) == (1 if change == "exercises" else 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[late]\ngrace_minutes = 3\n", "grader.toml:1: [late] needs a deadline"),
        ("[late]\ndeadline = 2026-03-01T12:00:00\n", "grader.toml:2: deadline has no time zone"),
        ("[late]\ndeadline = 2026-03-01T12:00:00Z\npenalty_percent = -1\n", "must be greater than 0"),
        (
            "[late]\ndeadline = 2026-03-01T12:00:00Z\npenalty_percent = 250\n",
            "grader.toml:3: penalty_percent = 250 is more than there is: 100 at most",
        ),
        ("[late]\nmost_percent = 100.5\ndeadline = 2026-03-01T12:00:00Z\n", "grader.toml:2: most_percent = 100.5"),
        ("[attempts]\ncounts = 'first'\n", "grader.toml:2: counts = 'first'; known: last, best"),
    ],
)
def test_a_wrong_rule_is_told_with_its_line(small: Path, text: str, told: str) -> None:
    (small / "kit" / "grader.toml").write_text(text)
    done = run(small)
    assert done.exit_code == 2
    assert told in done.output


# -- grader gradebook


def gradebook(at: Path, *arguments: object) -> Result:
    command, *rest = arguments
    return CliRunner().invoke(
        main, ["gradebook", str(command), str(at / "out"), *map(str, rest)], catch_exceptions=False
    )


def test_points_set_by_hand_are_everywhere_at_once_and_stay(small: Path) -> None:
    assert run(small).exit_code == 0
    done = gradebook(
        small, "override", "ben", 0.5, "--exercise", "relu_forward", "--reason", "right at last", "--who", "kim"
    )
    assert done.exit_code == 0
    assert "ben: 0.5 of 3 points (marked: 0)" in done.output
    for _ in range(2):
        row = rows(small / "out")["ben"]
        assert row["override"] == [{"points": 0.5, "exercise": "relu_forward", "reason": "right at last", "who": "kim"}]
        jsonschema.validate(row, SCHEMA)
        page = (small / "out" / "students" / "ben.html").read_text()
        assert "Set by hand: the points of relu_forward are 0.5 (the grader&#39;s: 0). right at last" in page
        with (small / "out" / "grades.csv").open(newline="") as file:
            line = next(line for line in csv.DictReader(file) if line["submission"] == "ben")
        assert (line["points"], line["remark"]) == ("0.5", "set by hand")
        assert run(small).exit_code == 0  # grading again keeps it
    (small / "class" / "ben.py").write_text(RIGHT)
    assert run(small, "--fresh").exit_code == 0
    assert rows(small / "out")["ben"]["override"][0]["who"] == "kim"
    assert gradebook(small, "override", "ben", "--exercise", "relu_forward", "--withdraw").exit_code == 0
    assert "override" not in rows(small / "out")["ben"]
    assert "Set by hand" not in (small / "out" / "students" / "ben.html").read_text()


@pytest.mark.parametrize("points", ["inf", "nan"])
def test_points_by_hand_are_a_number(small: Path, points: str) -> None:
    assert run(small).exit_code == 0
    done = gradebook(small, "override", "ben", points, "--reason", "x")
    assert done.exit_code == 2
    assert f"{points} is no number of points" in done.output
    assert run(small).exit_code == 0
    assert "override" not in rows(small / "out")["ben"]


def test_an_override_of_the_whole_is_final_and_one_of_a_part_is_late_too(small: Path) -> None:
    (small / "kit" / "grader.toml").write_text(
        '[kit]\ntitle = "Small"\n[late]\ndeadline = 2020-01-01T00:00:00Z\nmost_percent = 50\n'
    )
    assert "late: 50 % off" in run(small).output
    bonus = gradebook(small, "override", "ada", 2, "--exercise", "relu_forward", "--reason", "bonus")
    assert "ada: 1 of 3" in bonus.output
    assert "note: 2 is more than there is (1); --withdraw takes it back" in bonus.stderr
    whole = gradebook(small, "override", "ada", 2.5, "--reason", "ill")
    assert "ada: 2.5 of 3" in whole.output
    assert whole.stderr == ""
    assert "set by hand" in run(small).output


def test_exercises_in_the_table_add_up_to_the_points_also_where_one_was_set_by_hand(small: Path) -> None:
    assert run(small).exit_code == 0
    assert gradebook(small, "override", "ben", 0.5, "--exercise", "relu_forward", "--reason", "oral").exit_code == 0
    with (small / "out" / "grades.csv").open(newline="") as file:
        found = {line["submission"]: line for line in csv.DictReader(file)}
    exercises = [e["name"] for e in rows(small / "out")["ben"]["exercises"]]
    assert found["ben"]["relu_forward"] == "0.5" == found["ben"]["points"]
    assert float(found["ben"]["points"]) == sum(float(found["ben"][name]) for name in exercises)


def test_a_student_may_be_named_by_name_id_login_or_email(small: Path) -> None:
    (small / "roster.csv").write_text(
        'login,name,id,email\nada,"Lovelace, Ada",7,ada@uni.edu\nben,Ben Kim,8,\ncleo,Ben Kim,9,\n'
    )
    assert run(small, "--roster", small / "roster.csv").exit_code == 0
    for name in ("ada", "7", "Lovelace, Ada", "ada lovelace", "ADA@uni.edu"):
        assert "ada: 1 of 3" in gradebook(small, "override", name, 1, "--reason", "oral").output
        assert "ada" in gradebook(small, "show", name).output
        assert "set the whole to 1" in gradebook(small, "history", name).output
    done = gradebook(small, "override", "Ben Kim", 1, "--reason", "oral")
    assert done.exit_code == 2
    assert "Ben Kim may be ben or cleo" in done.output


def test_points_of_a_stage_and_of_its_exercise_are_not_added_up(small: Path) -> None:
    assert run(small).exit_code == 0
    stage = ("--exercise", "relu_forward", "--stage", "out", "--reason", "right, told otherwise")
    assert "ben: 1 of 3" in gradebook(small, "override", "ben", 1, *stage).output
    whole = ("--exercise", "relu_forward", "--reason", "all of it")
    assert "ben: 1 of 3" in gradebook(small, "override", "ben", 1, *whole).output
    assert "ben: 1 of 3" in gradebook(small, "override", "ben", 0.5, *stage).output
    assert "ben: 0.5 of 3" in gradebook(small, "override", "ben", "--withdraw", "--exercise", "relu_forward").output


def test_points_set_of_an_exercise_count_where_the_exercise_does(small: Path) -> None:
    assert run(small).exit_code == 0
    assert gradebook(small, "override", "ada", 1.5, "--exercise", "relu_forward", "--reason", "bonus").exit_code == 0
    assert run(small, "--exercise", "relu_backward").exit_code == 0
    assert "ada               0      2" in gradebook(small, "show").output
    assert "Set by hand" not in (small / "out" / "students" / "ada.html").read_text()
    assert run(small).exit_code == 0
    assert "ada             1.5      3" in gradebook(small, "show").output


def test_show_and_history_tell_points_attempts_and_decisions(small: Path) -> None:
    assert run(small).exit_code == 0
    (small / "class" / "ben.py").write_text(RIGHT)
    assert run(small).exit_code == 0
    gradebook(small, "override", "ben", 3, "--reason", "\x1b[2Jwell", "--who", "kim")
    gradebook(small, "override", "ben", 2, "--reason", "less", "--who", "lee")
    shown = gradebook(small, "show")
    assert shown.exit_code == 0
    assert "ben               2      3        1         2  set by hand; attempt 2 of 2" in shown.output
    assert gradebook(small, "show", "ada").output.count("\n") == 2
    told = gradebook(small, "history", "ben").output
    for part in (
        "ben: graded, 0 of 3 (run 1, handed in ",
        "ben: graded, 1 of 3 (run 2, handed in ",
        "kim set the whole to 3: \\x1b[2Jwell",
        "the whole = 3 was withdrawn or replaced",
        "lee set the whole to 2: less",
    ):
        assert part in told
    assert "run 2, seed" in gradebook(small, "history").output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("override", "bem", 1, "--reason", "x"), "no submission bem in this run; did you mean ben?"),
        (("override", "ben", 1), "why? Add --reason"),
        (("override", "ben", "--reason", "x"), "how many points?"),
        (("override", "ben", -1, "--reason", "x"), "-1"),
        (("override", "ben", 1, "--stage", "out", "--reason", "x"), "--stage needs --exercise"),
        (("override", "ben", 1, "--exercise", "svm", "--reason", "x"), "svm is not graded; known: relu_forward"),
        (("override", "ben", 1, "--exercise", "relu_forward", "--stage", "h", "--reason", "x"), "relu_forward has no h; it has out"),
        (("override", "ben", "--withdraw"), "nothing was set by hand there"),
        (("override", "ben", 1, "--withdraw"), "takes no points"),
        (("show", "nobody"), "no submission nobody in this run"),
        (("history", "nobody"), "no submission nobody in this run"),
    ],
)  # fmt: skip
def test_wrong_use_of_the_gradebook_is_told(small: Path, arguments: tuple, told: str) -> None:
    assert run(small).exit_code == 0
    done = gradebook(small, *arguments)
    assert done.exit_code == 2
    assert told in done.output


def test_a_folder_without_a_gradebook_is_told(small: Path) -> None:
    (small / "out").mkdir()
    for command in (("show",), ("history",), ("override", "ada", 1, "--reason", "x")):
        done = gradebook(small, *command)
        assert done.exit_code == 2
        assert "--out" in done.output


def test_what_was_marked_without_confinement_does_not_count_where_it_is_required(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with find(small / "kit").sandbox() as sandbox:
        if not sandbox.confinement.strict:
            pytest.skip("files and system calls cannot be confined here")
    peeking = RIGHT.replace("def relu_forward(x):\n", "def relu_forward(x):\n    import os\n    os.listdir('/')\n")
    assert peeking != RIGHT
    (small / "class" / "ben.py").write_text(peeking)
    with monkeypatch.context() as patched:
        patched.setenv("GRADER_WITHOUT", "files,system calls")
        assert run(small).exit_code == 0
    assert rows(small / "out")["ben"]["points"] > 0
    assert run(small, "--require-sandbox").exit_code == 0
    assert rows(small / "out")["ben"]["points"] == 0
    facts = {f["part"]: f for f in json.loads((small / "out" / "run.json").read_text())["confinement"]}
    assert facts["files"]["enforced"]


def test_somebody_of_the_roster_who_handed_in_nothing_is_not_late(small: Path) -> None:
    (small / "kit" / "grader.toml").write_text('[kit]\ntitle = "Small"\n[late]\ndeadline = 2020-01-01T00:00:00Z\n')
    (small / "roster.csv").write_text("id,name\nada,Ada\nben,Ben\ncleo,Cleo\nzoe,Zoe\n")
    assert run(small, "--roster", small / "roster.csv").exit_code == 0
    rows = list(map(json.loads, (small / "out" / "results.jsonl").read_text().splitlines()))
    (missing,) = [row for row in rows if row["status"] == "missing"]
    assert len(rows) == 4
    assert missing["points"] == 0
