"""The pages of a large class, made of the sample class: `python benchmarks/report.py`.

The sample class is graded once; its rows are repeated under other names, with the mistakes of each row dealt anew so
that no two of its students have the same, until there are enough. Then `grader report`'s work is timed in this process,
and the size of the class's page is measured. Exits with 1 if the index is larger than 2 MB.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from grader import classroom
from grader.kit import find
from grader.reports import pages
from grader.reports.stored import ABOUT, EXPECTED, INDEX, PAGES, RESULTS, TIMES, Stored, read

INDEX_BYTES, STUDENTS = 2 << 20, 800


def large(run: Stored, count: int, out: Path) -> None:
    """A run of `count` submissions in `out`: each takes every exercise from a student of the sample drawn at random."""
    rng = random.Random(5)
    read_ones = [row for row in run.rows if row["status"] == "graded"]
    rest = [row for row in run.rows if row["status"] != "graded"]
    rows, answers, times = [], [], {}
    for number in range(count):
        name = f"student-{number:04}-of-a-large-class"
        if number % len(run.rows) < len(rest):
            row: dict[str, Any] = copy.deepcopy(rest[number % len(run.rows)])
        else:
            row = copy.deepcopy(rng.choice(read_ones))
            expected = {}
            for i, exercise in enumerate(row["exercises"]):
                giver = rng.choice(read_ones)
                row["exercises"][i] = giver["exercises"][i]
                kept = run.answers[giver["submission"]].get(exercise["name"])
                if kept:
                    expected[exercise["name"]] = kept
            row["points"] = sum(e["points"] for e in row["exercises"])
            answers.append({"submission": name, "expected": expected})
            times[name] = {e["name"]: rng.random() / 100 for e in row["exercises"]}
        row["submission"] = name
        rows.append(row)
    (out / ABOUT).write_text(json.dumps({**run.about, "submissions": count}))
    (out / RESULTS).write_text("".join(json.dumps(row) + "\n" for row in rows))
    (out / EXPECTED).write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    (out / TIMES).write_text(json.dumps(times))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--keep", type=Path, help="an empty folder for the report, to look at")
    arguments = parser.parse_args()
    root = Path(__file__).resolve().parents[1]
    kit = find(root)
    only = (root / "data" / "sample_class.txt").read_text().split()
    with tempfile.TemporaryDirectory() as scratch:
        sample, out = Path(scratch, "sample"), arguments.keep or Path(scratch, "large")
        classroom.grade(kit, root / "data" / "sample_class", sample, seed=1, only=only)
        out.mkdir(exist_ok=True)
        large(read(sample), arguments.students, out)
        began = time.perf_counter()
        run = read(out)
        loaded = time.perf_counter()
        pages.write(run)
        done = time.perf_counter()
        index = (out / INDEX).stat().st_size
        students = sum(p.stat().st_size for p in (out / PAGES).iterdir())
        results = (out / RESULTS).stat().st_size
    print(f"{arguments.students} submissions: read in {loaded - began:.2f} s, pages in {done - loaded:.2f} s")
    print(f"index {index / 1024:.0f} KB, pages of students {students / 2**20:.1f} MB, results {results / 2**20:.1f} MB")
    return int(index > INDEX_BYTES)


if __name__ == "__main__":
    sys.exit(main())
