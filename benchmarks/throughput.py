"""Growth, reruns and memory of `grader grade`: `python benchmarks/throughput.py [--sizes 100 1000 10000]`.

A class of each size is made of the sample class's notebooks, every submission with functions of its own (a statement is
added, so that nothing is run once for many), graded with eleven exercises, all cores, everything on; then graded again
unchanged.
The table gives CPU of all processes and wall time a submission, the rerun as a share of the first run, and the largest
resident memory of the process that hands out.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample_class"
LEFT_OUT = {"mina"}  # its endless loop costs its limit of time, whatever the grader does
RUN = """
import json, resource, sys
from pathlib import Path
from grader import classroom
from grader.kit import find
root, folder, out, only = sys.argv[1:]
run = classroom.grade(find(Path(root)), Path(folder), Path(out), seed=1, only=only.split(","))
own = resource.getrusage(resource.RUSAGE_SELF)
peak = next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM"))
print(json.dumps({"rows": len(run.rows), "reused": run.reused, "peak_mb": peak / 1024}))
"""


def made(folder: Path, size: int) -> None:
    """A class of `size`: the sample's notebooks in turn, each function with a statement of its own at its start."""
    folder.mkdir()
    sources = [json.loads(p.read_text(encoding="utf-8")) for p in notebooks()]
    for number in range(size):
        notebook = sources[number % len(sources)]
        cells = [{**c, "source": own(c, number)} for c in notebook["cells"]]
        (folder / f"s{number:06d}.ipynb").write_text(json.dumps({**notebook, "cells": cells}), encoding="utf-8")


def notebooks() -> list[Path]:
    return [p for p in sorted(SAMPLE.glob("*.ipynb")) if p.stem not in LEFT_OUT and readable(p)]


def readable(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text(encoding="utf-8"))["cells"])
    except (ValueError, KeyError, UnicodeDecodeError):
        return False


def own(cell: dict[str, Any], number: int) -> str:
    source = "".join(cell["source"])
    if cell["cell_type"] != "code":
        return source
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            node.body.insert(0, ast.parse(f"own_number = {number}").body[0])
    return ast.unparse(tree)


def run(folder: Path, out: Path, only: str) -> tuple[dict[str, float], float, float]:
    """What one run printed, its wall time and its CPU (children of children included), in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(ROOT), str(folder), str(out), only],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found, wall, cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10000])
    sizes = parser.parse_args().sizes
    only = ",".join((ROOT / "data" / "sample_class.txt").read_text().split())
    print("| submissions | CPU ms each | wall ms each | rerun, % of the first | peak MB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as work:
        for size in sizes:
            folder, out = Path(work) / f"class{size}", Path(work) / f"out{size}"
            made(folder, size)
            first, wall, cpu = run(folder, out, only)
            assert first["rows"] == size and first["reused"] < size / 50, first
            again, wall_again, _ = run(folder, out, only)
            assert again["reused"] == size, again
            print(
                f"| {size:,} | {1000 * cpu / size:.1f} | {1000 * wall / size:.1f} | {100 * wall_again / wall:.1f} | "
                f"{max(first['peak_mb'], again['peak_mb']):.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
