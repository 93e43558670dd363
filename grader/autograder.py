"""A zip for Gradescope that grades one submission in its container, and the run inside it.

Source of the form: gradescope-autograders.readthedocs.io, "Autograder Specifications": `setup.sh` and `run_autograder`
at the top of the zip; in the container `/autograder/source` holds what is in the zip, `/autograder/submission` what the
student handed in, and `/autograder/results/results.json` is what must be written.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from grader import __version__
from grader.kit import CONFIG, Kit, KitError
from grader.marker import hidden_marker
from grader.reports import exports, machine
from grader.sandbox import Sandbox

PACKAGE, DISTRIBUTION = "flat_backprop", "flat-backprop"
ABOUT = "autograder.json"
WHEN = (1980, 1, 1, 0, 0, 0)  # of every file, so that equal kits give equal bytes
RUNNABLE = 0o755

SETUP = """\
#!/usr/bin/env bash
# Made by `grader export gradescope-autograder`. Runs once, when Gradescope builds the image.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
here="$root/source"

find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
            echo "$name"
            return
        fi
    done
}

if [ ! -x "$root/venv/bin/python" ]; then
    python="$(find_python)"
    if [ -z "$python" ]; then # Ubuntu 22.04 comes with 3.10
        apt-get update
        apt-get install -y python3.11 python3.11-venv
        python=python3.11
    fi
    "$python" -m venv "$root/venv"
fi
"$root/venv/bin/python" -m pip install --disable-pip-version-check -q -r "$here/requirements.txt"
"$root/venv/bin/python" -m pip install --disable-pip-version-check -q --no-deps --force-reinstall "$here"/*.whl
"""

RUN = """\
#!/usr/bin/env bash
# Made by `grader export gradescope-autograder`. Runs for every submission; what it prints is for the instructor alone.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
exec "$root/venv/bin/grader" --kit "$root/source/kit" gradescope --root "$root"
"""


def build(kit: Kit, to: Path, seed: int, only: Sequence[str] = ()) -> int:
    """Write the zip: scripts, the grader as a wheel, the kit with its solutions; how many files. Raises KitError."""
    if not kit.has_solutions:
        raise KitError(f"{kit.root} has no solutions/: an autograder needs the instructor's kit")
    about = {"seed": seed, "exercises": list(only), "layout": kit.config.layout}
    files: dict[str, bytes] = {
        "setup.sh": SETUP.encode(),
        "run_autograder": RUN.encode(),
        "requirements.txt": "".join(f"{r}\n" for r in requirements()).encode(),
        f"{PACKAGE}-{__version__}-py3-none-any.whl": wheel(),
        f"kit/{ABOUT}": (json.dumps(about, indent=1) + "\n").encode(),
        f"kit/{CONFIG}": (kit.root / CONFIG).read_bytes(),
    }
    for folder, ending in (("solutions", "*.py"), ("layouts", "*.*")):
        for path in sorted((kit.root / folder).glob(ending)):
            files[f"kit/{folder}/{path.name}"] = path.read_bytes()
    with zipfile.ZipFile(to, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.external_attr = (0o100000 | (RUNNABLE if name in ("setup.sh", "run_autograder") else 0o644)) << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return len(files)


def run(kit: Kit, root: Path) -> Path:
    """Grade `root/submission` and write `root/results/results.json`; its path.

    Raises whatever goes wrong in the grader itself, and writes nothing then: Gradescope tells the instructor, and no
    student gets a zero for it.
    """
    if not (kit.root / ABOUT).is_file():
        raise KitError(
            f"{kit.root} has no {ABOUT}: this command runs in what grader export gradescope-autograder makes, with "
            "--kit naming the kit in it"
        )
    about = json.loads((kit.root / ABOUT).read_text(encoding="utf-8"))
    marker = hidden_marker(kit, about["seed"], about["exercises"], about["layout"])
    submission = root / "submission"
    if not submission.is_dir():
        raise KitError(f"{submission} does not exist: this command is what run_autograder calls in Gradescope")
    name = "submission"
    with Sandbox(kit.config.limits) as sandbox:
        mark = marker.mark(name, marker.read(submission, name), sandbox)
    results = root / "results" / "results.json"
    results.parent.mkdir(parents=True, exist_ok=True)
    made = exports.gradescope(machine.submission(mark, timed=False))
    results.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    return results


def requirements() -> list[str]:
    """What the installed grader needs, without its extras."""
    return [r for r in metadata.requires(DISTRIBUTION) or () if "extra ==" not in r]


def wheel() -> bytes:
    """The grader that runs here, as a wheel: the modules as they are, the metadata of the installed distribution."""
    import io

    info = f"{PACKAGE}-{__version__}.dist-info"
    installed = metadata.distribution(DISTRIBUTION)
    entry = "".join(f"{e.name} = {e.value}\n" for e in installed.entry_points if e.group == "console_scripts")
    files = dict(_modules())
    files[f"{info}/METADATA"] = (installed.read_text("METADATA") or "").encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: grader\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{entry}".encode()
    record = [f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in files.items()]
    files[f"{info}/RECORD"] = ("".join(record) + f"{info}/RECORD,,\n").encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, WHEN), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _modules() -> Iterator[tuple[str, bytes]]:
    package = Path(__file__).parent
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{package.name}/{path.relative_to(package).as_posix()}", path.read_bytes()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
