"""`grader doctor` and `--require-sandbox`: what is not enforced is said, and can be insisted on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from grader import messages
from grader.cli import main
from grader.confinement import Confinement, Fact, Part, Why

LESSER = {"GRADER_WITHOUT": "files,system calls"}


def grader(*arguments: str | Path, **environment: str) -> Result:
    return CliRunner().invoke(main, ["--kit", str(ROOT), *map(str, arguments)], env=environment)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "class"
    made.mkdir()
    shutil.copy(ROOT / "assignment" / "relu.py", made / "ada.py")
    return made


def test_doctor_prints_a_table_and_finds_nothing_missing() -> None:
    result = grader("doctor")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line[:6] for line in lines[:4]] == ["grader", "Python", "numpy ", "kit   "]
    assert {p for p in Part for line in lines if line.startswith(f"yes {p} ")} == set(Part)
    assert "system calls refused in a trial run of numpy: none" in lines
    assert lines[-1] == "everything needed is enforced"


def test_doctor_says_what_is_missing_and_why() -> None:
    result = grader("doctor", **LESSER)
    assert result.exit_code == 1
    assert "NO  files" in result.stdout
    assert "NO  system calls" in result.stdout
    assert "left out on request" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("not confined here: files, system calls, ")


def test_doctor_without_a_kit_says_where_to_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "none: no kit here" in result.stdout


@pytest.mark.parametrize("command", ["check", "grade"])
def test_insisting_on_the_sandbox_is_wrong_use_where_it_is_not_whole(
    command: str, folder: Path, tmp_path: Path
) -> None:
    what = [folder / "ada.py"] if command == "check" else [folder, "--out", tmp_path / "out"]
    result = grader(command, *what, "--require-sandbox", **LESSER)
    assert result.exit_code == 2
    assert "Error: student code cannot be confined here: files and system calls" in result.stderr
    assert not (tmp_path / "out").exists()
    assert grader(command, *what, "--require-sandbox").exit_code in (0, 1)


@pytest.mark.parametrize("command", ["check", "grade", "doctor"])
def test_a_part_to_leave_out_that_there_is_not_is_told_with_those_that_there_are(
    command: str, folder: Path, tmp_path: Path
) -> None:
    what = {"check": [folder / "ada.py"], "grade": [folder, "--out", tmp_path / "out"], "doctor": []}[command]
    result = grader(command, *what, GRADER_WITHOUT="files, bogus")
    assert result.exit_code == 2
    assert "GRADER_WITHOUT names 'bogus', which is no part of the confinement: files, system calls," in result.stderr
    assert not (tmp_path / "out").exists()


def test_parts_to_leave_out_may_stand_with_spaces_after_the_comma() -> None:
    result = grader("doctor", GRADER_WITHOUT="files, system calls")
    assert "NO  files" in result.stdout
    assert "NO  system calls" in result.stdout


def test_what_was_not_enforced_is_told_once(folder: Path, tmp_path: Path) -> None:
    result = grader("grade", folder, "--out", tmp_path / "out", "--exercise", "relu_forward", **LESSER)
    assert result.exit_code == 0
    assert result.stderr.count("note: not confined here: files, system calls") == 1
    facts = json.loads((tmp_path / "out" / "run.json").read_text())["confinement"]
    assert {f["part"]: f["why"] for f in facts if not f["enforced"]}["files"] == "left out"
    assert (tmp_path / "out" / "index.html").read_text().count("not confined here") == 1


def test_nothing_is_told_where_all_is_enforced(folder: Path, tmp_path: Path) -> None:
    result = grader("grade", folder, "--out", tmp_path / "out", "--exercise", "relu_forward")
    assert "not confined" not in result.stderr + (tmp_path / "out" / "index.html").read_text()


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("part", Part)
def test_every_reason_has_words(part: Part, why: Why) -> None:
    told = messages.part(Fact(part, False, why, "seccompy"))
    assert told.startswith(messages.PARTS[part])
    assert "{" not in told


def test_a_slow_start_alone_is_nothing_to_tell() -> None:
    facts = tuple(Fact(p, p is not Part.FORK, None if p is not Part.FORK else Why.PLATFORM) for p in Part)
    assert messages.confinement(Confinement(facts)) == ""
