"""What student code may import and read: the standard library, numpy, and what the kit allows."""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Collection, Sequence
from types import ModuleType

UNREADABLE = {"site-packages", "dist-packages", "test", "idlelib", "ensurepip", "lib2to3", "turtledemo"}
WARM = ("random", "fft", "linalg", "polynomial")  # numpy's own parts, loaded once


def packages(allowed: Collection[str]) -> dict[str, list[str]]:
    """Folders or files of every module that may be imported beside the standard library: numpy, and what is allowed."""
    found = {}
    for name in ("numpy", *allowed):
        top = name.split(".")[0]
        spec = importlib.util.find_spec(top)
        if spec is None:
            continue
        places = list(spec.submodule_search_locations or [spec.origin or ""])
        beside = [os.path.join(os.path.dirname(p), f"{top}.libs") for p in places]
        found[top] = [p for p in (*places, *beside) if os.path.exists(p)]
    return found


def readable(packages: dict[str, list[str]]) -> list[str]:
    """Every path that a child may read."""
    found = []
    for folder in sorted({sysconfig.get_path(p) for p in ("stdlib", "platstdlib")}):
        with contextlib.suppress(OSError):
            found += [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name not in UNREADABLE]
    return found + [path for paths in packages.values() for path in paths]


def warm(allowed: Collection[str]) -> list[str]:
    """Import numpy's parts and the allowed modules once, for all children. Returns the allowed that are not there."""
    for part in WARM:
        importlib.import_module(f"numpy.{part}")
    absent = []
    for name in allowed:
        try:
            importlib.import_module(name)
        except ImportError:
            absent.append(name)
    return absent


class _Allowed:
    """Finds the allowed packages where they are installed, and nothing else that lies there."""

    def __init__(self, names: Collection[str], path: Sequence[str]) -> None:
        self.names, self.path = frozenset(names), list(path)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is not None or name not in self.names:
            return None
        return importlib.machinery.PathFinder.find_spec(name, self.path, target)


def narrow_imports(allowed: Collection[str]) -> None:
    """Nothing but the standard library, numpy where it was loaded, and what is allowed can be imported from here on."""
    before = list(sys.path)
    standard = {os.path.realpath(sysconfig.get_path(p)) for p in ("stdlib", "platstdlib")}
    dynload = {os.path.join(p, "lib-dynload") for p in standard}
    sys.path[:] = [p for p in sys.path if p and (os.path.realpath(p) in standard | dynload or p.endswith(".zip"))]
    sys.meta_path[:] = [
        f for f in sys.meta_path if getattr(f, "__module__", "").startswith(("_frozen_importlib", "importlib"))
    ]
    if allowed:
        sys.meta_path.append(_Allowed({name.split(".")[0] for name in allowed}, before))
    sys.path_importer_cache.clear()
    importlib.util.find_spec("_a_name_of_no_module")  # lists the folders now: a child may read only what is in them
