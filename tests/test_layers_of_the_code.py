"""Imports of the grader go one way."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from conftest import ROOT

ORDER = [
    "visible", "exercise", "stub", "syntax", "mutation", "classes", "reference", "notation", "blocks", "grammar", "annotations", "compare", "replay", "apart", "wire", "observe",
    "child", "own", "confinement", "reachable", "confine", "watch", "zygote", "limits", "launch", "calls", "sandbox", "imports", "reading", "toplevel", "plain", "submission", "intake", "similarity", "python2", "layouts", "gradients",
    "own_forward", "evidence", "hypotheses", "explain", "diagnosis", "scoring", "reuse", "exhibit", "lateness", "messages", "gradient_check", "public", "item", "quotients", "grading",
    "kit", "fingerprint", "marker", "release", "validate", "mutants", "equivalence", "tally", "atomic", "tables", "gradebook", "reports",
    "tracing", "graph", "work", "cluster", "pool", "job", "output", "claim", "preflight", "classroom", "autograder", "notebook", "pytest_plugin", "commands", "cli",
]  # fmt: skip

INSIDE_THE_CHILD = {"zygote", "confine", "confinement", "reachable", "watch", "child", "observe", "wire", "syntax"}


def modules() -> list[str]:
    found = [p.relative_to(ROOT / "grader").with_suffix("") for p in (ROOT / "grader").rglob("*.py")]
    return [".".join(p.parts) for p in found if p.name != "__init__"]


def imports(module: str, everywhere: bool = False) -> set[str]:
    """Modules of the grader that a module imports at its top level (or anywhere)."""
    tree = ast.parse((ROOT / "grader" / (module.replace(".", "/") + ".py")).read_text())
    nodes = ast.walk(tree) if everywhere else iter(tree.body)
    found = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "grader":
            rest = node.module.split(".")[1:]
            found |= {rest[0]} if rest else {a.name for a in node.names if a.name != "__version__"}
    return found


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_what_stands_before_it(module: str) -> None:
    here = ORDER.index(module.split(".")[0])
    late = {m for m in imports(module, everywhere=True) if ORDER.index(m) > here}  # also what is loaded when needed
    assert not late


@pytest.mark.parametrize("module", sorted(INSIDE_THE_CHILD))
def test_what_runs_beside_student_code_imports_nothing_that_knows_answers(module: str) -> None:
    assert imports(module, everywhere=True) <= INSIDE_THE_CHILD


def test_the_process_that_runs_submissions_can_be_started_before_numpy_is_loaded() -> None:
    code = "import sys, grader.cli, grader.commands.check, grader.kit, grader.sandbox; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"
