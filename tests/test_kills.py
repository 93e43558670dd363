"""Grading that is killed again and again ends as if it had never been disturbed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from conftest import ROOT


def test_fifty_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("kills", ROOT / "benchmarks" / "kills.py")
    assert spec is not None
    assert spec.loader is not None
    kills = importlib.util.module_from_spec(spec)
    sys.modules["kills"] = kills  # dataclasses look their module up
    spec.loader.exec_module(kills)
    result = kills.run(50, seed=11, work=tmp_path)
    assert result.wrong == []
    assert result.kills == 50
    assert set(result.by_kind) == {"at a write", "at a moment"}
    assert len(result.left_by_a_kill) >= 4  # killed early, late and in between
    assert result.taken_up >= 5  # and taken up again: how often depends on the machine
