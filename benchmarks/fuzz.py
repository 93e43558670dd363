"""Mutated notebooks, files and archives, graded as one class: `python benchmarks/fuzz.py --count 5000`.

The submissions of the sample class are changed at random (a seed makes it repeatable): bytes flipped, cut out, doubled
and spliced, JSON values replaced by others of any type, code cut up and mixed with what is no code, zips with broken
headers, odd methods and odd names. All are put into one folder, which one process grades. Every one must have a row,
none may be a fault of the grader, nothing may be printed that is a traceback, and no process of it may take 500 MB.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import random
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MEGABYTES = 500
EXERCISES = ("relu_forward", "relu_backward", "svm_loss_vectorized")
ODD = (
    "\0",
    "\ufeff",
    "\u202e",
    "\ud800",
    "\x1b[2J",
    "\r",
    "\t",
    "\f",
    "\u2028",
    "\U0001f469",
    "\uff1d",
    "(",
    ")",
    "[",
    "{",
    '"""',
    "'",
    "\\",
    "\\\n",
    "%%bash\n",
    "%timeit ",
    "!ls\n",
    "?",
    "lambda: ",
    "async def f(): ",
    "await x\n",
    "yield\n",
    "return\n",
    "@",
    "~",
    "->",
    ":=",
    "*",
    "**",
    "...",
    "0x",
    "1e999",
    "9" * 5000,
    "global x\n",
    "del np\n",
    "import os\n",
    "from numpy import *\n",
    "raise SystemExit\n",
    "x = [x]\n",
    "class relu_forward: pass\n",
    "relu_forward = None\n",
    "def relu_forward(x): return x\n",
    "\nmatch x:\n  case _: pass\n",
    "f'{x!r:{y}}'",
    "# coding: utf-7\n",
    "print 'x'\n",
    "-" * 300,
    "(" * 150,
    "a." * 300 + "a",
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1e308,
    "",
    "code",
    [],
    {},
    [[]],
    [None],
    {"a": 1},
    "\ud800",
    "x" * 1000,
    [1, "a", None],
    10**30,
)

Mutation = Callable[[random.Random, bytes], bytes]


def flipped(chance: random.Random, data: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(chance.choice((1, 2, 8, 64))):
        if made:
            made[chance.randrange(len(made))] = chance.randrange(256)
    return bytes(made)


def cut(chance: random.Random, data: bytes) -> bytes:
    at, end = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    return data[:at] + data[end:] if chance.random() < 0.7 else data[:at]


def doubled(chance: random.Random, data: bytes) -> bytes:
    at, end = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    return data[:end] + data[at:end] * chance.randint(1, 3) + data[end:]


def mixed(chance: random.Random, data: bytes) -> bytes:
    made = data.decode("utf-8", "surrogateescape")
    for _ in range(chance.randint(1, 5)):
        at = chance.randint(0, len(made))
        made = made[:at] + chance.choice(ODD) + made[at:]
    return made.encode("utf-8", "surrogatepass" if chance.random() < 0.5 else "replace")


def recoded(chance: random.Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(
        chance.choice(("utf-16", "utf-16-be", "utf-32", "latin-1", "utf-7", "cp037", "utf-8-sig")), "replace"
    )


def lines(chance: random.Random, data: bytes) -> bytes:
    made = data.split(b"\n")
    for _ in range(chance.randint(1, 4)):
        one, two = chance.randrange(len(made)), chance.randrange(len(made))
        made[one], made[two] = made[two], made[one]
    if chance.random() < 0.5:
        del made[chance.randrange(len(made))]
    return chance.choice((b"\n", b"\n", b"\r\n", b"\r")).join(made)


BYTES: tuple[Mutation, ...] = (flipped, cut, doubled, mixed, recoded, lines)


def notebook(chance: random.Random, data: bytes) -> bytes:
    """Another notebook: values of other types anywhere, or code that was changed and put back in."""
    try:
        tree = json.loads(data)
    except ValueError:
        return chance.choice(BYTES)(chance, data)
    if chance.random() < 0.5:
        cells = [c for c in _cells(tree) if isinstance(c, dict) and isinstance(c.get("source"), str | list)]
        for cell in chance.sample(cells, min(len(cells), chance.randint(1, 3))):
            source = "".join(map(str, cell["source"])).encode("utf-8", "replace")
            changed = chance.choice(BYTES)(chance, source).decode("utf-8", "surrogateescape")
            cell["source"] = changed if chance.random() < 0.5 else changed.splitlines(keepends=True)
    else:
        for _ in range(chance.randint(1, 4)):
            _replace(chance, tree)
    return json.dumps(tree).encode()


def _cells(tree: Any) -> list[Any]:
    """Those of a notebook, as far as it still is one: it may have been changed before."""
    cells = tree.get("cells") if isinstance(tree, dict) else None
    return cells if isinstance(cells, list) else []


def _replace(chance: random.Random, tree: Any) -> None:
    """Put another value somewhere into a tree."""
    while isinstance(tree, dict | list):
        keys: list[Any] = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(tree[key], dict | list) and tree[key] and chance.random() < 0.8:
            tree = tree[key]
            continue
        tree[key] = copy.deepcopy(chance.choice(VALUES))
        return


def archive(chance: random.Random, members: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip of some files, with names and methods that may be odd; and often it is broken."""
    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w") as zipped:
        warnings.simplefilter("ignore")  # two of one name are meant
        for name, data in members:
            place = chance.choice(
                ("", "a/b/", "../../", "/etc/", "__MACOSX/", ".hidden/", "\u202e", "x" * 200 + "/", "C:\\")
            )
            about = zipfile.ZipInfo(place + name)
            about.compress_type = chance.choice(
                (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
            )
            about.external_attr = chance.choice((0, 0o100644 << 16, 0o120777 << 16, 0o010644 << 16, 0xFFFFFFFF))
            zipped.writestr(about, data)
    data = made.getvalue()
    return chance.choice((flipped, cut, doubled))(chance, data) if chance.random() < 0.6 else data


def submission(chance: random.Random, sources: Sequence[tuple[str, bytes]], folder: Path, number: int) -> str:
    """Write one; returns what kind it is."""
    name, data = chance.choice(sources)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        data = (
            notebook(chance, data)
            if name.endswith(".ipynb") and chance.random() < 0.5
            else chance.choice(BYTES)(chance, data)
        )
    data = data[: 4 << 20]
    kind = chance.random()
    if kind < 0.7:
        ending = Path(name).suffix
        (folder / f"s{number:05}{ending}").write_bytes(data)
        return ending
    others = [chance.choice(sources) for _ in range(chance.randint(0, 2))]
    if kind < 0.95:
        (folder / f"s{number:05}.zip").write_bytes(archive(chance, [(name, data), *others]))
        return ".zip"
    (folder / f"s{number:05}").mkdir()
    for one, content in ((name, data), *others):
        (folder / f"s{number:05}" / one).write_bytes(content)
    return "folder"


def sources() -> list[tuple[str, bytes]]:
    """What is mutated: the sample class, with what is in its zips and folders."""
    files = [p for p in sorted((ROOT / "data" / "sample_class").rglob("*")) if p.suffix in (".py", ".ipynb")]
    slow = b"while True"  # loops that never end only cost their time limit, once a mutant
    found = [(p.name, p.read_bytes()) for p in files]
    return [(name, data) for name, data in found if slow not in data]


@dataclass(frozen=True)
class Outcome:
    """What came of a class of mutants."""

    kinds: Counter[str]
    statuses: Counter[str]
    seconds: float
    megabytes: int
    output: str
    code: int
    wrong: tuple[str, ...]


GRADE = """
import resource, sys
from pathlib import Path
from grader.cli import main
try:
    main(sys.argv[1:])
finally:
    lines = Path("/proc/self/status").read_text().splitlines()
    own = int(next(l for l in lines if l.startswith("VmHWM")).split()[1])
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # of its workers and what they run
    print("megabytes", max(own, largest) >> 10)
"""


def run(count: int, seed: int, work: Path) -> Outcome:
    """Make `count` mutants in `work` and grade them there."""
    chance = random.Random(seed)
    folder = work / "class"
    folder.mkdir()
    originals = sources()
    kinds = Counter(submission(chance, originals, folder, number) for number in range(count))
    names = [part for name in EXERCISES for part in ("--exercise", name)]
    kit = work / "kit"
    (kit / "solutions").mkdir(parents=True)
    for name in ("relu", "svm"):
        (kit / "solutions" / f"{name}.py").write_bytes((ROOT / "solutions" / f"{name}.py").read_bytes())
    (kit / "grader.toml").write_text('[kit]\ntitle = "Fuzz"\n[limits]\nseconds = 0.5\ntotal_seconds = 2\n')
    command = [sys.executable, "-c", GRADE, "--kit", kit, "grade", folder, "--out", work / "out", "--seed", "1", *names]
    began = time.monotonic()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=ROOT)
    seconds = time.monotonic() - began
    output = done.stdout + done.stderr
    rows = [json.loads(line) for line in (work / "out" / "results.jsonl").read_text().splitlines()]
    wrong = [f"{row['submission']}: {row['problem']}" for row in rows if row["status"] == "grader fault"]
    if len({row["submission"] for row in rows}) != count or len(rows) != count:
        wrong.append(f"{len(rows)} rows of {count}")
    if done.returncode or "Traceback" in output:
        wrong.append(f"exit code {done.returncode}: {output[-2000:]}")
    wrong += [
        f"{r['submission']} is unreadable without a reason"
        for r in rows
        if r["status"] == "unreadable" and not r["problem"]
    ]
    megabytes = int(output.rsplit("megabytes ", 1)[1].split()[0])
    if megabytes >= MEGABYTES:
        wrong.append(f"{megabytes} MB")
    statuses = Counter(row["status"] for row in rows)
    return Outcome(kinds, statuses, seconds, megabytes, output, done.returncode, tuple(wrong))


def told(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as work:
        result = run(chosen.count, chosen.seed, Path(work))
    print(f"{chosen.count} mutants, seed {chosen.seed}: {told(result.kinds)}\n{told(result.statuses)}")
    print(f"{result.seconds:.0f} s, {1e3 * result.seconds / chosen.count:.1f} ms each; at most {result.megabytes} MB")
    for line in result.wrong:
        print(line)
    print("every one a row, no fault, no traceback" if not result.wrong else f"{len(result.wrong)} things wrong")
    sys.exit(bool(result.wrong))


if __name__ == "__main__":
    main()
