"""Everything derived from the references: stubs, notebook cells and public data, in the kit or in a release.

`build` renews them inside the kit, `stale` names what no longer fits, `release` makes the folder that students
get. The release is put together from the stubs, the notebooks and the data alone: nothing is copied from
`solutions/`.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from grader import __version__, public
from grader.exercise import Exercise
from grader.kit import CONFIG, Kit
from grader.public import PUBLIC_SEED
from grader.replay import oracle_for
from grader.stub import stub_file


def stub_files(kit: Kit, names: Collection[str] | None = None) -> Iterator[tuple[Path, str]]:
    """(path under the kit, text) of every file of `assignment/`, with all exercises or those of these names."""
    families: dict[str, list[Exercise]] = {}
    for reference in (r for r in kit.references if names is None or r.name in names):
        families.setdefault(reference.exercise.family, []).append(reference.exercise)
    for family, exercises in families.items():
        source = (kit.solutions / f"{family}.py").read_text(encoding="utf-8")
        summary = (ast.get_docstring(ast.parse(source)) or "").strip()
        yield (
            Path("assignment") / f"{family}.py",
            stub_file(f"solutions/{family}.py", summary, exercises[0].given, [e.stub for e in exercises]),
        )


def notebook_paths(kit: Kit) -> list[Path]:
    return sorted(p for p in (kit.root / "notebooks").glob("*.ipynb"))


def renewed(notebook: dict[str, Any], sources: dict[str, str]) -> dict[str, Any]:
    """The notebook with its exercise cells set to `sources` (stubs, or references), outputs cleared."""
    fresh: dict[str, Any] = json.loads(json.dumps(notebook))
    for cell in fresh["cells"]:
        told = cell.get("metadata", {}).get("grader", {})
        if told.get("exercise") in sources:
            cell["source"] = _lines(sources[told["exercise"]].rstrip("\n"))
        elif "check" in told:
            cell["source"] = _lines(f"check({told['check']})")
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return fresh


def notebook_exercises(notebook: dict[str, Any]) -> list[str]:
    """Names of the exercises that a notebook holds, in order."""
    told = (cell.get("metadata", {}).get("grader", {}) for cell in notebook["cells"])
    return [t["exercise"] for t in told if "exercise" in t]


def read_notebook(path: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return made


def notebook_text(notebook: dict[str, Any]) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)


def build(kit: Kit) -> list[Path]:
    """Renew what is derived, inside the kit. Returns the files that changed."""
    changed = []
    for relative, text in stub_files(kit):
        changed += _write(kit.root / relative, text)
    stubs = {r.name: r.exercise.stub for r in kit.references}
    for path in notebook_paths(kit):
        changed += _write(path, notebook_text(renewed(read_notebook(path), stubs)))
    changed += _write_public(kit, kit.root)
    return changed


def _write(path: Path, text: str) -> list[Path]:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return [path]


def _write_public(kit: Kit, root: Path, names: Collection[str] | None = None) -> list[Path]:
    """Public data of all exercises or of these, written only where it differs in value (bytes may differ between
    machines)."""
    changed = []
    folder = root / "data" / "public"
    chosen = [(o, r) for o, r in enumerate(kit.references) if names is None or r.name in names]
    for order, reference in chosen:
        oracle = oracle_for(reference, PUBLIC_SEED)
        path = folder / f"{reference.name}.npz"
        if path.is_file() and public.disagreement(path, oracle, order) is None:
            continue
        public.store(oracle, path, order)
        changed.append(path)
    kept = {r.name for _, r in chosen}
    for path in folder.glob("*.npz"):
        if path.stem not in kept:
            path.unlink()
            changed.append(path)
    return changed


def stale(kit: Kit) -> list[str]:
    """What no longer fits the references, a sentence each. What was never built is not stale."""
    found = []
    for relative, text in stub_files(kit):
        path = kit.root / relative
        if path.is_file() and path.read_text(encoding="utf-8") != text:
            found.append(f"{relative} differs from the stubs of its reference: run `grader build`")
    stubs = {r.name: r.exercise.stub for r in kit.references}
    for path in notebook_paths(kit):
        notebook = read_notebook(path)
        if notebook_text(renewed(notebook, stubs)) != path.read_text(encoding="utf-8"):
            found.append(
                f"notebooks/{path.name} holds an exercise cell that differs from its stub, or outputs: run "
                "`grader build`"
            )
        found += [
            f"notebooks/{path.name} holds the exercise {name}, which is none"
            for name in notebook_exercises(notebook)
            if name not in stubs
        ]
    for order, reference in enumerate(kit.references):
        path = kit.public_data / f"{reference.name}.npz"
        if path.is_file():
            problem = public.disagreement(path, oracle_for(reference, PUBLIC_SEED), order)
            if problem:
                found.append(
                    f"data/public/{path.name} and the reference disagree in {problem}: mend the reference, or run "
                    "`grader build`"
                )
    return found


RELEASED = "# The folder with this file is found by `grader check` and by check() in notebooks."
NOTEBOOKS = ("jupyterlab", "matplotlib")  # the extra [notebooks], for an install that may not know of it
INSTRUCTIONS = """# {title}

Fill in the places marked `...`, one line per intermediate value; the comment says which shape belongs there.

    pip install {install}
    jupyter lab notebooks/

Run the cell `check(...)` below each exercise as often as you like: it shows stage by stage what is right, wrong
and missing, and where to look. If you prefer files to notebooks, fill in `assignment/*.py` and run

    grader check assignment/{file}

or `pytest` (`pip install pytest`), which makes a test of every stage of what is filled in; a workflow for GitHub that
does so on every push is in `.github/workflows/`. These checks are the same everywhere.

All of it needs only this folder: `data/public/` holds the inputs and values that your code is compared with.
Marks are given on other inputs of the same kind.

Hand in the filled-in notebooks or files, as your course says.
{listing}"""


CONFTEST = '''"""`pytest` runs the public checks of every exercise that is filled in: one test a stage."""

from grader.pytest_plugin import pytest_collect_file  # noqa: F401
'''

WORKFLOW = """# Runs the public checks on every push. Exercises that are not filled in yet are skipped.
name: checks
on: [push, pull_request]
permissions:
  contents: read
jobs:
  checks:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install {install} "pytest>=8.2"
      - run: pytest
"""


def release(kit: Kit, out: Path, notebooks: Collection[str] | None = None) -> list[Path]:
    """Make the folder that students get, at `out` (which does not exist, is empty or an earlier release): with
    everything, or only with these notebooks (names of files, without the ending) and their exercises. Of an earlier
    release nothing is left; what was not of it stays. Returns every file of it, changed or not."""
    stubs = {r.name: r.exercise.stub for r in kit.references}
    chosen = [(p, read_notebook(p)) for p in notebook_paths(kit) if notebooks is None or p.stem in notebooks]
    names = None if notebooks is None else {n for _, book in chosen for n in notebook_exercises(book) if n in stubs}
    texts = dict(stub_files(kit, names))
    first = next((path.name for path in texts), "FILE.py")
    listing = ["", "| notebook | exercise | points |", "|---|---|---|"]
    points = {r.name: r.exercise.points for r in kit.references}
    for path, book in chosen:
        notebook = renewed(book, stubs)
        texts[Path("notebooks") / path.name] = notebook_text(notebook)
        listing += [
            f"| {path.stem} | {name} | {points[name]} |" for name in notebook_exercises(notebook) if name in points
        ]
    if len(listing) == 3:
        listing = []
    texts[Path("README.md")] = INSTRUCTIONS.format(
        title=kit.config.title,
        install=_installed(kit, notebooks=True),
        file=first,
        listing="\n".join(listing) + "\n" if listing else "",
    )
    texts[Path("conftest.py")] = CONFTEST
    texts[Path(".github", "workflows", "checks.yml")] = WORKFLOW.format(install=_installed(kit))
    texts[Path(CONFIG)] = f"{RELEASED}\n[kit]\ntitle = {json.dumps(kit.config.title)}\n{_points(kit, names)}"
    out.mkdir(parents=True, exist_ok=True)
    for path in _strays(kit, out, texts):
        path.unlink()
    for relative, text in texts.items():
        _write(out / relative, text)
    _write_public(kit, out, names)
    return [*(out / relative for relative in texts), *sorted((out / "data" / "public").glob("*.npz"))]


def _installed(kit: Kit, notebooks: bool = False) -> str:
    """What students give to pip, in quotes; with what opens notebooks, if asked."""
    if kit.config.install is None:
        return f'"flat-backprop{"[notebooks]" if notebooks else ""}>={__version__}"'
    more = f" {' '.join(NOTEBOOKS)}" if notebooks and "[notebooks]" not in kit.config.install else ""
    return f'"{kit.config.install}"{more}'


def _points(kit: Kit, names: Collection[str] | None) -> str:
    """What exercises count, as the students' own configuration says it."""
    worth = {
        r.name: r.exercise.worth
        for r in kit.references
        if r.exercise.worth is not None and (names is None or r.name in names)
    }
    return "\n[points]\n" + "".join(f"{name} = {value}\n" for name, value in worth.items()) if worth else ""


def is_release(folder: Path) -> bool:
    """Was it made by `release`? Not so the kit itself, a class, or anything else that is somebody's only copy."""
    config = folder / CONFIG
    try:
        return config.read_text(encoding="utf-8").startswith(RELEASED) and not (folder / "solutions").exists()
    except (OSError, UnicodeDecodeError):
        return False


def _strays(kit: Kit, out: Path, files: Collection[Path]) -> Iterator[Path]:
    """What a release of other parts of the kit left in `out`, and copies that Jupyter keeps of what was tried there."""
    stubs = (Path("assignment") / path.name for path in kit.solutions.glob("*.py"))
    notebooks = (Path("notebooks") / path.name for path in notebook_paths(kit))
    yield from (out / path for path in (*stubs, *notebooks) if path not in files and (out / path).is_file())
    yield from (path for path in (out / "notebooks" / ".ipynb_checkpoints").glob("*.ipynb") if path.is_file())
