"""What all tests share: the kit of this repository, and one sandbox."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.grading import Bench
from grader.kit import Kit, find
from grader.sandbox import Limits, Sandbox

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def kit() -> Kit:
    return find(ROOT)


@pytest.fixture(scope="session")
def bench(kit: Kit) -> Bench:
    return Bench(kit.hidden(7))


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(seconds=1.0, total_seconds=10.0)) as made:
        yield made


@pytest.fixture
def kit_copy(tmp_path: Path) -> Path:
    """A copy of the kit that a test may break."""
    for name in ("solutions", "assignment", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / "kit" / name)
    shutil.copytree(ROOT / "data" / "public", tmp_path / "kit" / "data" / "public")
    shutil.copy(ROOT / "grader.toml", tmp_path / "kit" / "grader.toml")
    return tmp_path / "kit"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything should be there (CI), a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("NO_SKIPS"):
        reporter.write_line(f"NO_SKIPS is set and {len(skipped)} tests were skipped", red=True)
        session.exitstatus = 1
