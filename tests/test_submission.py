"""Finding a student's functions in what was handed in, without running anything."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from conftest import RELU

from grader.classroom import grade
from grader.kit import find
from grader.reading import MAX_FILE
from grader.submission import from_sources, load

STUB = "def f(x):\n    y = ...  # () y [1]\n    return y\n"
STUBS = {"f": STUB, "g": STUB.replace("f(", "g(")}
FILLED = "def f(x):\n    y = x + 1\n    return y\n"


def notebook(*cells: str, **more: object) -> str:
    made = [{"cell_type": "code", "metadata": {}, "source": c.splitlines(keepends=True), "outputs": []} for c in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more})


def read(path: Path, content: str | bytes) -> object:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(path, STUBS)


def sources(*texts: str):
    return from_sources("s", [(f"cell {i}", t) for i, t in enumerate(texts, 1)], STUBS)


def test_a_function_is_found_in_a_notebook_with_its_cell_and_line(tmp_path: Path) -> None:
    found = read(tmp_path / "a.ipynb", notebook("import os", "# mine\n\n" + FILLED))
    assert (found.functions["f"].label, found.functions["f"].line) == ("cell 2", 3)
    assert found.name == "a"


@pytest.mark.parametrize(
    "before",
    [
        "%matplotlib inline",
        "!pip install nothing",
        "%%bash\necho hello $((1 + ",
        "%%time\nx = 1",
        "np.random?",
        "this is not python (",
        "",
        "\ufeffx = 1",
        "a = 1\r\nb = 2",
        "x = 1\x00",
    ],
)
def test_what_stands_in_other_cells_does_not_matter(tmp_path: Path, before: str) -> None:
    found = read(tmp_path / "a.ipynb", notebook(before, FILLED))
    assert not found.functions["f"].stub
    assert found.problem is None


def test_magics_and_a_syntax_error_in_the_same_cell_do_not_hide_a_function() -> None:
    found = sources("%load_ext autoreload\nx = = 1\n" + FILLED + "print 'done'\n")
    assert found.functions["f"].error is None
    assert found.functions["f"].line == 3
    assert [s[1] for s in found.statements] == [3]


def test_a_syntax_error_in_the_function_itself_is_kept_with_its_line() -> None:
    found = sources("x = 1\ndef f(x):\n    y = (x +\n    return y\n", STUBS["g"])
    assert found.functions["f"].error is not None
    assert "line" in found.functions["f"].error
    assert found.functions["g"].stub


def test_the_last_filled_in_definition_counts() -> None:
    found = sources(FILLED, FILLED.replace("+ 1", "+ 2"))
    assert "+ 2" in found.functions["f"].source
    assert len(found.statements) == 1


def test_a_filled_in_definition_beats_a_later_stub_and_an_earlier_one() -> None:
    assert "+ 1" in sources(STUB, FILLED, STUB).functions["f"].source


@pytest.mark.parametrize(
    "body", ["    pass\n", '    """doc"""\n', "    raise NotImplementedError\n", "    ...\n", "    return\n"]
)
def test_a_body_that_computes_nothing_is_a_stub(body: str) -> None:
    assert sources("def f(x):\n" + body).functions["f"].stub


def test_a_half_filled_stub_is_filled() -> None:
    assert not sources("def f(x):\n    z = x\n    y = ...\n    return y\n").functions["f"].stub


def test_only_what_the_function_needs_is_run() -> None:
    found = sources(
        "import numpy as np\nimport matplotlib.pyplot as plt",
        "EPS = 1e-8\nUNUSED = open('/etc/passwd').read()",
        "def helper(x):\n    return x * EPS",
        "for i in range(10**9):\n    helper = None\nplt.show()\nf(3)",
        "def f(x):\n    return helper(np.abs(x))",
    )
    run = "\n".join(source for _, _, source in found.statements)
    assert "EPS = 1e-8" in run
    assert "def helper" in run
    assert "import numpy" in run
    assert "plt" not in run
    assert "passwd" not in run
    assert "10**9" not in run


@pytest.mark.parametrize(
    ("before", "uses"),
    [
        ("table = {}\nfor k in range(3):\n    table[k] = k", "table"),
        ("table = []\ntable.append(2)", "table"),
        ("import numpy as np\ntable = np.zeros(3)\nnp.add.at(table, 1, 5)", "table"),
        ("sum = lambda v: v", "sum"),
        ("from numpy import *", "sum"),
        ("class Layer: pass\nLayer.forward = lambda self, x: x", "Layer"),
    ],
)
def test_what_fills_or_shadows_a_name_is_run_with_it(before: str, uses: str) -> None:
    found = sources(before, f"def f(x):\n    return {uses}\n")
    assert "\n".join(source for _, _, source in found.statements) == f"{before}\ndef f(x):\n    return {uses}"


@pytest.mark.parametrize(
    "after",
    [
        "for k in range(10**9):\n    table = train(table)",
        "net = train(table)\nfor k in range(10**9):\n    table.append(net.step())",
        "table.append(train(table))",
        "print(table)",
        "for k in table:\n    f(k)",
    ],
)
def test_what_calls_the_students_own_functions_or_changes_nothing_is_not_run(after: str) -> None:
    texts = "def train(t):\n    return t\n", "table = []", after, "def f(x):\n    return table\n"
    assert [source for _, _, source in sources(*texts).statements] == ["table = []", texts[-1].strip()]


@pytest.mark.parametrize(
    "made",
    [
        "f: object = lambda x: x",
        "from functools import partial\nf = partial(max, 1)",
        "def make():\n    def inner(x):\n        return x\n    return inner\nf = make()",
        "class Layer:\n    def __call__(self, x):\n        return x\nf = Layer()",
        "if True:\n    def f(x):\n        return x",
        "try:\n    import nothing\nexcept ImportError:\n    def f(x):\n        return x",
    ],
)
def test_a_function_made_in_another_way_than_by_def_is_found(made: str) -> None:
    found = sources(STUB, made)
    assert not found.functions["f"].stub
    assert made.splitlines()[-1] in found.statements[-1][2]


@pytest.mark.parametrize("result", ["f = f(3)", "f = float(3)", "f = mean(3)", "if True:\n    f = 3", "f[0] = max"])
def test_a_result_with_the_name_of_a_function_is_not_taken_for_it(result: str) -> None:
    assert sources(STUB, "def mean(x):\n    return x", result).functions["f"].stub


def test_an_attribute_given_to_a_function_or_class_is_given_before_it_is_used() -> None:
    assert sources(FILLED, "f.calls = 0").statements[-1][2] == "f.calls = 0"
    assert sources(STUB, "f.calls = 0").functions["f"].stub
    stub = "class f:\n    def forward(self, x):\n        ...\n"
    made = from_sources("s", [("cell 1", stub), ("cell 2", "f.forward = lambda self, x: x")], {"f": stub})
    assert not made.functions["f"].stub


def test_a_python_2_fallback_is_kept_with_what_needs_it() -> None:
    found = sources("try:\n    xrange\nexcept NameError:\n    xrange = range\n", "def f(x):\n    return sum(xrange(x))")
    assert len(found.statements) == 2


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.ipynb", "", "is empty"),
        ("a.ipynb", "{not json", "broken JSON"),
        ("a.ipynb", "[1, 2]", "no cells"),
        ("a.ipynb", '{"cells": 3}', "no cells"),
        ("a.ipynb", b"\xff\xfe\x00\x01", "broken JSON"),
        ("a.ipynb", "[" * 200_000, "broken JSON"),
        ("a.pdf", "%PDF", "neither a notebook"),
        ("a.zip", "PK nothing", "not a zip"),
    ],
)
def test_what_cannot_be_read_is_told_with_a_reason(tmp_path: Path, name: str, content: str | bytes, told: str) -> None:
    found = read(tmp_path / name, content)
    assert told in found.problem
    assert not found.functions


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    with path.open("wb") as file:
        file.truncate(MAX_FILE + 1)
    assert "MB" in load(path, STUBS).problem


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    assert "no notebook" in load(tmp_path, STUBS).problem


def test_a_notebook_of_text_cells_alone_is_told_as_such(tmp_path: Path) -> None:
    text = {"cell_type": "markdown", "source": "def relu_forward(x): ..."}
    told = "mine.ipynb holds no code cell: what is to be marked is written into cells of the kind Code"
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "mine.ipynb").write_text(json.dumps({"cells": [text]}))
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.write(folder / "mine.ipynb", "mine.ipynb")
    inside = [("notes.txt", folder / "mine.ipynb"), ("a.zip", tmp_path / "ada.zip"), ("b.zip", tmp_path / "ada.zip")]
    for source in (folder / "mine.ipynb", folder, tmp_path / "ada.zip", inside):
        assert load(source, STUBS).problem == told
    (folder / "more.py").write_text(FILLED)  # what else was handed in is read as ever
    assert set(load(folder, STUBS).functions) == {"f"}


def test_odd_cells_are_skipped(tmp_path: Path) -> None:
    cells = [
        1,
        None,
        {"cell_type": "code"},
        {"cell_type": "code", "source": [1, "x = 1"]},
        {"cell_type": "code", "source": FILLED},
    ]
    found = read(tmp_path / "a.ipynb", json.dumps({"cells": cells}))
    assert found.functions["f"].label == "cell 5"


def test_a_notebook_of_format_3_is_read(tmp_path: Path) -> None:
    sheet = {"cells": [{"cell_type": "code", "input": FILLED}]}
    found = read(tmp_path / "a.ipynb", json.dumps({"worksheets": [sheet], "nbformat": 3}))
    assert "f" in found.functions


def test_a_folder_and_a_zip_of_it_give_the_same_functions(tmp_path: Path) -> None:
    folder = tmp_path / "ada"
    (folder / "deep" / ".ipynb_checkpoints").mkdir(parents=True)
    (folder / "deep" / "one.py").write_text(FILLED)
    (folder / "two.ipynb").write_text(notebook(FILLED.replace("f(", "g(")))
    (folder / "deep" / ".ipynb_checkpoints" / "one.py").write_text(STUB)
    with zipfile.ZipFile(tmp_path / "bob.zip", "w") as archive:
        for path in folder.rglob("*"):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    a, b = load(folder, STUBS), load(tmp_path / "bob.zip", STUBS)
    assert set(a.functions) == {"f", "g"}
    assert {n: f.source for n, f in a.functions.items()} == {n: f.source for n, f in b.functions.items()}
    assert a.functions["g"].label == "two.ipynb cell 1"


def test_a_zip_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.py", b"#" * (MAX_FILE + 1))
    assert "too large" in load(tmp_path / "a.zip", STUBS).problem


def test_a_file_in_another_encoding_is_read(tmp_path: Path) -> None:
    found = read(tmp_path / "a.py", ("# gr\u00fc\u00df\n" + FILLED).encode("latin-1"))
    assert "f" in found.functions


def test_a_name_that_is_nearly_an_exercise_s_is_told(small: Path) -> None:
    (small / "class" / "ada.py").write_text(RELU.format("np.maximum(0, x)").replace("relu_forward", "relu_foward"))
    grade(find(small / "kit"), small / "class", small / "out")
    assert "relu_foward is there: is that relu_forward?" in (small / "out" / "results.jsonl").read_text()


def test_a_cell_that_became_text_is_named(tmp_path: Path) -> None:
    cells = [("markdown", ["def relu_forward(x):\n", "    out = np.maximum(0, x)\n"]), ("code", "import numpy as np")]
    notebook = {
        "cells": [{"cell_type": kind, "source": source, "metadata": {}, "outputs": []} for kind, source in cells],
        "nbformat": 4,
        "metadata": {},
    }
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook))
    found = load(tmp_path / "a.ipynb", {"relu_forward": "def relu_forward(x):\n    out = ...\n    return out\n"})
    assert found.functions == {}
    assert found.in_text == {"relu_forward": "cell 1"}
    there = load(tmp_path / "a.ipynb", {"other": "def other():\n    ...\n"})
    assert there.in_text == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("class Net:\n    pass", {"Net": "cell 1"}),
        ("class Net(object):\n    def relu(self): ...", {"Net": "cell 1"}),
        ("def  relu (x):\n    return x", {"relu": "cell 1"}),
        ("class relu probabilities, def relu and\nclass Net", {}),
    ],
)
def test_a_text_cell_defines_classes_too_and_its_words_do_not(tmp_path: Path, text: str, found: dict[str, str]) -> None:
    cells = [{"cell_type": "raw", "source": text}, {"cell_type": "code", "source": "x = 1"}]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}))
    stubs = {"relu": "def relu(x):\n    out = ...\n    return out\n", "Net": "class Net:\n    ...\n"}
    assert load(tmp_path / "a.ipynb", stubs).in_text == found
