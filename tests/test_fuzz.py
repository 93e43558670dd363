"""Whatever is handed in, there is a row."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from conftest import ROOT


def test_five_hundred_mutants_are_rows_in_bounded_memory(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("fuzz", ROOT / "benchmarks" / "fuzz.py")
    assert spec is not None
    assert spec.loader is not None
    fuzz = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = fuzz  # dataclasses look their module up
    spec.loader.exec_module(fuzz)
    result = fuzz.run(500, seed=6, work=tmp_path)
    assert result.wrong == ()
    assert set(result.kinds) == {".py", ".ipynb", ".zip", "folder"}
    assert result.statuses["graded"] > 100  # mutants that are still read show more of the grader
    assert result.statuses["unreadable"] > 100
