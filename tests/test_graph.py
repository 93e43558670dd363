"""`show_graph` draws the lecture's graph from a student's own run."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from conftest import student
from test_cell import RIGHT, words

from grader import show_graph
from grader.kit import Kit
from grader.reports.drawing import Wire, _apart, columns, picture

CIRCUIT = """
def circuit(x, y, z):
    q = x + y
    f = q * z
    dq = z
    dz = q
    dx, dy = dq, dq
    return f, dx, dy, dz
"""


def test_the_lectures_first_circuit_has_its_numbers(tmp_path: Path) -> None:
    graph = show_graph(student(tmp_path, CIRCUIT).circuit, -2.0, 5.0, -4.0)
    assert {w.name: (w.value, w.gradient) for w in graph.wires} == {
        "x": (-2, -4), "y": (5, -4), "z": (-4, 3), "q": (3, -4), "f": (-12, 1),
    }  # fmt: skip
    assert [(w.name, w.gate, w.uses) for w in graph.wires if w.gate] == [("q", "+", ("x", "y")), ("f", "×", ("q", "z"))]
    assert "q = + of x, y: 3, gradient -4" in str(graph)


def test_the_picture_shows_every_gate_value_and_gradient(tmp_path: Path) -> None:
    html = show_graph(student(tmp_path, CIRCUIT).circuit, -2.0, 5.0, -4.0)._repr_html_()
    svg = html[html.index("<svg") : html.index("</svg>") + 6]
    texts = ["".join(t.itertext()) for t in ElementTree.fromstring(svg).iter("text")]
    assert sorted(texts) == sorted(["x -2", "-4", "y 5", "-4", "z -4", "3", "+", "q 3", "-4", "×", "f -12", "1"])
    assert "above a wire: its value" in words(html)


def test_wrong_gradients_of_ones_own_are_shown_as_they_are(tmp_path: Path) -> None:
    graph = show_graph(student(tmp_path, CIRCUIT.replace("dz = q", "dz = z")).circuit, -2.0, 5.0, -4.0)
    assert next(w.gradient for w in graph.wires if w.name == "z") == -4


def test_other_names_of_gradients_and_dicts_of_gradients_are_understood(tmp_path: Path) -> None:
    source = """
def f(w, x):
    p = w * x
    loss = p ** 2
    grads = {}
    grad_p = 2 * p
    grads["w"] = grad_p * x
    return loss, grads
"""
    graph = show_graph(student(tmp_path, source).f, 2.0, 3.0)
    assert {w.name: w.gradient for w in graph.wires} == {"w": 36, "x": None, "p": 12, "loss": 1}


def test_a_stage_changed_in_place_is_one_gate_with_its_last_value(in_release: Path) -> None:
    graph = show_graph(student(in_release, RIGHT).svm_loss_vectorized)
    by_name = {w.name: w for w in graph.wires}
    assert list(by_name) == ["W", "X", "y", "reg", "scores", "margins", "data_loss", "reg_loss", "loss"]
    assert by_name["margins"].uses == ("scores", "y")
    labels = by_name["y"].value
    assert not by_name["margins"].value[np.arange(len(labels)), labels].any()
    assert by_name["loss"].gradient == 1
    assert by_name["dW".removeprefix("d")].gradient.shape == (7, 4)


def test_a_backward_function_alone_is_drawn_as_it_computes(tmp_path: Path) -> None:
    source = "def relu_back(dout, cache):\n    x = cache\n    mask = x > 0\n    dx = dout * mask\n    return dx\n"
    graph = show_graph(student(tmp_path, source).relu_back, np.ones(3), np.array([1.0, -1.0, 2.0]))
    assert [w.name for w in graph.wires] == ["dout", "cache", "x", "mask", "dx"]


def test_what_stops_the_function_is_told_below_the_part_that_was_reached(tmp_path: Path) -> None:
    graph = show_graph(student(tmp_path, CIRCUIT.replace("f = q * z", "f = q * w")).circuit, -2.0, 5.0, -4.0)
    assert "q = + of x, y: 3" in str(graph)
    assert "NameError in mine.py, line 7" in words(graph._repr_html_())


def test_a_stub_says_that_there_is_nothing_to_draw(kit: Kit, in_release: Path) -> None:
    stub = next(r for r in kit.references if r.name == "multiply_add").exercise.stub
    graph = show_graph(student(in_release, stub).multiply_add)
    assert "There is no line to draw yet" in str(graph)
    assert "There is no line to draw yet" in words(graph._repr_html_())


def test_every_reference_can_be_drawn_without_overlaps(kit: Kit, in_release: Path) -> None:
    drawn = 0
    for reference in kit.references:
        if reference.exercise.driver:
            continue
        family = [r.source for r in kit.references if r.exercise.family == reference.exercise.family]
        module = student(in_release, "\n\n".join([reference.exercise.given, *family]))
        graph = show_graph(getattr(module, reference.name))
        words(graph._repr_html_())
        made = picture(graph.wires)
        for p in made.placed:
            assert 0 <= p.x <= p.gate_end < p.end < made.width and 0 < p.y < made.height, reference.name
            for q in made.placed:
                assert p is q or p.x >= q.end or q.x >= p.end or abs(p.y - q.y) >= 69, (reference.name, p, q)
        column = columns(graph.wires)
        assert all(column[u] < column[w.name] for w in graph.wires for u in w.uses)
        drawn += bool(graph.wires)
    assert drawn > 40


def test_a_wire_that_passes_columns_runs_between_the_gates() -> None:
    wires = [
        Wire("x", "", (), 1.0), Wire("a", "f", ("x",), 1.0), Wire("b", "f", ("a",), 1.0), Wire("c", "+", ("b", "x"), 2.0),
    ]  # fmt: skip
    made = picture(wires)
    assert len(made.paths) == 4
    assert [p.count("C") for p in made.paths] == [1, 1, 1, 3]
    assert len({p.y for p in made.placed}) > 1


@pytest.mark.parametrize(
    ("wishes", "rows"), [([0, 0], [-0.5, 0.5]), ([0, 5], [0, 5]), ([1, 1, 1], [0, 1, 2]), ([0, 2, 2], [0, 1.5, 2.5])]
)
def test_rows_stay_one_apart_and_near_their_wishes(wishes: list[float], rows: list[float]) -> None:
    assert _apart(wishes) == rows
