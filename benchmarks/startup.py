"""How long a student waits: `python benchmarks/startup.py [--rounds 15]`.

CPU (of all processes of a command) and wall time of `grader --help` and of `grader check` on one notebook, as in the
folder that students get, beside what Python and numpy need to start. Rounds interleave the commands; the table gives
medians and the ratio to numpy's start.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "data" / "sample_class" / "ada.ipynb"
GRADER = [sys.executable, "-m", "grader.cli"]


def cost(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """CPU and wall time of one run, in milliseconds."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return 1000 * (used.ru_utime + used.ru_stime), 1000 * wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import numpy": [sys.executable, "-c", "import numpy"],
        "grader --help": [*GRADER, "--help"],
        "grader check, one notebook": [*GRADER, "check", str(NOTEBOOK)],
    }
    with tempfile.TemporaryDirectory() as work:
        release = Path(work) / "release"
        subprocess.run([*GRADER, "release", "--out", str(release)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                used = cost(command, release)
                if number:  # the first round fills caches
                    found[name].append(used)
    numpy_cpu = statistics.median(cpu for cpu, _ in found["import numpy"])
    print("| command | CPU ms | wall ms | CPU, times that of numpy's start |\n|---|---|---|---|")
    for name, costs in found.items():
        cpu, wall = (statistics.median(c[i] for c in costs) for i in (0, 1))
        print(f"| `{name}` | {cpu:.0f} | {wall:.0f} | {cpu / numpy_cpu:.1f} |")


if __name__ == "__main__":
    main()
