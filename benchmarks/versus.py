"""CPU and wall time of a graded submission, beside other graders: `python benchmarks/versus.py [--submissions 8]`.

The same class is graded by `grader grade`, by nbgrader, by otter-grader (its command, and its API in one process) and
by pytest. A submission is the kit's six notebooks filled in; every second one is right throughout, in the others one
exercise in four has a named mistake, and every function has a statement of its own, so that nothing is run once for
many.

The others are given less to do. They get one test an exercise, worth one point, that calls the function on the hidden
inputs that the grader uses and compares what comes out with stored values by `np.allclose`: no mark for a stage, none
for a value that follows from a wrong one, no gradient check, no search for the mistake, no page for the student, no
confinement. Their notebooks hold imports and exercises only, while `grader grade` reads the notebooks as students hand
them in. Storing the right values is left out of their time; computing them is part of ours. Threads of numpy are pinned
to one for all. `grader grade` uses every core, so its wall time compares with theirs in the row `--jobs 1`.

What is timed are whole commands, start-up included, with all processes that they start: by the operating system's
account of what ended children used. Commands of one round follow each other, then comes the next round; medians are
shown, and medians of the ratios within a round. After each run the marks are read back from what the grader wrote
(nbgrader: its database; otter: results.json; pytest: JUnit XML) and must be full where the exercise is right and less
where it is not, or the benchmark ends with what differs.

The floor: one process that has numpy and all inputs loaded forks once a submission; the child compiles the student's
functions and calls each once on every case, compares nothing, sends nothing back, and is confined by nothing. The
parent's work for it counts, its start-up does not. No grader that runs the code in a process of its own can use less.

Other graders are installed into environments of their own under `--envs`, by pip, and stay there for the next run.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # benchmarks.rivals

from benchmarks.rivals import (  # noqa: E402
    Assignment,
    Command,
    Layout,
    Submission,
    asked,
    beside,
    disagreements,
    nbgrader,
    otter,
    ours,
    plain_pytest,
    submissions,
)
from grader.kit import find  # noqa: E402
from grader.limits import THREADS  # noqa: E402

PACKAGES = {"nbgrader": "nbgrader", "otter": "otter-grader[grading]", "pytest": "pytest"}
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "flat-backprop" / "versus"
SUBREAPER = 36  # of prctl: processes whose parent has ended become children of this one, and count
OURS, MORE, FLOOR = "grader grade", "grader grade, each further submission", "floor"
RIGHT = "grader grade, each further right one"
BASES = {"ours": OURS, "ours, further": MORE, "floor": FLOOR}
PATIENCE = 20  # seconds for what a command has left running to end

FLOOR_CODE = """
import json, os, resource, sys, time
from pathlib import Path
sys.path.insert(0, "tests")
from allclose import returned, stored

def used():
    both = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(u.ru_utime + u.ru_stime for u in both)

exercises = {stem: stored(stem, "tests") for stem in sys.argv[1:]}
calls, people = 0, sorted(Path("class").iterdir())
cpu, wall = used(), time.perf_counter()
for folder in people:
    child = os.fork()
    if child == 0:
        for stem, found in exercises.items():
            space = {}
            exec(compile((folder / f"notebook_{stem}.py").read_text(), stem, "exec"), space)
            for name, exercise in found.items():
                try:
                    for _ in returned(exercise, space[name]):
                        calls += 1
                except Exception:
                    pass
        os._exit(0 if calls > len(exercises) else 1)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("a submission did not run")
print(json.dumps([used() - cpu, time.perf_counter() - wall]))
"""


@dataclass(frozen=True)
class Cost:
    """Seconds a submission."""

    cpu: float
    wall: float

    def each(self, count: int) -> Cost:
        return Cost(self.cpu / count, self.wall / count)

    def less(self, other: Cost) -> Cost:
        return Cost(self.cpu - other.cpu, self.wall - other.wall)


def timed(commands: Sequence[Command], environment: Mapping[str, str]) -> Cost:
    """What commands cost together, run one after the other, with all that they started.

    The exit code is not looked at (pytest's says that something failed): the marks are, afterwards.
    """
    others = running()  # not theirs
    before, start = children(), time.perf_counter()
    for command in commands:
        with (command.folder / "output.txt").open("ab") as output:
            around = beside(command.line, environment)
            subprocess.run(command.line, cwd=command.folder, env=around, stdout=output, stderr=output, check=False)
    wall = time.perf_counter() - start
    reap(others)
    return Cost(children() - before, wall)


def children() -> float:
    """Seconds of CPU of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def adopt() -> None:
    """From now on a process left alone by its parent becomes a child of this one. Linux only."""
    if ctypes.CDLL(None, use_errno=True).prctl(SUBREAPER, 1, 0, 0, 0) != 0:
        raise SystemExit(f"prctl: {os.strerror(ctypes.get_errno())}")


def running() -> set[int]:
    """The children of this process, with those that it has adopted."""
    return {int(pid) for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()}


def reap(others: set[int]) -> None:
    """Wait for what was left running, so that it is counted; not for `others`."""
    deadline = time.monotonic() + PATIENCE
    while left := running() - others:
        for pid in left:
            os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > deadline:
            raise SystemExit(f"a command has left processes that do not end within {PATIENCE} s")
        time.sleep(0.01)


def environment(folder: Path, name: str) -> Path:
    """The Python of a virtual environment with a grader in it, made if it is not there. Raises SystemExit."""
    python = folder / name / "bin" / "python"
    package = PACKAGES[name]
    if not python.exists():
        print(f"making an environment for {package} in {python.parents[1]}", file=sys.stderr)
        venv.create(python.parents[1], with_pip=True, clear=True)
    asked([str(python), "-m", "pip", "install", "-q", package, f"numpy=={np.__version__}"], folder)
    return python


def version(python: Path, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return asked([str(python), "-c", code], python.parent).strip()


def surroundings(home: Path) -> dict[str, str]:
    """Environment variables of all commands: a home of their own, one thread."""
    home.mkdir(exist_ok=True)
    others = ("PYTHON", "PYTEST", "GRADER_", "JUPYTER_", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, **THREADS, "HOME": str(home)}


def graded(layout: Layout, people: Sequence[Submission], around: Mapping[str, str], work: Path) -> Cost:
    """What grading a fresh copy of the layout costs, all submissions together. Raises SystemExit for a strange mark."""
    folder = work / "run"
    shutil.copytree(layout.made, folder)
    cost = timed(layout.commands(folder), around)
    marks = layout.marks(folder)
    problems = disagreements(people, marks)
    if problems or len(marks) != len(people):
        output = (folder / "output.txt").read_text(errors="replace")[-3000:]
        problems = [f"{layout.name} marked {len(marks)} submissions of {len(people)}", *problems[:20]]
        raise SystemExit("\n".join(problems) + f"\n{output}")
    shutil.rmtree(folder)
    return cost


def floor(layout: Layout, stems: Sequence[str], around: Mapping[str, str]) -> Cost:
    """The floor, on the files that pytest gets, all submissions together."""
    command = [sys.executable, "-c", FLOOR_CODE, *stems]
    done = subprocess.run(command, cwd=layout.made, env=around, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the floor failed:\n{done.stderr}")
    return Cost(*json.loads(done.stdout))


def table(costs: Mapping[str, Sequence[Cost]], told: Mapping[str, str], bases: Mapping[str, str]) -> str:
    """Medians in milliseconds a submission; the median over rounds of the CPU as a multiple of `bases`, by heading."""
    lines = ["| | what is run | CPU ms | wall ms |" + "".join(f" CPU / {base} |" for base in bases)]
    lines.append("|---|---|" + "--:|" * (2 + len(bases)))
    for name, found in costs.items():
        cpu, wall = (1000 * statistics.median(getattr(c, kind) for c in found) for kind in ("cpu", "wall"))
        ratios = [
            statistics.median(c.cpu / b.cpu for c, b in zip(found, costs[base], strict=True)) for base in bases.values()
        ]
        cells = [f"{cpu:,.1f}", f"{wall:,.1f}", *(f"{r:,.2f}" if r < 10 else f"{r:,.0f}" for r in ratios)]
        lines.append(f"| {name} | {told[name]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def heading(assignment: Assignment, people: Sequence[Submission], rounds: int, versions: Mapping[str, str]) -> str:
    oracles = assignment.oracles.values()
    calls, stages = sum(len(o.cases) for o in oracles), sum(len(o.exercise.stages) for o in oracles)
    mistakes, installed = sum(len(one.wrong) for one in people), (f"{name} {v}" for name, v in versions.items())
    return (
        f"{len(people)} submissions of {len(assignment.notebooks)} notebooks with {len(oracles)} exercises and {calls} "
        f"calls; {len(people) - len(right(people))} submissions with {mistakes} wrong exercises together. Checks: "
        f"{len(oracles)} tests of what is returned for the others, {stages} stages for this grader. Rounds: {rounds}.\n"
        f"Python {platform.python_version()}, numpy {np.__version__}, {os.cpu_count()} cores; {', '.join(installed)}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=8, help="graded by everything; at least 2")
    parser.add_argument("--large", type=int, default=100, help="a class for this grader alone")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--envs", type=Path, default=CACHE, help="where other graders are installed")
    options = parser.parse_args()
    count, large = options.submissions, options.large
    if count < 2 or large < count + 2 or options.rounds < 1:
        parser.error(
            "--submissions is at least 2 (a right one, a wrong one), --large 2 more than that, --rounds at least 1"
        )
    envs = options.envs.resolve()
    envs.mkdir(parents=True, exist_ok=True)
    pythons = {name: environment(envs, name) for name in PACKAGES}
    versions = {p: version(pythons[name], p) for name, package in PACKAGES.items() for p in [package.split("[")[0]]}
    adopt()
    assignment, own_python = Assignment(find(ROOT)), Path(sys.executable)
    everybody = submissions(assignment, large)
    people = everybody[:count]
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        around = surroundings(work / "home")
        classes = {"own": people, "many": everybody, "right": right(people), "many right": right(everybody)}
        mine = {kind: ours(assignment, those, work / kind, own_python) for kind, those in classes.items()}
        alone = ours(assignment, people, work / "alone", own_python, "--jobs", "1")
        tests = plain_pytest(assignment, people, work, pythons["pytest"])
        course = nbgrader(assignment, people, work, pythons["nbgrader"])
        otters = [otter(assignment, people, work, pythons["otter"], api) for api in (False, True)]
        costs: dict[str, list[Cost]] = {}
        for number in range(options.rounds):
            whole = {kind: graded(mine[kind], those, around, work) for kind, those in classes.items()}
            found = {
                OURS: whole["own"].each(count),
                alone.name: graded(alone, people, around, work).each(count),
                f"{OURS}, {large}": whole["many"].each(large),
                MORE: whole["many"].less(whole["own"]).each(large - count),
                RIGHT: whole["many right"]
                .less(whole["right"])
                .each(len(classes["many right"]) - len(classes["right"])),
            }
            for layout in (course, *otters, tests):
                found[layout.name] = graded(layout, people, around, work).each(count)
            found[FLOOR] = floor(tests, list(assignment.notebooks), around).each(count)
            for name, cost in found.items():
                costs.setdefault(name, []).append(cost)
            print(f"round {number + 1} of {options.rounds} done", file=sys.stderr)
    told = {layout.name: layout.told for layout in (mine["own"], alone, course, *otters, tests)} | {
        f"{OURS}, {large}": "one command for a large class",
        MORE: f"class of {large} less class of {count}",
        RIGHT: "the same, of the right ones alone",
        FLOOR: "a fork and a call for each case",
    }
    print(heading(assignment, people, options.rounds, versions) + "\n")
    print(table(costs, told, BASES))


def right(people: Sequence[Submission]) -> list[Submission]:
    return [one for one in people if not one.wrong]


if __name__ == "__main__":
    main()
