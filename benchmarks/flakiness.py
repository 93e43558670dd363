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
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from grader.classroom import entries
from grader.grading import Bench
from grader.kit import Kit, find
from grader.replay import oracle_for
from grader.sandbox import Limits, Sandbox
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


def graded(kit: Kit, seed: int, sandbox: Sandbox, only: Collection[str]) -> Verdicts:
    """The verdicts on the whole sample class for one seed. `only` names exercises."""
    bench = Bench([oracle_for(r, seed) for r in kit.references if r.name in only])
    found: Verdicts = {}
    for name, path in entries(CLASS):
        found |= verdicts(bench.mark(load(path, bench.stubs, name), sandbox))
    return found


def exercises() -> list[str]:
    return (ROOT / "data" / "sample_class.txt").read_text(encoding="utf-8").split()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1, help="the first seed; the others count up from it")
    options = parser.parse_args(arguments)
    kit, only, began = find(ROOT), exercises(), time.monotonic()
    changed: dict[tuple[tuple[str, ...], str, str], list[int]] = {}
    compared = 0
    first: Verdicts = {}
    with Sandbox(LIMITS) as sandbox:
        for number in range(options.seeds):
            seed = options.first + number
            found = graded(kit, seed, sandbox, only)
            first = first or found
            compared += len(found) if number else 0
            for difference in differences(first, found):
                changed.setdefault(difference, []).append(seed)
            print(f"seed {seed}: {time.monotonic() - began:.0f} s, {len(changed)} differences", file=sys.stderr)
    for (key, before, after), seeds in changed.items():
        more = f" and {len(seeds) - 5} more" if len(seeds) > 5 else ""
        print(f"{' / '.join(key)}: {before} on seed {options.first}, {after} on {', '.join(map(str, seeds[:5]))}{more}")
    times = sum(map(len, changed.values()))
    print(
        f"{options.seeds} seeds from {options.first}, {len({key[0] for key in first})} submissions, {len(only)} "
        f"exercises: {compared} verdicts compared with those of the first seed, {times} differ ({len(changed)} kinds)"
    )
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
