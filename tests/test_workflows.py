"""The action, the Classroom workflow and the commands in the docs do what they say."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click import Context
from click.testing import CliRunner
from conftest import ROOT

from grader.cli import COMMANDS, main
from grader.kit import find

DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def action_step(name: str) -> dict[str, Any]:
    return next(s for s in read(ROOT / "action.yml")["runs"]["steps"] if s.get("name") == name)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student's repository, with one file filled in rightly and one left as it was."""
    out = tmp_path_factory.mktemp("student") / "repository"
    done = CliRunner().invoke(main, ["--kit", str(ROOT), "release", "--out", str(out)], catch_exceptions=False)
    assert done.exit_code == 0
    shutil.copy(ROOT / "data" / "sample_class" / "ben.py", out / "mine.py")
    return out


@pytest.mark.parametrize(
    ("inputs", "status", "told"),
    [
        ({"FILES": "mine.py", "EXERCISES": "svm_loss_vectorized relu_forward"}, 0, "svm_loss_vectorized"),
        ({"FILES": "assignment/relu.py assignment/svm.py", "EXERCISES": ""}, 1, "not filled in yet"),
        ({"FILES": "nowhere.py", "EXERCISES": ""}, 2, ""),
        ({"FILES": "$(touch made) ;touch made", "EXERCISES": ""}, 2, ""),
    ],
)
def test_the_step_of_the_action_checks_files_and_writes_the_summary(
    inputs: dict[str, str], status: int, told: str, released: Path, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        **inputs,
        "HINT": "2",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", action_step("check")["run"]],
        cwd=released,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    summary = (tmp_path / "summary.md").read_text()
    assert told in summary
    assert summary.startswith("```\n")
    assert summary.endswith("```\n")
    assert not (released / "made").exists()


def test_inputs_of_the_action_reach_the_shell_by_its_environment_only() -> None:
    """An expression within a script would be pasted into it."""
    action = read(ROOT / "action.yml")
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text()))
    assert used == set(action["inputs"])


def test_the_classroom_workflow_asks_for_exercises_that_exist_with_their_points() -> None:
    workflow = read(ROOT / "examples" / "github-classroom" / ".github" / "workflows" / "classroom.yml")
    points = {r.name: r.exercise.points for r in find(ROOT).references}
    steps = workflow["jobs"]["run-autograding-tests"]["steps"]
    graders = [s for s in steps if "autograding-command-grader" in s.get("uses", "")]
    assert len(graders) == 2
    for step in graders:
        command = shlex.split(step["with"]["command"])
        assert command[0] == "grader"
        assert command[1] in COMMANDS
        assert (ROOT / command[2]).is_file()
        assert step["with"]["max-score"] == points[command[command.index("--exercise") + 1]]
    reporter = steps[-1]
    assert reporter["with"]["runners"].split(",") == [s["id"] for s in graders]
    assert set(reporter["env"]) == {f"{s['id'].upper()}_RESULTS" for s in graders}


def commands() -> list[tuple[str, str]]:
    found = []
    for path in DOCS:
        for block in re.findall(r"```(?:sh|console)\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
            lines = [line.removeprefix("$ ") for line in block.splitlines()]
            found += [(path.name, line) for line in lines if line.startswith("grader ")]
    return found


@pytest.mark.parametrize(("file", "line"), commands())
def test_every_grader_command_in_the_docs_parses(file: str, line: str) -> None:
    """Each is a command with options that it has; arguments that must exist are not looked for."""
    words = shlex.split(line.split("#")[0].split(";")[0])
    command = main.get_command(Context(main), words[1])
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert {w for w in words[2:] if w.startswith("--")} <= known


def test_the_path_from_canvas_and_back_in_readme_prints_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """README's block, command by command, on the files that data/make_canvas_download.py writes."""
    subprocess.run([sys.executable, ROOT / "data" / "make_canvas_download.py", tmp_path], check=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- canvas -->\n```console\n(.*?)```", readme, re.DOTALL)
    assert block is not None
    steps = re.split(r"^\$ grader ", block[1], flags=re.MULTILINE)[1:]
    assert len(steps) <= 5
    for step in steps:
        line, shown = step.split("\n", 1)
        done = CliRunner().invoke(main, ["--kit", str(ROOT), *shlex.split(line)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert done.output == shown
    before = (tmp_path / "gradebook.csv").read_bytes().split(b"\r\n")
    after = (tmp_path / "to_canvas.csv").read_bytes().split(b"\r\n")
    assert [a == b for a, b in zip(before, after, strict=True)] == [True] * 2 + [False] * 5 + [True, False, True]
    assert after[2] == b'"Lovelace, Ada",1001,s2001,alovelace,Section 1,100,'
    assert after[5] == b'"Costa, Ines",1004,s2004,icosta,Section 1,81.82,'
    assert after[8] == b'"Nowak, Ola",1007,s2007,onowak,Section 1,0,'
