"""Does a verdict depend on luck? The sample class on many seeds: `python benchmarks/flakiness.py --seeds 200`.

Hidden inputs are drawn anew from every seed, and no draw may change what a submission gets: outcome of every exercise,
outcome and named cause of every stage, outcome of every check (numerical gradients too), all points. Whatever differs
from the first seed is printed with the seed that shows it, and is a fault of the grader or of the cases, never of the
student. A submission that the clock stops costs its limit on every seed, so the limit is a second here; where it was
stopped belongs to the verdict and is compared as well. Exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from grader.grading import Bench
from grader.kit import find
from grader.limits import Limits
from grader.reading import is_submission
from grader.reference import Reference
from grader.replay import oracle_for
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark, SubmissionMark
from grader.submission import load

ROOT = Path(__file__).resolve().parents[1]
CLASS = ROOT / "data" / "sample_class"
LIMITS = Limits(seconds=1.0)  # a right exercise takes some milliseconds; shorter, and a busy machine would stop it

Verdicts = dict[tuple[str, ...], str]  # (submission, exercise, stage or check) -> what it got


def verdicts(mark: SubmissionMark) -> Verdicts:
    """Everything about a marked submission that must not depend on the seed."""
    found: Verdicts = {(mark.name,): f"{mark.status} {mark.points}/{mark.max_points}"}
    for exercise in mark.exercises:
        found |= {(mark.name, *key): value for key, value in _exercise(exercise)}
    return found


def _exercise(mark: ExerciseMark) -> Iterator[tuple[tuple[str, ...], str]]:
    name = mark.exercise.name
    error = f" {mark.error.kind} at line {mark.error.line}" if mark.error else ""
    yield (name,), f"{mark.outcome} {mark.points}/{mark.exercise.points}{error}"
    for stage in mark.stages:
        cause = stage.verdict.cause
        yield (
            (name, f"stage {stage.verdict.stage.name}"),
            f"{stage.verdict.outcome}" + (f": {cause.kind} {cause.name}" if cause else ""),
        )
    for check in mark.checks:
        yield (name, f"check {check.name}"), str(check.outcome)


def differences(first: Verdicts, other: Verdicts) -> list[tuple[tuple[str, ...], str, str]]:
    """(what, on the first seed, on the other), where they are not the same."""
    none = "nothing"
    return [
        (key, first.get(key, none), other.get(key, none))
        for key in dict.fromkeys((*first, *other))
        if first.get(key, none) != other.get(key, none)
    ]


def graded(seed: int) -> Verdicts:
    """The verdicts on the whole sample class for one seed."""
    bench = Bench([oracle_for(reference, seed) for reference in references()])
    found: Verdicts = {}
    with Sandbox(LIMITS) as sandbox:
        for path in sorted(p for p in CLASS.iterdir() if is_submission(p)):
            found |= verdicts(bench.mark(load(path, bench.stubs), sandbox))
    return found


@cache
def references() -> list[Reference]:
    return [r for r in find(ROOT).references if r.name in exercises()]


def exercises() -> list[str]:
    return (ROOT / "data" / "sample_class.txt").read_text(encoding="utf-8").split()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1, help="the first seed; the others count up from it")
    parser.add_argument("--jobs", type=int, default=1, help="seeds graded at the same time, each in its process")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    changed: dict[tuple[tuple[str, ...], str, str], list[int]] = {}
    compared = 0
    first: Verdicts = {}
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool:
        for seed, found in zip(seeds, pool.map(graded, seeds) if options.jobs > 1 else map(graded, seeds), strict=True):
            compared += len(found) if first else 0
            first = first or found
            for difference in differences(first, found):
                changed.setdefault(difference, []).append(seed)
            print(f"seed {seed}: {time.monotonic() - began:.0f} s, {len(changed)} differences", file=sys.stderr)
    for (key, before, after), others in changed.items():
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        print(
            f"{' / '.join(key)}: {before} on seed {options.first}, {after} on {', '.join(map(str, others[:5]))}{more}"
        )
    times = sum(map(len, changed.values()))
    print(
        f"{options.seeds} seeds from {options.first}, {len({key[0] for key in first})} submissions, {len(exercises())} "
        f"exercises: {compared} verdicts compared with those of the first seed, {times} differ ({len(changed)} kinds)"
    )
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
