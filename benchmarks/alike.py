"""What a class saves that writes alike: `python benchmarks/alike.py [--size 100]`.

A function that is right is run once for all who wrote it like that (`grader/reuse.py`). The classes here hand in the
kit's six notebooks, everything right or one exercise in eight wrong, and in each a share of the right functions is
written as the reference is, the others with a statement of their own. Of 1,469 right functions of Python 3 that were
found in 89 public CS231n repositories (without those that the assignment gives), 37 % are written like an earlier one;
they are longer than most of these. Rounds interleave the classes; the table gives medians, and the medians of the
ratios to the class in which no function is written twice.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # benchmarks.rivals

from benchmarks.rivals import Assignment, Submission, submissions  # noqa: E402
from benchmarks.throughput import run  # noqa: E402
from grader.kit import find  # noqa: E402


def made(folder: Path, assignment: Assignment, people: list[Submission], share: float) -> None:
    """A class in which a share of the right functions is written as in the reference."""
    chance = random.Random(1)
    for one in people:
        shared = {name for name in one.sources if name not in one.wrong and chance.random() < share}
        alike = {name: assignment.oracles[name].reference.source for name in shared}
        assignment.handed_in(replace(one, sources={**one.sources, **alike}), folder / one.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100, help="submissions of a class")
    parser.add_argument("--shares", type=float, nargs="+", default=[0.0, 0.4, 0.8], help="the first to compare with")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    assignment = Assignment(find(ROOT))
    every = submissions(assignment, 2 * options.size)
    classes = {"right": [one for one in every if not one.wrong], "mixed": every[: options.size]}
    kinds = [(kind, share) for kind in classes for share in options.shares]
    costs: dict[tuple[str, float], list[float]] = {key: [] for key in kinds}
    with tempfile.TemporaryDirectory() as place:
        for kind, share in kinds:
            made(Path(place) / f"{kind}-{share}", assignment, classes[kind], share)
        for number in range(options.rounds):
            for kind, share in kinds:
                folder = Path(place) / f"{kind}-{share}"
                found, _, cpu = run(folder, Path(place) / f"out-{kind}-{share}-{number}", ",".join(assignment.oracles))
                costs[kind, share].append(1000 * cpu / found["rows"])
            print(f"round {number + 1} of {options.rounds} done", file=sys.stderr)
    print(f"| class of {options.size} | right functions written alike | CPU ms a submission | ratio |")
    print("|---|--:|--:|--:|")
    for (kind, share), own in costs.items():
        base = costs[kind, options.shares[0]]
        ratio = statistics.median(a / b for a, b in zip(own, base, strict=True))
        print(f"| {kind} | {share:.0%} | {statistics.median(own):.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
