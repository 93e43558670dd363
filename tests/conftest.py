"""What all tests share: the kit of this repository, and one sandbox."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from grader.grading import Bench
from grader.kit import Kit, find
from grader.limits import Limits
from grader.release import release
from grader.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[1]
RELU = "import numpy as np\n\n\ndef relu_forward(x):\n    out = {}\n    cache = x\n    return out, cache\n"
RIGHT, WRONG = RELU.format("np.maximum(0, x)"), RELU.format("np.abs(x)")


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


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with a kit of one file of exercises and a class of three."""
    (tmp_path / "kit" / "solutions").mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / "relu.py", tmp_path / "kit" / "solutions" / "relu.py")
    (tmp_path / "kit" / "grader.toml").write_text('[kit]\ntitle = "Small"\n')
    (tmp_path / "class").mkdir()
    for name, source in {"ada": RIGHT, "ben": WRONG, "cleo": RELU.format("x / 0 +")}.items():
        (tmp_path / "class" / f"{name}.py").write_text(source)
    return tmp_path


def student(folder: Path, source: str) -> ModuleType:
    """A module with a student's functions, from a file of the folder."""
    path = folder / "mine.py"
    path.write_text("import numpy as np\n\n\n" + source)
    spec = importlib.util.spec_from_file_location("mine", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that students get; not to be written to."""
    out = tmp_path_factory.mktemp("released")
    release(find(ROOT), out)
    return out


@pytest.fixture
def in_release(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, while the current folder is that of the released notebooks."""
    monkeypatch.chdir(released / "notebooks")
    return tmp_path


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything should be there (CI), a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("NO_SKIPS"):
        reporter.write_line(f"NO_SKIPS is set and {len(skipped)} tests were skipped", red=True)
        session.exitstatus = 1
