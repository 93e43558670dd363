"""README, CONTRIBUTING and the workflow say what is true."""

from __future__ import annotations

import re
import tomllib

from click import Context
from click.testing import CliRunner
from conftest import ROOT

from grader.cli import COMMANDS, main

README = (ROOT / "README.md").read_text()


def test_every_command_of_grader_that_is_named_exists() -> None:
    named = set(re.findall(r"\bgrader ([a-z]+)\b", README + (ROOT / "CONTRIBUTING.md").read_text()))
    assert named & set(COMMANDS) == named - {"fault", "holds", "alone", "is", "and", "tests", "import"}


def test_help_teaches_every_command() -> None:
    for name, command in ((n, main.get_command(Context(main), n)) for n in COMMANDS):
        done = CliRunner().invoke(main, [name, "--help"])
        assert done.exit_code == 0
        assert command.help
        assert len(done.output) > 100


def test_folders_of_the_table_exist() -> None:
    for name in re.findall(r"`(\w+)/`", README):
        assert (ROOT / name).is_dir() or name in ("report", "submissions", "for_students"), name


def test_the_sample_of_readme_is_what_grader_prints() -> None:
    """The block for students, line by line but for its dots, in the output of `grader check`."""
    block = re.search(r"```\n(svm_loss_vectorized.*?)```", README, re.S)
    assert block is not None
    done = CliRunner().invoke(
        main, ["--kit", str(ROOT), "check", str(ROOT / "data/sample_class/ines.ipynb"), "--hint", "3"]
    )
    for line in block[1].splitlines():
        if line.strip() != "...":
            assert line in done.output.splitlines(), line


def test_readme_has_the_two_commands_that_ci_runs() -> None:
    for mark in ("demo", "test"):
        assert re.search(rf"<!-- {mark} -->\n```sh\n[^\n]+\n```", README)


def test_nothing_names_a_path_of_a_machine() -> None:
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("grader/**/*.py"),
        *ROOT.glob("solutions/*.py"),
        *ROOT.glob("notebooks/*.ipynb"),
    ]:
        assert not re.search(r"/(home|root|Users|work)/\w", path.read_text()), path


def test_every_dependency_has_a_lower_bound_and_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    for dependency in wanted:
        if dependency.startswith("flat-backprop"):
            continue
        assert ">=" in dependency, dependency
    for line in text.splitlines():
        if re.match(r'    "[\w-]+>=', line) and "pytest>=" not in line:
            assert "#" in line, line
