"""From what a result was made: hashes of the grader, of the kit, of a submission's bytes and of its functions.

Equal hashes mean equal results, so that nothing unchanged is run again. The parts of a submission's text that differ
between students who wrote the same (the file's name, the student's) are taken out first and put back afterwards.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy

from grader import __version__
from grader.child import GIVEN
from grader.kit import LAYOUTS, Kit
from grader.reading import Source, contents
from grader.submission import Submission

NAME = "\u27eaname\u27eb"  # stands for a student's name in what is kept
PLACE = re.compile("\u27ea(\\w+)\u27eb")


@cache
def grader_version() -> str:
    """The grader with what it computes with: the version, and a hash of its own files, so that a change counts."""
    root = Path(__file__).parent
    files = sorted(p for p in root.rglob("*") if p.suffix in (".py", ".html", ".css", ".js"))
    return f"{__version__} {_files(root, files)[:16]} numpy {numpy.__version__} python {platform.python_version()}"


def kit_version(kit: Kit, layout: str | None) -> str:
    """A hash of all of the kit that marks depend on: references, layout, configuration."""
    files = sorted(kit.solutions.glob("*.py"))
    if layout is not None:
        files += sorted((kit.root / LAYOUTS).glob(f"{layout}.*"))
    return _hash([_files(kit.root, files), repr(kit.config.marking), repr(kit.config.allow)])


def setup(*parts: object) -> str:
    """A hash of everything that is the same for all submissions of a run."""
    return _hash([repr(p) for p in parts])


def digest(source: Source) -> str | None:
    """A hash of a submission as it lies there, with the names of its files; None where it must be looked at."""
    found = contents(source)
    if found is None:
        return None
    made = sha256()
    for name, data in found:
        label = name.encode("utf-8", "surrogateescape")
        made.update(b"%d %d " % (len(label), len(data)) + label)
        made.update(data)
    return made.hexdigest()


def functions(units: Sequence[Submission], setup: str) -> str:
    """A hash of what is run; `units` come from `anonymous`."""
    made = sha256(setup.encode())
    for unit in units:
        functions = [(exercise, *vars(f).values()) for exercise, f in sorted(unit.functions.items())]
        imports = [(exercise, *(tuple(vars(i).values()) for i in found)) for exercise, found in unit.imports.items()]
        parts = (
            unit.problem,
            functions,
            unit.statements,
            sorted(imports),
            sorted(unit.needs.items()),
            sorted(unit.named.items()),
            sorted(unit.again.items()),
            sorted(unit.in_text.items()),
        )
        made.update(repr(parts).encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def anonymous(units: Sequence[Submission]) -> tuple[list[Submission], list[str]]:
    """The same without its name and the names of its files; and these, by the numbers that stand for them."""
    labels: dict[str, str] = {}
    return [_anonymous(unit, labels) for unit in units], list(labels)


def _anonymous(unit: Submission, labels: dict[str, str]) -> Submission:
    def new(label: str) -> str:
        return label if label == GIVEN else labels.setdefault(label, f"\u27ea{len(labels)}\u27eb")

    functions = {
        exercise: replace(
            f,
            label=new(f.label),
            error=f.error.replace(f"({f.label}", f"({new(f.label)}") if f.error is not None else None,
        )
        for exercise, f in unit.functions.items()
    }
    statements = [(new(label), line, source) for label, line, source in unit.statements]
    imports = {e: [replace(i, label=new(i.label)) for i in found] for e, found in unit.imports.items()}
    in_text = {exercise: new(label) for exercise, label in unit.in_text.items()}
    again = {e: [(new(label), line) for label, line in found] for e, found in unit.again.items()}
    return replace(
        unit, name=NAME, functions=functions, statements=statements, imports=imports, in_text=in_text, again=again
    )


def named(text: str, name: str, labels: Sequence[str]) -> str:
    """JSON text that was made from what is anonymous, with the names put back."""
    known: Mapping[str, str] = {"name": name, **{str(i): label for i, label in enumerate(labels)}}
    return PLACE.sub(lambda m: json.dumps(known[m[1]], ensure_ascii=False)[1:-1] if m[1] in known else m[0], text)


def _files(root: Path, files: Sequence[Path]) -> str:
    made = sha256()
    for path in files:
        made.update(f"{path.relative_to(root).as_posix()} {path.stat().st_size} ".encode())
        made.update(path.read_bytes())
    return made.hexdigest()


def _hash(tree: Any) -> str:
    return sha256(json.dumps(tree, sort_keys=True, default=str).encode("utf-8")).hexdigest()
