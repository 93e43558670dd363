"""What confining a submission costs: `python benchmarks/confinement.py`.

The same job (one function, one call) is run in turn by sandboxes that differ in what they leave out, all in one run, so
that whatever else the machine does falls on all of them. The table gives medians of wall time and of the child's own
CPU, and of the differences to a bare child within a round: that is what the parts so far add together.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import time

import numpy as np

from grader import wire
from grader.calls import Task
from grader.confinement import Part
from grader.limits import Limits
from grader.sandbox import Sandbox

LIMITS = (Part.CPU, Part.MEMORY, Part.DISK)
LEFT_OUT = {  # the first is what the others are compared with
    "bare child": (Part.FILES, Part.CALLS, *LIMITS),
    "+ limits": (Part.FILES, Part.CALLS),
    "+ files": (Part.CALLS,),
    "+ system calls (all)": (),
    "fresh process, all": (Part.FORK,),
}
SOURCE = "def f(x):\n    return np.maximum(x, 0), x\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    arrays: list[object] = []
    tasks = [Task("f", [[wire.encode(np.arange(12.0).reshape(3, 4), arrays)]], arrays)]
    wall: dict[str, list[float]] = {name: [] for name in LEFT_OUT}
    cpu: dict[str, list[float]] = {name: [] for name in LEFT_OUT}
    with contextlib.ExitStack() as stack:
        sandboxes = {n: stack.enter_context(Sandbox(Limits(), without=parts)) for n, parts in LEFT_OUT.items()}
        for name, sandbox in sandboxes.items():
            missing = ", ".join(fact.part for fact in sandbox.confinement.missing)
            print(f"{name:<22} without {missing or 'nothing'}")
        for number in range(rounds):
            for name, sandbox in sandboxes.items():
                if name.startswith("fresh") and number % 20:
                    continue
                before, began = sandbox.cpu, time.perf_counter()
                (answer,) = sandbox.run([("cell 1", 1, SOURCE)], tasks)
                wall[name].append(1e3 * (time.perf_counter() - began))
                cpu[name].append(1e3 * (sandbox.cpu - before))
                assert answer.runs[0].error is None
    print(f"\n{'':<22} {'wall ms':>8} {'added':>8} {'CPU ms':>8} {'added':>8}")
    for name in LEFT_OUT:
        step = 20 if name.startswith("fresh") else 1
        row = []
        for times in (wall, cpu):
            bare = times["bare child"][::step]
            row += [
                statistics.median(times[name]),
                statistics.median(a - b for a, b in zip(times[name], bare, strict=True)),
            ]
        print(f"{name:<22} " + " ".join(f"{value:>8.2f}" for value in row))


if __name__ == "__main__":
    main()
