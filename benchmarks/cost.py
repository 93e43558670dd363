"""CPU per graded submission of the sample class, everything on: `python benchmarks/cost.py`.

Each submission is graded several times in turn (rounds interleave the submissions); the table gives the median CPU of
the grader's process and of the confined child, in milliseconds. Submissions that use up their time are left out, as
their cost is the limit itself.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from grader.grading import Bench
from grader.intake import recognise
from grader.kit import find
from grader.limits import Limits
from grader.sandbox import Sandbox
from grader.submission import load


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    root = Path(__file__).resolve().parents[1]
    kit = find(root)
    names = (root / "data" / "sample_class.txt").read_text().split()
    bench = Bench([o for o in kit.hidden(1) if o.exercise.name in names])
    costs: dict[str, list[tuple[float, float]]] = {}
    stopped: set[str] = set()
    with Sandbox(Limits(seconds=1.0)) as sandbox:
        for _ in range(rounds):
            for handed in recognise.read(root / "data" / "sample_class", "").handed:
                name, path = handed.key, handed.files[0].path
                if name in stopped:
                    continue
                before, children = time.process_time(), sandbox.cpu
                mark = bench.mark(load(path, bench.stubs, name), sandbox)
                costs.setdefault(name, []).append((time.process_time() - before, sandbox.cpu - children))
                if any(e.outcome == "stopped" for e in mark.exercises):
                    stopped.add(name)
    print(f"{'submission':<12} {'grader ms':>10} {'child ms':>10} {'together':>10}")
    totals = []
    for name, pairs in costs.items():
        if name in stopped:
            continue
        mine, theirs = (1e3 * statistics.median(p[i] for p in pairs) for i in (0, 1))
        totals.append(mine + theirs)
        print(f"{name:<12} {mine:>10.1f} {theirs:>10.1f} {mine + theirs:>10.1f}")
    print(f"mean of {len(totals)}: {statistics.mean(totals):.1f} ms")
    print(f"left out, stopped by the clock: {', '.join(sorted(stopped))}")


if __name__ == "__main__":
    main()
