"""Where the time of a submission goes: `python benchmarks/phases.py [--rounds 5]`.

The sample class (eleven exercises, right and wrong ones) is graded by one process, each round into a new folder; every
submission has functions of its own. The table gives milliseconds of CPU a submission by what used them, medians of the
rounds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.throughput import made  # noqa: E402
from grader import classroom, fingerprint, output  # noqa: E402
from grader.gradebook import Gradebook  # noqa: E402
from grader.grading import Bench  # noqa: E402
from grader.kit import find  # noqa: E402
from grader.marker import Marker  # noqa: E402
from grader.sandbox import Sandbox  # noqa: E402

SIZE = 51
MARK, CHILDREN = "marking (this process)", "children: functions run, observed, checked numerically"
WATCHED: list[tuple[object, str, str]] = [
    (Marker, "read", "reading notebooks, finding functions"),
    (fingerprint, "digest", "hashing what was handed in"),
    (fingerprint, "functions", "hashing what was handed in"),
    (Bench, "mark", MARK),
    (Gradebook, "keep", "gradebook"),
    (output, "deliver", "pages of students"),
    (output, "finish", "files of the class"),
]


class Watch:
    """CPU seconds of this process by phase; what a phase inside another uses counts for the inner one alone."""

    def __init__(self) -> None:
        self.used: dict[str, float] = defaultdict(float)
        self.inner = 0.0

    def timed(self, owner: Any, name: str, phase: str) -> Callable[[], None]:
        original = getattr(owner, name)

        def call(*args: Any, **more: Any) -> Any:
            start, outside, self.inner = time.process_time(), self.inner, 0.0
            try:
                return original(*args, **more)
            finally:
                spent = time.process_time() - start
                self.used[phase] += spent - self.inner
                self.inner = outside + spent

        setattr(owner, name, call)
        return lambda: setattr(owner, name, original)

    def children(self) -> Callable[[], None]:
        original = Bench.mark

        def mark(bench: Bench, submission: Any, sandbox: Sandbox, *more: Any) -> Any:
            before = sandbox.cpu
            found = original(bench, submission, sandbox, *more)
            self.used[CHILDREN] += sandbox.cpu - before
            return found

        Bench.mark = mark
        return lambda: setattr(Bench, "mark", original)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    only = (ROOT / "data" / "sample_class.txt").read_text().split()
    found: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as work:
        made(Path(work) / "class", SIZE)
        for number in range(rounds):
            watch = Watch()
            undo = [watch.timed(*one) for one in WATCHED] + [watch.children()]
            start = time.process_time()
            classroom.grade(find(ROOT), Path(work) / "class", Path(work) / f"out{number}", seed=1, only=only, jobs=1)
            watch.used["start: references and expected values, and the rest"] = (
                time.process_time() - start - sum(v for k, v in watch.used.items() if k != CHILDREN)
            )
            for back in undo:
                back()
            for phase, used in watch.used.items():
                found[phase].append(1000 * used / SIZE)
    medians = {phase: statistics.median(used) for phase, used in found.items()}
    total = sum(medians.values())
    print("| what | CPU ms a submission | share |\n|---|--:|--:|")
    for phase, used in sorted(medians.items(), key=lambda one: -one[1]):
        print(f"| {phase} | {used:.1f} | {100 * used / total:.0f} % |")
    print(f"| together | {total:.1f} | |")


if __name__ == "__main__":
    main()
