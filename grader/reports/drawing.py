"""The picture of a computational graph: gates in columns, values above the wires, gradients below. Plain SVG.

Every gate stands one column before the first that reads it. A wire that passes columns has a place in each of them,
so that it runs between gates and not through them; the order in a column is that of what it is connected with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from grader import messages
from grader.reports import cell, html

ROW = 70  # pixels from one row to the next
LETTER = 6.7  # width of a character at 11 pixels
GAP = 46  # between columns, where wires bend
MARGIN = 12
SWEEPS = 6  # of ordering the columns by their neighbours: no fewer crossings were seen after more


@dataclass(frozen=True)
class Wire:
    """A value of the forward pass: the gate it leaves ("" for an input), what the gate reads, value and gradient."""

    name: str
    gate: str
    uses: tuple[str, ...]
    value: Any
    gradient: Any = None


@dataclass(frozen=True)
class Placed:
    """A wire in the picture. The gate is a box from `x` to `gate_end`, the wire goes on to `end`; `y` is its middle."""

    wire: Wire
    above: tuple[str, ...]  # lines, the first with the name
    below: str
    x: float
    gate_end: float
    end: float
    y: float


@dataclass(frozen=True)
class Picture:
    """All there is to draw."""

    placed: tuple[Placed, ...]
    paths: tuple[str, ...]
    width: float
    height: float


def columns(wires: Sequence[Wire]) -> dict[str, int]:
    """The column of every wire: as late as what reads it allows."""
    readers = {w.name: [r.name for r in wires if w.name in r.uses] for w in wires}
    depth: dict[str, int] = {}
    for w in wires:  # in computing order
        depth[w.name] = 1 + max((depth[u] for u in w.uses if u in depth), default=-1)
    last = max(depth.values(), default=0)
    column: dict[str, int] = {}
    for w in reversed(wires):
        column[w.name] = min((column[r] for r in readers[w.name]), default=last + 1) - 1
    return column


def picture(wires: Sequence[Wire]) -> Picture:
    """Place everything."""
    column = columns(wires)
    by_name = {w.name: w for w in wires}
    layers: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    links: dict[str, list[str]] = {}  # what stands in the column before, by what stands after
    chains: dict[tuple[str, str], list[str]] = {}
    for w in wires:
        layers[column[w.name]].append(w.name)
        for use in w.uses:
            chain = [use]
            for between in range(column[use] + 1, column[w.name]):
                stop = f"{use} at {between}"  # shared by all wires of this value that pass here
                if stop not in layers[between]:
                    layers[between].append(stop)
                    links[stop] = [chain[-1]]
                chain.append(stop)
            links.setdefault(w.name, []).append(chain[-1])
            chains[use, w.name] = chain
    rows = _ordered(layers, links)
    texts = {w.name: (messages.above(w.name, w.value), messages.below(w.gradient, w.value)) for w in wires}
    lefts, x = [], float(MARGIN)
    for layer in layers:
        lefts.append(x)
        here = [n for n in layer if n in by_name]
        x += max((_gate_width(by_name[n]) + _stub(texts[n]) for n in here), default=20.0) + GAP
    placed = {}
    for name, w in by_name.items():
        left = lefts[column[name]]
        gate_end = left + _gate_width(w)
        y = MARGIN + ROW * (rows[name] + 0.5)
        placed[name] = Placed(w, *texts[name], left, gate_end, gate_end + _stub(texts[name]), y)
    paths = []
    for (use, name), chain in chains.items():
        points = [(placed[use].end, placed[use].y)]
        for stop in chain[1:]:
            between = int(stop.rsplit(" ", 1)[1])
            y = MARGIN + ROW * (rows[stop] + 0.5)
            points += [(lefts[between], y), (lefts[between + 1] - GAP, y)]
        points.append((placed[name].x, placed[name].y))
        paths.append(_curve(points))
    height = 2 * MARGIN + ROW * (max(rows.values(), default=0.0) + 1)
    return Picture(tuple(placed.values()), tuple(paths), x - GAP + MARGIN, height)


def _ordered(layers: list[list[str]], links: dict[str, list[str]]) -> dict[str, float]:
    """The row of everything in every column, with few crossings and near to what it is connected with."""
    after: dict[str, list[str]] = {}
    for name, before in links.items():
        for b in before:
            after.setdefault(b, []).append(name)
    rows = {name: float(i) for layer in layers for i, name in enumerate(layer)}
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        near = links if forth else after
        for layer in layers if forth else reversed(layers):
            wish = {n: sum(rows[m] for m in near[n]) / len(near[n]) if near.get(n) else rows[n] for n in layer}
            layer.sort(key=lambda n: wish[n])
            for name, row in zip(layer, _apart([wish[n] for n in layer]), strict=True):
                rows[name] = row
    top = min(rows.values(), default=0.0)
    return {name: row - top for name, row in rows.items()}


def _apart(wishes: list[float]) -> list[float]:
    """Rising rows, at least one apart, as near to the wishes as can be on the whole."""
    groups: list[list[float]] = []  # of rows side by side: [sum of (wish - place in the group), size]
    for wish in wishes:
        groups.append([wish, 1])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] + groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, size = groups.pop()
            groups[-1][0] += total - size * groups[-1][1]
            groups[-1][1] += size
    return [total / size + i for total, size in groups for i in range(int(size))]


def _gate_width(wire: Wire) -> float:
    return max(26.0, LETTER * len(wire.gate) + 12) if wire.gate else 0.0


def _stub(texts: tuple[tuple[str, ...], str]) -> float:
    return LETTER * max(*map(len, texts[0]), len(texts[1])) + 14


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """A path through the points: straight inside a column, bent between columns."""
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for i, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        middle = (x0 + x1) / 2
        path += f"L{x1:.1f} {y1:.1f}" if i % 2 else f"C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    return path


def page(function: str, wires: Sequence[Wire], note: str) -> str:
    """The picture for a notebook."""
    return html.render(
        "drawing.html",
        function=function,
        picture=picture(wires),
        lines=lines(wires),
        note=note,
        css=cell.css,
        themes=cell.themes(),
    )


def lines(wires: Sequence[Wire]) -> list[str]:
    """The graph in words, a wire a line: for a terminal, and for who cannot see the picture."""
    return [messages.wire(w.name, w.gate, w.uses, w.value, w.gradient) for w in wires]


def text(function: str, wires: Sequence[Wire], note: str) -> str:
    """The graph for a terminal."""
    return "\n".join([function, *(f"  {line}" for line in [*lines(wires), *([note] if note else [])])])
