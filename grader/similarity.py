"""How alike the code of two submissions is built: a table for a person to judge, never a verdict.

Winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003) over
the syntax tree instead of the text: every function becomes its nodes in order, without names of variables, values of
constants, comments, docstrings and layout, so that renaming changes nothing. Every run of `GRAM` nodes is hashed, and
of every `WINDOW` hashes in a row the smallest is kept as a fingerprint. A passage of GRAM + WINDOW - 1 nodes that two
submissions share therefore leaves a shared fingerprint, wherever it stands.

Two things keep short staged exercises, which look alike by nature, from raising false alarms. What the kit gives
(stubs, helpers) leaves no fingerprints. And a fingerprint weighs log2(submissions / submissions that have it): what
everybody writes weighs nothing, what two alone write weighs most. What stands in the kit's own solution as well is how
the lecture puts it, and weighs `TAUGHT` of that.

The score of a pair is shared weight / (all weight of both + `DOUBT`): 1 would be the same unusual code at length, while
a few lines in common stay low however equal they are.

Measured on twelve solutions of three exercises in as many hands (tests/variants): a copy with every name changed scores
0.87 or more, one of a single exercise of the three 0.087 or more, the likest independent pair 0.028, half of the pairs
under 0.01. In the sample class, whose right solutions are one reference under one hand, those score 0.31: so many have
them that they say little.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from grader.exercise import Array
from grader.submission import Submission
from grader.toplevel import parsed

GRAM = 14  # nodes: about one and a half statements
WINDOW = 6
TAUGHT = 0.3
DOUBT = 40.0  # bits: about ten fingerprints that are rare in a class of some tens
CHUNK = 4096  # fingerprints that are compared at once
OTHER = ""  # helpers: what belongs to no exercise

Prints = Mapping[str, frozenset[int]]  # fingerprints by exercise


@dataclass(frozen=True)
class Pair:
    """Two submissions. `shared` counts fingerprints in common, `alone` those that nobody else has; `where` lists the
    exercises that hold them, the heaviest first, each with the bits it adds."""

    first: str
    second: str
    score: float
    shared: int
    alone: int
    where: tuple[tuple[str, float], ...]


def prints(units: Sequence[Submission], given: frozenset[int] = frozenset()) -> dict[str, frozenset[int]]:
    """Fingerprints of a submission by exercise, without those of what was given."""
    found: dict[str, set[int]] = {}
    for unit in units:
        functions = {(f.label, f.line): name for name, f in unit.functions.items() if not f.stub}
        for name, f in unit.functions.items():
            if not f.stub:
                found.setdefault(name, set()).update(winnowed(f.source))
        for label, line, source in unit.statements:
            if (label, line) not in functions:
                found.setdefault(OTHER, set()).update(winnowed(source))
    return {name: frozenset(hashes - given) for name, hashes in found.items()}


def given(sources: Iterable[str]) -> frozenset[int]:
    """Every hash of what students were given, kept or not: none of it counts."""
    return frozenset(h for source in sources for h in _hashes(source))


def pairs(submissions: Mapping[str, Prints], taught: frozenset[int] = frozenset(), most: int = 50) -> list[Pair]:
    """The `most` pairs that are most alike, the likest first. `taught` are the fingerprints of the kit's solutions."""
    names = [name for name, found in submissions.items() if any(found.values())]
    own = [frozenset().union(*submissions[name].values()) for name in names]
    counts: dict[int, int] = {}
    for hashes in own:
        for h in hashes:
            counts[h] = counts.get(h, 0) + 1
    weight = {h: np.log2(len(names) / n) * (TAUGHT if h in taught else 1.0) for h, n in counts.items()}
    together = _shared_weight(own, [h for h, n in counts.items() if n > 1], weight)
    alone = np.array([sum(weight[h] for h in hashes) for hashes in own])
    score = together / (alone[:, None] + alone[None, :] - together + DOUBT)
    rows, columns = np.triu_indices(len(names), 1)
    order = np.argsort(-score[rows, columns], kind="stable")[:most]
    made = []
    for i, j in zip(rows[order], columns[order], strict=True):
        common = own[i] & own[j]
        if common:
            made.append(
                Pair(
                    names[i],
                    names[j],
                    float(score[i, j]),
                    len(common),
                    sum(counts[h] == 2 for h in common),
                    _where(submissions[names[i]], common, weight),
                )
            )
    return made


def _where(first: Prints, common: frozenset[int], weight: Mapping[int, float]) -> tuple[tuple[str, float], ...]:
    bits = ((name, float(sum(weight[h] for h in hashes & common))) for name, hashes in first.items())
    return tuple(sorted(((name, b) for name, b in bits if b > 0), key=lambda x: -x[1]))


def _shared_weight(own: Sequence[frozenset[int]], hashes: Sequence[int], weight: Mapping[int, float]) -> Array:
    """(n, n) weight of what each two have in common."""
    total = np.zeros((len(own), len(own)))
    for start in range(0, len(hashes), CHUNK):
        part = hashes[start : start + CHUNK]
        place = {h: i for i, h in enumerate(part)}
        has = np.zeros((len(own), len(part)), dtype=np.float32)
        for row, mine in enumerate(own):
            for h in mine & place.keys():
                has[row, place[h]] = 1.0
        total += (has * np.array([weight[h] for h in part], dtype=np.float32)) @ has.T
    return total


# -- from code to fingerprints


def winnowed(source: str) -> set[int]:
    """The smallest hash of every window; of a text shorter than a window, its smallest."""
    hashes = list(_hashes(source))
    if not hashes:
        return set()
    return {min(hashes[i : i + WINDOW]) for i in range(max(1, len(hashes) - WINDOW + 1))}


def _hashes(source: str) -> Iterator[int]:
    tree = parsed(source)
    if tree is None:
        return
    words = [word for statement in tree.body for word in _words(statement)]
    for i in range(len(words) - GRAM + 1):
        yield crc32(" ".join(words[i : i + GRAM]).encode())


def _words(node: ast.AST) -> Iterator[str]:
    """The nodes in order of a walk, without what a renaming changes; functions of libraries keep their names."""
    if isinstance(node, ast.expr_context | ast.Load | ast.arguments | ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.Constant):
        yield type(node.value).__name__ if not isinstance(node.value, bool | int | float) else "number"
        return
    yield type(node).__name__
    if isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
            yield from _words(child)
    if isinstance(node, ast.stmt):
        yield "end"
