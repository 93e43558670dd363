"""Kill `grader grade` at random moments and see that nothing is lost: `python benchmarks/kills.py --kills 1000`.

A small class is graded once without disturbance. Then the same command is killed again and again (SIGKILL), each time
at a random moment or at a random one of its own writes, and given again until it comes to its end. Then the output must
be the same to the byte as that of the undisturbed run, with every submission graded once and kept once, and no process
may be left of those that were killed. This is
repeated in new folders until there were as many kills as asked for; a seed makes the moments repeatable.

The table gives the kills by where they hit, how often a run was taken up again, and what was wrong, if anything was.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RELU = "import numpy as np\n\n\ndef relu_forward(x):\n    out = {}\n    cache = x\n    return out, cache\n"
SOURCES = {
    "ada": RELU.format("np.maximum(0, x)"),
    "ben": RELU.format("x * (x > 0)"),
    "cleo": RELU.format("np.abs(x)"),
    "dan": RELU.format("np.minimum(0, x)"),
    "eve": RELU.format("np.maximum(0, x)"),  # as ada's
    "finn": "this is no Python (",
    "gil": RELU.format("undefined"),
    "hana": RELU.format("np.maximum(0, x) * 2"),
}
SEED = 3
PATIENCE = 20.0  # seconds until everything that a killed run started must have ended
SLOWEST = re.compile(rb'<section aria-labelledby="slowest">.*?</section>|<li><a href="#slowest">.*?</li>', re.DOTALL)
# a process with everything imported, which forks one that runs the command: starting Python takes longer than grading.
# That one dies at its n-th call that writes or renames, if it is told a number; its own workers do not. Processes that
# a killed one leaves behind become children of this one, so that it can tell whether they end
SERVER = """
import ctypes, json, os, signal, sys, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER of Linux
import grader.classroom, grader.cli, grader.sandbox
calls = {"os.rename", "os.remove", "os.mkdir", "sqlite3.connect", "open"}
at = 0
def watch(event, arguments):
    global at
    if at and event in calls and os.getpid() == me:
        if event != "open" or (len(arguments) > 2 and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)):
            at -= 1
            if at == 0:
                os.kill(os.getpid(), signal.SIGKILL)
for line in sys.stdin:
    job = json.loads(line)
    child = os.fork()
    if child == 0:
        os.dup2(os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(1, 2)
        sys.stdin.close()
        if job["at"]:
            me, at = os.getpid(), job["at"]
            sys.addaudithook(watch)
        sys.argv = ["grader", *job["arguments"]]
        grader.cli.main()
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    end, left = time.monotonic() + job["patience"], True
    while left and time.monotonic() < end:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
            time.sleep(0.01)
        except ChildProcessError:
            left = False
    print(os.waitstatus_to_exitcode(status), int(left), flush=True)
"""


class Server:
    """Runs the command, each time in a new process. Use as a context manager.

    `left` counts runs of which a process was still there after PATIENCE seconds.
    """

    left = 0

    def __init__(self, arguments: list[str], log: Path) -> None:
        self.arguments, self.log = arguments, log
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, out: Path, at: int = 0, seconds: float | None = None, jobs: int = 1) -> int:
        """The exit code, negative for a signal. Killed at its n-th write (`at`), or when its time is up."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        job = {
            "arguments": [*self.arguments, "--out", str(out), "--jobs", str(jobs)],
            "at": at,
            "log": str(self.log),
            "patience": PATIENCE,
        }
        print(json.dumps(job), file=self._process.stdin, flush=True)
        child = int(self._process.stdout.readline())
        if seconds is not None:
            ready, _, _ = select.select([self._process.stdout], [], [], seconds)
            if not ready:
                os.kill(
                    child, signal.SIGKILL
                )  # not waited for by anyone but the server, so the number is still its own
        code, left = map(int, self._process.stdout.readline().split())
        self.left += left
        return code


@dataclass
class Outcome:
    """What came of many kills. `wrong` is empty when nothing was lost, doubled or different."""

    kills: int = 0
    rounds: int = 0
    taken_up: int = 0  # runs that found results of a killed one
    by_kind: Counter[str] = field(default_factory=Counter)
    left_by_a_kill: Counter[int] = field(default_factory=Counter)  # results that were kept when it was killed
    wrong: list[str] = field(default_factory=list)


def make_class(folder: Path) -> Path:
    """A class of eight; two handed in the same, one cannot be read, one raises."""
    folder.mkdir(parents=True)
    for name, source in SOURCES.items():
        cells = [{"cell_type": "code", "metadata": {}, "source": source, "outputs": []}]
        made = folder / (f"{name}.py" if name < "e" else f"{name}.ipynb")
        made.write_text(source if made.suffix == ".py" else json.dumps({"cells": cells, "nbformat": 4}))
    return folder


def make_kit(folder: Path) -> Path:
    """A kit of one file of exercises, so that a run is short."""
    (folder / "solutions").mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / "relu.py", folder / "solutions" / "relu.py")
    (folder / "grader.toml").write_text('[kit]\ntitle = "Kills"\n\n[limits]\nseconds = 2\n')
    return folder


def kept(out: Path) -> int:
    """Results that are in the gradebook; read from a copy, so that the book itself is found as it was left."""
    if not (out / "gradebook.sqlite").is_file():
        return 0
    with tempfile.TemporaryDirectory() as work:
        for path in out.glob("gradebook.sqlite*"):
            shutil.copy(path, work)
        with sqlite3.connect(Path(work) / "gradebook.sqlite") as book:
            try:
                (count,) = book.execute("SELECT count(*) FROM result").fetchone()
            except sqlite3.OperationalError:  # killed before it had tables
                return 0
        book.close()
    return int(count)


def files(out: Path) -> Iterator[tuple[str, bytes]]:
    """What must be the same. How long things took differs from run to run, and so does the book that holds it."""
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if path.is_dir() or name.startswith("gradebook.sqlite") or name == "times.json":
            continue
        content = path.read_bytes()
        yield name, SLOWEST.sub(b"", content) if name == "index.html" else content


def compare(out: Path, right: dict[str, bytes]) -> list[str]:
    """What is lost, doubled or different."""
    found = dict(files(out))
    wrong = [f"{name} is missing" for name in right.keys() - found.keys()]
    wrong += [f"{name} was left behind" for name in found.keys() - right.keys()]
    wrong += [f"{name} differs" for name in right.keys() & found.keys() if right[name] != found[name]]
    rows = [json.loads(line)["submission"] for line in found.get("results.jsonl", b"").splitlines()]
    if rows != sorted(SOURCES):
        wrong.append(f"rows of {rows}")
    with sqlite3.connect(out / "gradebook.sqlite") as book:
        attempts = book.execute("SELECT submission, count(*) FROM attempt GROUP BY submission").fetchall()
        (whole,) = book.execute("PRAGMA integrity_check").fetchone()
        (finished,) = book.execute("SELECT count(finished) FROM run").fetchone()
    book.close()
    if attempts != [(name, 1) for name in sorted(SOURCES)]:
        wrong.append(f"attempts: {attempts}")
    if whole != "ok" or not finished:
        wrong.append(f"the gradebook: {whole}, {finished} finished runs")
    return wrong


def run(kills: int, seed: int, work: Path, minutes: float = 60.0, told: bool = False) -> Outcome:
    """Kill until there were `kills`, or the time is up. `work` is an empty folder."""
    kit, submissions = make_kit(work / "kit"), make_class(work / "class")
    arguments = ["--kit", str(kit), "grade", str(submissions), "--seed", str(SEED)]
    with Server(arguments, work / "log.txt") as server:
        server.run(work / "first")  # not timed: caches are cold
        began = time.monotonic()
        if server.run(work / "right"):
            raise SystemExit((work / "log.txt").read_text())
        whole = time.monotonic() - began
        return _killed(kills, random.Random(seed), server, work, whole, began + 60 * minutes, told)


def _killed(
    kills: int, chance: random.Random, server: Server, work: Path, whole: float, end: float, told: bool
) -> Outcome:
    """`whole` is how long an undisturbed run takes, in seconds; `end` the time at which no new folder is begun."""
    right = dict(files(work / "right"))
    result = Outcome()
    while result.kills < kills and time.monotonic() < end:
        out = work / f"out{result.rounds}"
        result.rounds += 1
        for _ in range(chance.randint(1, 8)):
            if result.kills == kills:
                break
            before = kept(out)
            at_a_write, jobs = chance.random() < 0.5, chance.choice((1, 2))  # what a killed run had, the next may not
            if at_a_write:
                code = server.run(out, at=chance.randint(1, 45), jobs=jobs)
            else:
                code = server.run(out, seconds=chance.uniform(0, whole), jobs=jobs)
            if code == -signal.SIGKILL:
                now = kept(out)
                result.kills += 1
                result.by_kind["at a write" if at_a_write else "at a moment"] += 1
                result.taken_up += before > 0
                result.left_by_a_kill[now] += 1
                if now < before:
                    result.wrong.append(f"{out.name}: {before} results before a kill, {now} after")
            elif code:
                result.wrong.append(f"{out.name}: exit code {code}: {server.log.read_text()[-200:]}")
            else:
                break
        code = server.run(out)
        if code:
            result.wrong.append(f"{out.name}: exit code {code}: {server.log.read_text()[-200:]}")
        else:
            result.wrong += [f"{out.name}: {told}" for told in compare(out, right)]
        if not result.wrong:
            shutil.rmtree(out)
        if server.left:
            result.wrong.append(f"{out.name}: something of a killed run went on for {PATIENCE:g} s")
            server.left = 0
        if told:
            print(f"\r{result.kills} of {kills} kills, {len(result.wrong)} things wrong", end="", file=sys.stderr)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0, help="end after this long, with fewer kills")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-") as work:
        result = run(chosen.kills, chosen.seed, Path(work), chosen.minutes, told=True)
    print(file=sys.stderr)
    print(f"{result.kills} kills in {result.rounds} folders, seed {chosen.seed}")
    for kind, count in sorted(result.by_kind.items()):
        print(f"  {kind:<12} {count:>5}")
    print(f"  {result.taken_up} of them hit a run that had taken up another's results")
    print("  results kept when killed: " + ", ".join(f"{k}: {n}" for k, n in sorted(result.left_by_a_kill.items())))
    for told in result.wrong:
        print(told)
    print("nothing lost, nothing doubled, the same bytes" if not result.wrong else f"{len(result.wrong)} things wrong")
    sys.exit(bool(result.wrong))


if __name__ == "__main__":
    main()
