"""What a Dask cluster adds to a submission: `python benchmarks/cluster.py [--size 100] [--rounds 3]`.

The same class, every submission with functions of its own, is graded by two processes of this machine and by two
workers of a scheduler on it, in turn. Both must write the same bytes. In the end one worker is killed in the middle of
a run. The table gives wall time, and CPU of the process that hands out, a submission; medians of the rounds.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.throughput import made  # noqa: E402
from grader import classroom  # noqa: E402
from grader.kit import find  # noqa: E402

WORKERS = 2
CLI = [sys.executable, "-m"]


def started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*CLI, *command], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def graded(folder: Path, out: Path, only: list[str], scheduler: str | None) -> tuple[float, float]:
    """Seconds of wall time, and of CPU of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    classroom.grade(find(ROOT), folder, out, seed=1, only=only, jobs=WORKERS, scheduler=scheduler)
    return time.perf_counter() - wall, time.process_time() - cpu


def same(one: Path, other: Path) -> bool:
    names = [
        "results.jsonl",
        "grades.csv",
        "expected.jsonl",
        *(f"students/{p.name}" for p in (one / "students").iterdir()),
    ]
    return all((one / n).read_bytes() == (other / n).read_bytes() for n in names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    only = (ROOT / "data" / "sample_class.txt").read_text().split()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    found: dict[str, list[tuple[float, float]]] = {}
    scheduler = started(
        ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    )
    workers = [
        started(["distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"])
        for _ in range(WORKERS)
    ]
    try:
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work) / "class"
            made(folder, asked.size)
            for number in range(asked.rounds):
                here, there = Path(work) / f"here{number}", Path(work) / f"there{number}"
                found.setdefault("two processes", []).append(graded(folder, here, only, None))
                found.setdefault("two workers of a cluster", []).append(graded(folder, there, only, address))
                assert same(here, there), "not the same bytes"
            victim = threading.Timer(
                0.5 * found["two workers of a cluster"][-1][0], os.kill, (workers[0].pid, signal.SIGKILL)
            )
            victim.start()
            found["one of them killed in the middle"] = [graded(folder, Path(work) / "killed", only, address)]
            victim.join()
            assert same(here, Path(work) / "killed"), "not the same bytes after a worker died"
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()
    print("| who runs them | wall ms a submission | CPU ms of the process that hands out |\n|---|--:|--:|")
    for name, costs in found.items():
        wall, cpu = (1000 * statistics.median(c[i] for c in costs) / asked.size for i in (0, 1))
        print(f"| {name} | {wall:.1f} | {cpu:.1f} |")


if __name__ == "__main__":
    main()
