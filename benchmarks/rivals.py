"""The class that `versus.py` has graded, and the same class laid out for nbgrader, otter-grader and pytest.

Nothing here measures. A layout is a folder that is made once, the commands that grade the class in it, and a function
that reads the marks which that grader gave.
"""

from __future__ import annotations

import ast
import copy
import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import allclose
from grader.exercise import Made
from grader.kit import Kit
from grader.reference import Reference
from grader.release import notebook_exercises, notebook_paths, notebook_text, read_notebook, renewed
from grader.replay import ReferenceOracle

EVERY = 4  # of a wrong submission's exercises, one in so many is wrong
SEED = 1  # of the hidden cases
CHECKS = Path(allclose.__file__)

Marks = dict[str, dict[str, bool]]  # by submission and exercise: right?


@dataclass(frozen=True)
class Submission:
    name: str
    sources: Mapping[str, str]  # by exercise
    wrong: frozenset[str]


@dataclass(frozen=True)
class Command:
    """A command line, and the folder it is run in."""

    line: Sequence[str]
    folder: Path


@dataclass(frozen=True)
class Layout:
    """The class as one grader wants it. `commands` grade all of it in a folder that is a fresh copy of `made`."""

    name: str
    told: str  # what is run, for the table
    made: Path
    commands: Callable[[Path], list[Command]]
    marks: Callable[[Path], Marks]


@dataclass
class Assignment:
    """The notebooks of the kit that hold exercises, and what other graders compare with: inputs and right outputs."""

    kit: Kit

    @cached_property
    def notebooks(self) -> dict[str, dict[str, Any]]:
        read = {path.stem: read_notebook(path) for path in notebook_paths(self.kit)}
        return {stem: notebook for stem, notebook in read.items() if notebook_exercises(notebook)}

    @cached_property
    def exercises(self) -> dict[str, list[str]]:
        return {stem: notebook_exercises(notebook) for stem, notebook in self.notebooks.items()}

    @cached_property
    def oracles(self) -> dict[str, ReferenceOracle]:
        names = {name for found in self.exercises.values() for name in found}
        return {o.exercise.name: o for o in self.kit.hidden(SEED) if o.exercise.name in names}

    @cached_property
    def expected(self) -> dict[str, dict[str, Any]]:
        """By exercise: what `allclose` compares with."""
        return {name: expected(oracle) for name, oracle in self.oracles.items()}

    def given(self, stem: str) -> list[str]:
        """Helpers that every student has, of one notebook."""
        return sorted({self.oracles[name].exercise.given for name in self.exercises[stem]} - {""})

    def cells(self, stem: str, submission: Submission) -> list[str]:
        """What a grader that runs code must run of a notebook: imports, helpers and the exercises, nothing else."""
        return ["import numpy as np", *self.given(stem), *(submission.sources[n] for n in self.exercises[stem])]

    def store(self, folder: Path, stem: str) -> None:
        """The checks of a notebook: `allclose.py` and the `.npz`."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKS, folder)
        np.savez(folder / f"{stem}.npz", exercises=np.array({n: self.expected[n] for n in self.exercises[stem]}))

    def handed_in(self, submission: Submission, folder: Path) -> None:
        """The notebooks as a student hands them in: whole, with text, trials and pictures."""
        folder.mkdir(parents=True)
        for stem, notebook in self.notebooks.items():
            filled = renewed(notebook, dict(submission.sources))
            (folder / f"{stem}.ipynb").write_text(notebook_text(filled), encoding="utf-8")


def expected(oracle: ReferenceOracle) -> dict[str, Any]:
    """Inputs and right outputs of an exercise, as `allclose` reads them."""
    exercise, cases = oracle.exercise, []
    for number, case in enumerate(oracle.cases):
        values = list(case.inputs.values())
        made = {i: value.source for i, value in enumerate(values) if isinstance(value, Made)}
        leaves = [(leaf.path, oracle.right[number][leaf.stage]) for leaf in exercise.returns if leaf.stage]
        cases.append((tuple(None if i in made else v for i, v in enumerate(values)), made, leaves))
    driver = (exercise.driver_name, "\n".join([exercise.given, exercise.driver])) if exercise.driver else None
    return {"driver": driver, "cases": copy.deepcopy(cases)}


def right(assignment: Assignment, stem: str, sources: Mapping[str, str], only: Sequence[str] = ()) -> dict[str, bool]:
    """Which exercises of a notebook pass their check, in this process."""
    space: dict[str, Any] = {"np": np}
    for source in [*assignment.given(stem), *(sources[n] for n in assignment.exercises[stem])]:
        exec(source, space)
    found = {}
    for name in only or assignment.exercises[stem]:
        try:
            allclose.agrees(copy.deepcopy(assignment.expected[name]), space[name])
            found[name] = True
        except Exception:
            found[name] = False
    return found


def mistaken(assignment: Assignment, stem: str, reference: Reference, number: int) -> str:
    """The reference with the `number`-th of its named mistakes that `allclose` sees."""
    sources = {n: assignment.oracles[n].reference.source for n in assignment.exercises[stem]}
    mistakes = reference.mistakes
    for turn in range(len(mistakes)):
        source = reference.function_with(mistakes[(number + turn) % len(mistakes)])
        if not right(assignment, stem, {**sources, reference.name: source}, [reference.name])[reference.name]:
            return source
    raise SystemExit(f"no mistake of {reference.name} shows in what it returns")


def own(source: str, number: int) -> str:
    """The source with a statement of this submission's own in its function, or in each method of its class."""
    tree = ast.parse(source)
    for node in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
        node.body.insert(1 if ast.get_docstring(node) else 0, ast.parse(f"own_number = {number}").body[0])
    return ast.unparse(tree)


def submissions(assignment: Assignment, count: int) -> list[Submission]:
    """Every second one is right throughout; in the others one exercise in `EVERY` has a named mistake, in turn."""
    made, wrong_ways = [], {}
    places = [(stem, name) for stem, names in assignment.exercises.items() for name in names]
    for number in range(count):
        sources, wrong = {}, set()
        for place, (stem, name) in enumerate(places):
            reference = assignment.oracles[name].reference
            sources[name] = reference.source
            if number % 2 and place % EVERY == number // 2 % EVERY:
                turn = number // 2 // EVERY % len(reference.mistakes)
                if (name, turn) not in wrong_ways:
                    wrong_ways[name, turn] = mistaken(assignment, stem, reference, turn)
                sources[name] = wrong_ways[name, turn]
                wrong.add(name)
        sources = {name: own(source, number) for name, source in sources.items()}
        made.append(Submission(f"s{number:04d}", sources, frozenset(wrong)))
    return made


def disagreements(people: Sequence[Submission], marks: Marks) -> list[str]:
    """Where marks are not what they must be, an exercise without a mark included."""
    return [
        f"{one.name}, {name}: {'wrong' if name in one.wrong else 'right'}, marked {marks.get(one.name, {}).get(name)}"
        for one in people
        for name in one.sources
        if marks.get(one.name, {}).get(name) is not (name not in one.wrong)
    ]


# -- the layouts


def ours(assignment: Assignment, people: Sequence[Submission], work: Path, python: Path, *options: str) -> Layout:
    made = work / "ours"
    for one in people:
        assignment.handed_in(one, made / "class" / one.name)
    line = [str(python), "-c", "from grader.cli import run; run()", "--kit", str(assignment.kit.root)]
    names = {name for found in assignment.exercises.values() for name in found}

    def marks(folder: Path) -> Marks:
        rows = [json.loads(r) for r in (folder / "report" / "results.jsonl").read_text(encoding="utf-8").splitlines()]
        return {
            r["submission"]: {e["name"]: e["points"] == e["max_points"] for e in r["exercises"] if e["name"] in names}
            for r in rows
        }

    told = " ".join(["grader grade", *options])
    command = [*line, "grade", "class", "--out", "report", "--seed", str(SEED), *options]
    return Layout(told, "one command for the class", made, lambda folder: [Command(command, folder)], marks)


def plain_cell(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


def plain_notebook(cells: Sequence[dict[str, Any]]) -> str:
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    numbered = [{"id": f"cell-{i}", **cell} for i, cell in enumerate(cells)]
    return json.dumps({"cells": numbered, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


def nbgrader_notebook(assignment: Assignment, stem: str, submission: Submission) -> str:
    """Helpers, and for each exercise a cell of the student's and a locked cell with its test, worth one point."""
    cells = [plain_cell(source) for source in ["import numpy as np", *assignment.given(stem)]]
    cells.append(plain_cell(f"from allclose import agrees, stored\nexercises = stored({stem!r})"))
    for name in assignment.exercises[stem]:
        common = {"schema_version": 3, "cell_type": "code"}
        theirs = {**common, "grade": False, "solution": True, "locked": False, "task": False, "grade_id": name}
        test = {**common, "grade": True, "solution": False, "locked": True, "task": False, "points": 1}
        cells.append(plain_cell(submission.sources[name], nbgrader=theirs))
        cells.append(plain_cell(f"agrees(exercises[{name!r}], {name})", nbgrader={**test, "grade_id": f"test_{name}"}))
    return plain_notebook(cells)


NBGRADER_MARKS = """
import json
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({
        s.student.id: {g.name.removeprefix("test_"): g.auto_score == g.max_score for n in s.notebooks for g in n.grades}
        for s in book.assignment_submissions("kit")
    }))
"""


def nbgrader(assignment: Assignment, people: Sequence[Submission], work: Path, python: Path) -> Layout:
    course = work / "nbgrader"
    for stem in assignment.notebooks:
        assignment.store(course / "source" / "kit", stem)
        text = nbgrader_notebook(assignment, stem, people[0])
        (course / "source" / "kit" / f"{stem}.ipynb").write_text(text)
        for one in people:
            folder = course / "submitted" / one.name / "kit"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{stem}.ipynb").write_text(nbgrader_notebook(assignment, stem, one))
    (course / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "course"\n')
    asked([str(python), "-m", "nbgrader", "generate_assignment", "kit"], course)

    def marks(folder: Path) -> Marks:
        found: Marks = json.loads(asked([str(python), "-c", NBGRADER_MARKS], folder).splitlines()[-1])
        return found

    command = [str(python), "-m", "nbgrader", "autograde", "kit"]
    return Layout(
        "nbgrader autograde",
        "one command for the class, a kernel for each notebook",
        course,
        lambda folder: [Command(command, folder)],
        marks,
    )


OTTER_TEST = """
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = 1


@test_case()
def test(env):
    from allclose import agrees, stored

    agrees(stored({stem!r})[{name!r}], env[{name!r}])
"""
OTTER_API = """
import json, sys
from pathlib import Path
from otter.api import grade_submission
for folder in sorted(p for p in Path("class").iterdir()):
    for path in sorted(folder.glob("*.ipynb")):
        out = Path("marks", folder.name, path.stem)
        out.mkdir(parents=True)
        results = grade_submission(str(path), f"{path.stem}.zip", quiet=True)
        tests = [{"name": n, "score": t.score, "max_score": t.possible} for n, t in results.results.items()]
        (out / "results.json").write_text(json.dumps({"tests": tests}))
"""


def otter(assignment: Assignment, people: Sequence[Submission], work: Path, python: Path, api: bool) -> Layout:
    made = work / ("otter-api" if api else "otter-run")
    for stem, names in assignment.exercises.items():
        files = made / "tests" / stem
        assignment.store(files, stem)
        (files / "tests").mkdir()
        for name in names:
            (files / "tests" / f"{name}.py").write_text(OTTER_TEST.format(name=name, stem=stem))
        zipped = [str(python), "-m", "otter", "generate", "-t", "tests", "-o", str(made / f"{stem}.zip")]
        asked([*zipped, "--no-requirements", "--no-environment", "allclose.py", f"{stem}.npz"], files)
        for one in people:
            (made / "class" / one.name).mkdir(parents=True, exist_ok=True)
            cells = [plain_cell(source) for source in assignment.cells(stem, one)]
            (made / "class" / one.name / f"{stem}.ipynb").write_text(plain_notebook(cells))
            if not api:
                (made / "marks" / one.name / stem).mkdir(parents=True)

    def commands(folder: Path) -> list[Command]:
        if api:
            return [Command([str(python), "-c", OTTER_API], folder)]
        run = [str(python), "-m", "otter", "run", "--no-logo", "-a"]
        return [
            Command([*run, f"{stem}.zip", "-o", f"marks/{one.name}/{stem}", f"class/{one.name}/{stem}.ipynb"], folder)
            for one in people
            for stem in assignment.notebooks
        ]

    def marks(folder: Path) -> Marks:
        found: Marks = {}
        for path in (folder / "marks").glob("*/*/results.json"):
            for test in json.loads(path.read_text())["tests"]:
                name = test["name"].split(" ")[0]
                if name in assignment.expected:
                    found.setdefault(path.parts[-3], {})[name] = test["score"] == test["max_score"]
        return found

    if api:
        return Layout("otter.api", "one process for the class, a kernel for each notebook", made, commands, marks)
    return Layout("otter run", "a command and a kernel for each notebook", made, commands, marks)


PYTEST_TESTS = """import importlib

import pytest
from allclose import agrees, stored

EXERCISES = {exercises!r}


@pytest.mark.parametrize(("stem", "name"), [(stem, name) for stem, names in EXERCISES.items() for name in names])
def test_exercise(stem, name):
    agrees(stored(stem)[name], getattr(importlib.import_module("notebook_" + stem), name))
"""


def plain_pytest(assignment: Assignment, people: Sequence[Submission], work: Path, python: Path) -> Layout:
    """One process a submission: in one for all, a student's code could change what the next one gets."""
    made = work / "pytest"
    for one in people:
        files(assignment, one, made / "class" / one.name)
    for stem in assignment.notebooks:
        assignment.store(made / "tests", stem)
    (made / "tests" / "test_all.py").write_text(PYTEST_TESTS.format(exercises=assignment.exercises))

    def commands(folder: Path) -> list[Command]:
        run = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
        return [
            Command([*run, "-o", f"pythonpath=class/{one.name}", f"--junitxml=marks/{one.name}.xml"], folder)
            for one in people
        ]

    def marks(folder: Path) -> Marks:
        found: Marks = {}
        for path in (folder / "marks").glob("*.xml"):
            for case in ElementTree.parse(path).iter("testcase"):
                name = case.attrib["name"].rstrip("]").split("-")[-1]
                found.setdefault(path.stem, {})[name] = len(case) == 0
        return found

    return Layout("pytest", "a command for each submission, on .py files", made, commands, marks)


def files(assignment: Assignment, one: Submission, folder: Path) -> None:
    """A `.py` file for each notebook."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem in assignment.notebooks:
        (folder / f"notebook_{stem}.py").write_text("\n\n\n".join(assignment.cells(stem, one)) + "\n")


def beside(line: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which a program finds those of its own virtual environment first."""
    return {**environment, "PATH": os.pathsep.join([str(Path(line[0]).parent), environment.get("PATH", "")])}


def asked(line: Sequence[str], folder: Path) -> str:
    """The output of a command that must succeed. Raises SystemExit with what it said."""
    done = subprocess.run(line, cwd=folder, env=beside(line, os.environ), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(line)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done.stdout
