"""A kit is a folder: `grader.toml`, with solutions (an instructor's) or with public data alone (a student's)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.exercise import Exercise
from grader.lateness import Late
from grader.limits import Limits
from grader.sandbox import Sandbox

if TYPE_CHECKING:  # with numpy, and a sandbox that starts loads it meanwhile
    from grader.public import StoredOracle
    from grader.reference import Reference
    from grader.replay import Oracle

DEFINED = re.compile(r"^(?:def|class)\s+(\w+)", re.MULTILINE)  # at the margin, as far as can be seen unparsed
CONFIG = "grader.toml"
LAYOUTS = "layouts"
ESCAPED = b"\\u00"  # an ASCII letter of JSON in disguise


class KitError(Exception):
    """Wrong use: there is no kit here, or it is not what it should be. The text says what to do."""


@dataclass(frozen=True)
class Config:
    """What `grader.toml` says, checked."""

    title: str = "Assignment"
    families: tuple[str, ...] = ()  # order of the files of solutions/; the rest follow by name
    layout: str | None = None  # of submissions, where they are not in the kit's own form
    points: Mapping[str, float] = field(default_factory=dict)  # what an exercise counts, where not its stage points
    hint: int = 1  # how much a check tells where nobody says: 1 where, 2 what kind of slip, 3 what to think about
    install: str | None = None  # what students give to pip, where it is not this package from the index
    limits: Limits = field(default_factory=Limits)
    late: Late | None = None
    attempts: str = "last"  # which of several counts: "last" or "best"
    allow: tuple[str, ...] = ()  # modules that may be imported beside numpy and the standard library

    @property
    def marking(self) -> Config:
        """Without what changes nothing in how a submission is marked."""
        return replace(self, late=None, attempts="last", hint=1, install=None)


@dataclass
class Kit:
    """The folder and what is in it, read when first asked for."""

    root: Path
    config: Config
    _read: dict[Path, list[Reference]] = field(default_factory=dict, init=False, repr=False)

    def sandbox(self, limits: Limits | None = None, require: bool = False) -> Sandbox:
        """What runs submissions to this kit. Raises SandboxError if it is required and not to be had whole."""
        return Sandbox(limits or self.config.limits, require, self.config.allow)

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def public_data(self) -> Path:
        return self.root / "data" / "public"

    @cached_property
    def references(self) -> list[Reference]:
        """All references, in order. Raises AnnotationError."""
        return self._references(self._texts)

    def some(self, names: Collection[str]) -> list[Reference]:
        """The references of these exercises, in order, as far as there are. Files that seem to hold none of them are
        read only if one is not found elsewhere. Raises AnnotationError."""
        if not names:
            return []
        found = self._references([path for path, text in self._texts.items() if _defined(text, names)])
        found = found if {r.name for r in found}.issuperset(names) else self.references
        return [r for r in found if r.name in names]

    @cached_property
    def _texts(self) -> dict[Path, str]:
        """The files of the references, in order."""
        files = [p for p in self.solutions.glob("*.py") if not p.name.startswith("_")]
        order = {name: i for i, name in enumerate(self.config.families)}
        files.sort(key=lambda p: (order.get(p.stem, len(order)), p.stem))
        return {path: path.read_text(encoding="utf-8") for path in files}

    def _references(self, files: Collection[Path]) -> list[Reference]:
        from grader.annotations import load  # students have no references: it is not loaded for them

        for path in files:
            if path not in self._read:
                self._read[path] = load(path)
        seen: dict[str, Path] = {}
        for reference in (r for path in self._texts for r in self._read.get(path, ())):
            if reference.name in seen:
                raise KitError(
                    f"the exercise {reference.name} stands in {seen[reference.name]} and in {reference.path}: "
                    "rename one"
                )
            seen[reference.name] = reference.path
        self._all_known(seen)
        return [replace(r, exercise=self.weighed(r.exercise)) for path in files for r in self._read[path]]

    def _all_known(self, exercises: Collection[str]) -> None:
        """Does every exercise of `[points]` exist, here or in a layout? Raises KitError with its line."""
        strange = [name for name in self.config.points if name not in exercises]
        own = [p.read_text(encoding="utf-8") for p in (self.root / LAYOUTS).glob("*.py")] if strange else []
        texts = [*own, *(text for path, text in self._texts.items() if path not in self._read)]
        for name in strange:
            if not any(_defined(text, [name]) for text in texts):
                path = self.root / CONFIG
                line = _line(path.read_text(encoding="utf-8"), name)
                raise KitError(f"{path}:{line}: [{POINTS}] {name} is no exercise; grader explain lists them")

    @property
    def has_solutions(self) -> bool:
        return self.solutions.is_dir() and any(self.solutions.glob("*.py"))

    def hidden(self, seed: int, only: Collection[str] = ()) -> list[Oracle]:
        """Oracles on cases drawn from a seed, of all exercises or `only` some; needs the solutions."""
        if not self.has_solutions:
            raise KitError(
                f"{self.root} has no solutions/: grading needs the instructor's kit (students: grader check FILE)"
            )
        from grader.replay import oracle_for

        found = self.some(only) if only else self.references
        lacking = sorted({*only} - {r.name for r in found})
        if lacking:
            known = ", ".join(r.name for r in self.references)
            raise KitError(f"{self.solutions} has no {', '.join(lacking)}; it has {known}")
        return [oracle_for(r, seed) for r in found]

    def all_built(self) -> None:
        """Has every exercise with public data a reference? Raises KitError: else a class would be marked without it."""
        built = {p.stem for p in self.public_data.glob("*.npz")}
        unseen = built.difference(*map(DEFINED.findall, self._texts.values()))
        lacking = sorted(unseen.difference(r.name for r in self.references)) if unseen else []
        if lacking:
            raise KitError(
                f"{self.solutions} has no {', '.join(lacking)}, which students were given (data/public/): put the "
                "reference back, or run grader build if the exercise is gone for good"
            )

    def public(self, files: Sequence[Path] = ()) -> list[Oracle]:
        """Oracles on the public cases: from references where they are, else from the public data. Of the latter only
        what stands in `files` is read, if there are any and it is easily told."""
        if self.has_solutions:
            from grader.public import PUBLIC_SEED

            return self.hidden(PUBLIC_SEED)
        stored = self.stored(self.mentioned(files) if files else None)
        lacking = {o.exercise.forward or o.exercise.name for o in stored} - {o.exercise.name for o in stored}
        if lacking:
            stored = sorted([*stored, *self.stored(lacking)], key=lambda o: o.order)
        if not stored:
            raise KitError(
                f"{self.root} has neither solutions/ nor data/public/: it is no kit (instructors: grader release "
                "--out DIR makes one for students)"
            )
        return list(stored)

    def mentioned(self, files: Sequence[Path]) -> set[str] | None:
        """Names of the exercises with public data that stand in files; None where that is not so easily told."""
        from grader.reading import KINDS, contents

        found: set[str] = set()
        names = [p.stem for p in self.public_data.glob("*.npz")]
        for path in files:
            inside = contents(path) if path.suffix in KINDS and path.is_file() else None
            text = b"".join(data for _, data in inside or ())
            here = {name for name in names if name.encode() in text}
            if not here or ESCAPED in text:
                return None
            found |= here
        return found

    def layout(self, name: str) -> Path:
        """The file of a layout of submissions. Raises KitError, naming those there are."""
        path = self.root / LAYOUTS / f"{name}.toml"
        known = sorted(p.stem for p in (self.root / LAYOUTS).glob("*.toml"))
        if name not in known:
            raise KitError(
                f"there is no layout {name}; known: {', '.join(known) or 'none'} "
                f"(a layout is a file {LAYOUTS}/NAME.toml)"
            )
        if not self.has_solutions:
            raise KitError(f"the layout {name} needs the instructor's kit: {self.root} has no solutions/")
        return path

    def stored(self, names: Collection[str] | None = None) -> list[StoredOracle]:
        """The public data (of some exercises), in the order of the exercises. Raises public.StaleData."""
        from grader.public import load

        paths = [p for p in self.public_data.glob("*.npz") if names is None or p.stem in names]
        found = [replace(o, exercise=self.weighed(o.exercise)) for o in map(load, paths)]
        return sorted(found, key=lambda o: o.order)

    def weighed(self, exercise: Exercise) -> Exercise:
        """The exercise with what `[points]` makes it count."""
        return replace(exercise, worth=self.config.points.get(exercise.name))


def _defined(text: str, names: Collection[str]) -> bool:
    """Does a source define one of the names at the margin, as far as can be seen without parsing it?"""
    return not set(names).isdisjoint(DEFINED.findall(text))


def find(start: Path | None = None, near: Path | None = None) -> Kit:
    """The kit at `start`, or else the nearest one at or above the current folder, or else at or above `near`."""
    if start is not None:
        if not (start / CONFIG).is_file():
            raise KitError(f"no kit in {start}: there is no {CONFIG}")
        return Kit(start.resolve(), read_config(start / CONFIG))
    here = Path.cwd()
    places = [here, *here.parents, *(near.resolve().parents if near is not None else ())]
    for folder in places:
        if (folder / CONFIG).is_file():
            return Kit(folder, read_config(folder / CONFIG))
    raise KitError(
        f"no kit here: neither {here} nor a folder above it has a {CONFIG}. Change into the kit's "
        "folder, or name it with --kit FOLDER"
    )


POINTS = "points"  # a table whose keys are names of exercises
KEYS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "kit": {"title": str, "families": list, "layout": str, "hint": int, "install": str},
    "limits": {
        "seconds": (int, float),
        "total_seconds": (int, float),
        "cpu": int,
        "memory_mb": int,
        "output_mb": int,
    },
    "late": {
        "deadline": datetime,
        "grace_minutes": (int, float),
        "penalty_percent": (int, float),
        "every_hours": (int, float),
        "most_percent": (int, float),
    },
    "attempts": {"counts": str},
    "imports": {"allow": list},
}
WANTED: dict[type | tuple[type, ...], str] = {
    str: "text in quotes",
    int: "a whole number",
    (int, float): "a number",
    list: "a list",
    datetime: "a time without quotes, such as 2026-11-20T23:59:00+01:00,",
}
MAY_BE_ZERO = {"grace_minutes", "penalty_percent", "most_percent"}
PERCENT, ALL = {"penalty_percent", "most_percent"}, 100
COUNTS = ("last", "best")
HINTS = (1, 2, 3)


def read_config(path: Path) -> Config:
    """Read and check `grader.toml`. Raises KitError with the line of what is wrong."""
    text = path.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
        told = f"{path}:{at[1]}: {str(error)[: at.start()]}, at column {at[2]}" if at else f"{path}: {error}"
        if at and text.splitlines()[int(at[1]) - 1].strip().startswith("deadline"):
            told += "; a time is written as in deadline = 2026-11-20T23:59:00+01:00"
        raise KitError(told) from error
    for table, values in data.items():
        known = KEYS.get(table)
        if table == POINTS and isinstance(values, dict):
            known = dict.fromkeys(values, (int, float))
        if known is None or not isinstance(values, dict):
            tables = ", ".join(f"[{name}]" for name in (*KEYS, POINTS))
            raise KitError(f"{path}:{_line(text, table)}: there is no [{table}]; known: {tables}")
        for key, value in values.items():
            if key not in known:
                raise KitError(f"{path}:{_line(text, key)}: [{table}] has no {key}; known: {', '.join(known)}")
            if not isinstance(value, known[key]) or isinstance(value, bool):
                place, wanted = f"{path}:{_line(text, key)}", WANTED[known[key]]
                raise KitError(f"{place}: {key} = {value!r} is of the wrong type: {wanted} belongs there")
            if isinstance(value, int | float) and not (0 < value < inf or (value == 0 and key in MAY_BE_ZERO)):
                raise KitError(f"{path}:{_line(text, key)}: {key} must be greater than 0")
            if key in PERCENT and isinstance(value, int | float) and value > ALL:
                raise KitError(f"{path}:{_line(text, key)}: {key} = {value} is more than there is: {ALL} at most")
    kit: dict[str, Any] = data.get("kit", {})
    if kit.get("hint", 1) not in HINTS:
        raise KitError(f"{path}:{_line(text, 'hint')}: hint is 1, 2 or 3, not {kit['hint']}")
    allow = data.get("imports", {}).get("allow", [])
    for name in allow:
        if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
            raise KitError(f'{path}:{_line(text, "allow")}: allow names modules, as in allow = ["scipy"], not {name!r}')
    return Config(
        title=kit.get("title", "Assignment"),
        families=tuple(kit.get("families", ())),
        layout=kit.get("layout"),
        hint=kit.get("hint", 1),
        install=kit.get("install"),
        points=data.get(POINTS, {}),
        limits=Limits(**data.get("limits", {})),
        late=_late(path, text, data["late"]) if "late" in data else None,
        attempts=_counts(path, text, data.get("attempts", {})),
        allow=tuple(allow),
    )


def _late(path: Path, text: str, table: dict[str, Any]) -> Late:
    if "deadline" not in table:
        raise KitError(f"{path}:{_line(text, 'late')}: [late] needs a deadline = 2026-11-20T23:59:00+01:00")
    if table["deadline"].tzinfo is None:
        raise KitError(
            f"{path}:{_line(text, 'deadline')}: deadline has no time zone: write {table['deadline'].isoformat()}+00:00"
        )
    return Late(**table)


def _counts(path: Path, text: str, table: dict[str, Any]) -> str:
    counts = str(table.get("counts", "last"))
    if counts not in COUNTS:
        raise KitError(f"{path}:{_line(text, 'counts')}: counts = {counts!r}; known: {', '.join(COUNTS)}")
    return counts


def _line(text: str, word: str) -> int:
    """The line that begins with a key or a table's name."""
    begins = re.compile(rf"[\s\[\"']*{re.escape(word)}(?![\w-])")
    return next((n for n, line in enumerate(text.splitlines(), 1) if begins.match(line)), 1)
