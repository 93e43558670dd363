"""Right code in other words, marked on many seeds: `python benchmarks/variants.py`.

Every right submission of `tests/variants` is marked on the hidden cases of each seed, and every wrong one beside it.
A row a file of `solutions/`: submissions, markings, those that gave full marks, seconds of CPU. Below it the wrong
ones: how many markings took away a stage where the mistake was made and nothing else. The rest is listed. With
`--markdown` the table is written as it stands in `docs/accuracy.md`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # tests.variants

from grader.exercise import FULL_MARKS  # noqa: E402
from grader.grading import Bench  # noqa: E402
from grader.kit import find  # noqa: E402
from grader.sandbox import Sandbox  # noqa: E402
from grader.scoring import ExerciseMark  # noqa: E402
from grader.submission import from_sources  # noqa: E402
from tests.variants import Written, right, wrong  # noqa: E402


def marked(bench: Bench, sandbox: Sandbox, written: Written) -> ExerciseMark:
    return bench.mark(from_sources("somebody", written.cells, bench.stubs), sandbox).exercises[0]


def lost(mark: ExerciseMark) -> set[str]:
    return {s.verdict.stage.name for s in mark.stages if s.verdict.outcome not in FULL_MARKS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20, help="how many, counted from 1")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    kit = find(ROOT)
    family = {r.name: r.exercise.family for r in kit.references}
    sources, full, seconds = Counter(family[w.exercise] for w in right()), Counter[str](), Counter[str]()
    placed, otherwise = 0, []
    with Sandbox() as sandbox:
        for seed in range(1, options.seeds + 1):
            benches = {o.exercise.name: Bench([o]) for o in kit.hidden(seed)}
            for one in right():
                began = time.process_time() + sandbox.cpu
                mark = marked(benches[one.exercise], sandbox, one)
                seconds[family[one.exercise]] += time.process_time() + sandbox.cpu - began
                full[family[one.exercise]] += mark.points == mark.exercise.points
                if mark.points < mark.exercise.points:
                    otherwise.append(f"seed {seed}, {one.exercise}, {one.name}: lost {sorted(lost(mark))}")
            for one in wrong():
                took = lost(marked(benches[one.exercise], sandbox, one))
                placed += took in one.lost
                if took not in one.lost:
                    otherwise.append(f"seed {seed}, {one.exercise}, wrong: {one.name}: lost {sorted(took)}")
            print(f"seed {seed} done", file=sys.stderr)
    rows = [(f"`{name}.py`", sources[name], sources[name] * options.seeds, full[name]) for name in sources]
    rows.append(("together", sources.total(), sources.total() * options.seeds, full.total()))
    times = [*(seconds[name] for name in sources), seconds.total()]
    line = "| {} | {} | {} | {} | {} |" if options.markdown else "{:<22} {:>9} {:>9} {:>9} {:>8}"
    print(line.format("solutions/", "right", "markings", "full", "CPU s"))
    if options.markdown:
        print("|---|---|---|---|---|")
    for row, spent in zip(rows, times, strict=True):
        print(line.format(*row, f"{spent:.1f}"))
    print(f"\nwrong: {len(wrong())}; markings: {len(wrong()) * options.seeds}; lost what it must: {placed}")
    print("\n".join(otherwise))
    sys.exit(1 if otherwise else 0)


if __name__ == "__main__":
    main()
