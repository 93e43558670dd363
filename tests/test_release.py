"""What is derived fits the references, and students get no line of an answer."""

from __future__ import annotations

import ast
import json
import re
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from grader import public
from grader.cli import main
from grader.kit import Kit, find
from grader.release import build, notebook_exercises, read_notebook, release, stale


def test_nothing_derived_is_stale(kit: Kit) -> None:
    assert stale(kit) == []
    names = {r.name for r in kit.references}
    assert {p.stem for p in kit.public_data.glob("*.npz")} == names
    in_notebooks = [n for p in (ROOT / "notebooks").glob("*.ipynb") for n in notebook_exercises(read_notebook(p))]
    assert sorted(in_notebooks) == sorted(names)


def hidden_lines(kit: Kit) -> set[str]:
    """Every statement of every reference that is an answer: as written, and as Python would write it."""
    found = set()
    for reference in kit.references:
        if reference.class_node is not None:
            shown = reference.exercise.stub + reference.exercise.driver + reference.exercise.given
            lines = (line.split("  #")[0].strip() for line in reference.source.splitlines())
            found |= {
                line for line in lines if len(line) > 16 and line not in shown and not line.startswith(("def ", "for "))
            }
            continue
        given = {line.split("  #")[0].strip() for line in reference.exercise.stub.splitlines()}
        for block in reference.blocks:
            for node in block.nodes:
                for inner in ast.walk(node):
                    if isinstance(inner, ast.stmt) and not hasattr(inner, "body"):
                        text = ast.unparse(inner)
                        if text not in given and len(text) > 12:
                            found.add(text)
        for line in reference.source.splitlines():
            text = line.split("  #")[0].strip()
            if text not in given and len(text) > 12 and not text.startswith(("#", '"', "for ", "if ")):
                found.add(text)
    return found


def test_no_line_of_an_answer_is_in_the_release(kit: Kit, released: Path) -> None:
    lines = hidden_lines(kit)
    assert len(lines) > 50
    assert "margins = np.maximum(0, scores - correct + 1)" in lines
    for path in released.rglob("*"):
        if path.suffix == ".npz":
            with np.load(path) as data:
                text = str(data["about"])
        elif path.is_file():
            text = path.read_text()
        else:
            continue
        if path.suffix == ".ipynb":
            text = "\n".join("".join(c["source"]) for c in json.loads(text)["cells"])
        flat = " ".join(text.split())
        for line in lines:
            assert " ".join(line.split()) not in flat, f"{path.name} holds {line!r}"


def test_no_code_of_a_mistake_is_in_the_release(kit: Kit, released: Path) -> None:
    text = "\n".join(str(np.load(p)["about"]) for p in released.rglob("*.npz"))
    for reference in kit.references:
        for mistake in reference.mistakes:
            lines = [line.strip() for line in mistake.code.strip().splitlines()]
            answers = [line for line in lines if line not in reference.exercise.stub]
            assert not any(line in text for line in answers if len(line) > 30), mistake.name


def test_the_release_is_a_kit_without_solutions_that_can_check(released: Path) -> None:
    kit = find(released)
    assert not kit.has_solutions
    assert [o.exercise.name for o in kit.public()] == [r.name for r in find(ROOT).references]
    assert "grader check" in (released / "README.md").read_text()
    assert not list(released.rglob("solutions"))


def test_public_data_are_named_arrays_for_whoever_wants_to_look(released: Path) -> None:
    with np.load(released / "data" / "public" / "svm_loss_vectorized.npz") as data:
        assert data["0/input/W"].shape == (7, 4)
        assert data["0/stage/margins"].shape == (5, 4)


def test_build_changes_nothing_where_everything_fits(kit_copy: Path) -> None:
    build(find(kit_copy))
    assert build(find(kit_copy)) == []


def test_build_renews_a_stub_that_was_changed(kit_copy: Path) -> None:
    path = kit_copy / "assignment" / "svm.py"
    good = path.read_text()
    path.write_text(good.replace("...", "None"))
    assert any("assignment/svm.py" in s for s in stale(find(kit_copy)))
    assert build(find(kit_copy)) == [path.resolve()]
    assert path.read_text() == good


def test_a_filled_in_exercise_cell_of_the_kit_is_stale(kit_copy: Path) -> None:
    path = kit_copy / "notebooks" / "02_linear_classifiers.ipynb"
    notebook = read_notebook(path)
    cell = next(c for c in notebook["cells"] if "exercise" in c["metadata"].get("grader", {}))
    cell["source"] = ["x = 1"]
    path.write_text(json.dumps(notebook))
    assert any("02_linear_classifiers" in s for s in stale(find(kit_copy)))


def test_damaged_public_data_say_what_to_do(kit_copy: Path) -> None:
    path = kit_copy / "data" / "public" / "svm_loss.npz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(public.StaleData, match="from the release again"):
        public.load(path)


def test_data_of_another_format_say_so(kit: Kit, tmp_path: Path) -> None:
    oracle = kit.public()[0]
    contents = public.contents(oracle, 0)  # type: ignore[arg-type]
    contents["about"] = np.array(str(contents["about"]).replace('"format": 1', '"format": 99'))
    np.savez(tmp_path / "x.npz", **contents)
    with pytest.raises(public.StaleData, match="format 99"):
        public.load(tmp_path / "x.npz")


def test_a_week_of_the_course_is_released_alone(kit: Kit, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main,
        ["--kit", str(kit.root), "release", "--out", str(tmp_path / "week"), "--notebook", "06_optimisation.ipynb"],
    )
    assert done.exit_code == 0, done.output
    week = tmp_path / "week"
    names = notebook_exercises(read_notebook(kit.root / "notebooks" / "06_optimisation.ipynb"))
    assert [p.name for p in (week / "notebooks").iterdir()] == ["06_optimisation.ipynb"]
    assert {p.stem for p in (week / "data" / "public").iterdir()} == set(names)
    stubs = "\n".join(p.read_text() for p in (week / "assignment").iterdir())
    assert set(re.findall(r"^def (\w+)", stubs, re.MULTILINE)) >= set(names)
    assert "def affine_forward" not in stubs
    assert "affine_forward" not in (week / "README.md").read_text()
    checked = CliRunner().invoke(main, ["check", str(week / "notebooks" / "06_optimisation.ipynb"), "--json"])
    assert [e["name"] for e in json.loads(checked.output)["exercises"]] == [
        r.name for r in kit.references if r.name in names
    ]


def test_a_notebook_that_is_not_there_is_named_with_those_that_are(kit: Kit, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main, ["--kit", str(kit.root), "release", "--out", str(tmp_path / "w"), "--notebook", "99"]
    )
    assert done.exit_code == 2
    assert "no notebook 99; known: 01_gates" in done.output.replace("\n", " ")
    assert not (tmp_path / "w").exists()


def test_students_are_told_what_to_install(kit_copy: Path, tmp_path: Path) -> None:
    config = kit_copy / "grader.toml"
    config.write_text(config.read_text().replace("[kit]", '[kit]\ninstall = "https://course.example/kit.whl"', 1))
    release(find(kit_copy), tmp_path / "out")
    readme = (tmp_path / "out" / "README.md").read_text()
    assert 'pip install "https://course.example/kit.whl" jupyterlab matplotlib\n' in readme
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert [requirement.split(">=")[0] for requirement in extras["notebooks"]] == ["jupyterlab", "matplotlib"]
    workflow = (tmp_path / "out" / ".github" / "workflows" / "checks.yml").read_text()
    assert 'pip install "https://course.example/kit.whl" "pytest>=8.2"' in workflow


BACKWARD = "def relu_backward(dout, cache):\n    x = cache\n    dx = dout * (x > 0)\n    return dx\n"


def read_for(kit: Kit, *files: Path) -> list[str]:
    return [o.exercise.name for o in kit.public(files)]


def test_a_check_of_one_file_reads_the_public_data_of_its_exercises_and_of_what_these_differentiate(
    released: Path, tmp_path: Path
) -> None:
    kit, file = find(released), tmp_path / "mine.py"
    file.write_text(BACKWARD)
    assert read_for(kit, file) == ["relu_forward", "relu_backward", "elu_forward", "elu_backward"]  # "elu" is in "relu"
    every = [o.exercise.name for o in kit.public()]
    notebook = released / "notebooks" / "06_optimisation.ipynb"
    inside = notebook_exercises(read_notebook(notebook))
    assert set(inside) <= set(read_for(kit, notebook)) < set(every)
    assert set(read_for(kit, file, notebook)) == set(read_for(kit, file)) | set(read_for(kit, notebook))


@pytest.mark.parametrize("text", ["x = 1\n", BACKWARD.replace("relu", "\\u0072elu"), BACKWARD.encode("utf-16")])
def test_where_names_do_not_simply_stand_in_a_file_all_public_data_are_read(
    released: Path, tmp_path: Path, text: str | bytes
) -> None:
    kit, file = find(released), tmp_path / "mine.py"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert read_for(kit, file) == read_for(kit)
    assert read_for(kit, tmp_path) == read_for(kit)
    assert read_for(kit, tmp_path / "nothing.py") == read_for(kit)


def test_a_very_large_file_is_left_to_the_reader_that_refuses_it(
    released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit, file = find(released), tmp_path / "mine.py"
    file.write_text(BACKWARD)
    monkeypatch.setattr("grader.reading.MAX_FILE", file.stat().st_size - 1)
    assert read_for(kit, file) == read_for(kit)
    monkeypatch.setattr("grader.reading.MAX_FILE", file.stat().st_size)
    assert read_for(kit, file) != read_for(kit)


def test_a_check_finds_the_same_whichever_public_data_were_read(released: Path, tmp_path: Path) -> None:
    plain, disguised = tmp_path / "plain.ipynb", tmp_path / "disguised.ipynb"
    cells = [{"cell_type": "code", "source": "import numpy as np\n" + BACKWARD, "metadata": {}, "outputs": []}]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    plain.write_text(text)
    disguised.write_text(text.replace("relu_backward", "\\u0072elu_backward"))
    kit = ["--kit", str(released)]
    one, two = (CliRunner().invoke(main, [*kit, "check", "--json", str(p)]) for p in (plain, disguised))
    marks = [json.loads(done.output)["exercises"] for done in (one, two)]
    assert [e["name"] for e in marks[0]] == ["relu_backward"]
    assert marks[0][0]["points"] > 0
    assert [{**e, "seconds": 0} for e in marks[0]] == [{**e, "seconds": 0} for e in marks[1]]


def command(root: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["--kit", str(root), *map(str, arguments)])


def everything(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("place", [".", "..", "solutions", "notebooks", "submissions"])
@pytest.mark.parametrize("more", [(), ("--force",)])
def test_a_release_goes_into_no_folder_that_holds_anything_else(
    kit_copy: Path, place: str, more: tuple[str, ...]
) -> None:
    (kit_copy / "submissions" / "ada").mkdir(parents=True)
    (kit_copy / "submissions" / "ada" / "01_gates.ipynb").write_text("{}")
    before = everything(kit_copy.parent)
    done = command(kit_copy, "release", "--out", kit_copy / place, *more)
    assert done.exit_code == 2
    assert "name another folder" in done.output.replace("\n", " ")
    assert "--force" not in done.output
    assert everything(kit_copy.parent) == before


def test_a_release_is_renewed_by_force_and_what_is_not_of_it_stays(kit: Kit, tmp_path: Path) -> None:
    out, fresh = tmp_path / "week", tmp_path / "fresh"
    assert command(kit.root, "release", "--out", out, "--notebook", "01_gates").exit_code == 0
    (out / "thesis.txt").write_text("mine")
    (out / "notebooks" / ".ipynb_checkpoints").mkdir()
    (out / "notebooks" / ".ipynb_checkpoints" / "01_gates-checkpoint.ipynb").write_text("tried: q = x + y")
    refused = command(kit.root, "release", "--out", out, "--notebook", "06_optimisation")
    assert refused.exit_code == 2
    assert "add --force to renew it" in refused.output.replace("\n", " ")
    for folder, more in ((out, ["--force"]), (fresh, [])):
        assert command(kit.root, "release", "--out", folder, "--notebook", "06_optimisation", *more).exit_code == 0
    assert everything(out) == {**everything(fresh), "thesis.txt": b"mine"}


def test_a_release_that_is_renewed_is_told_whole_though_nothing_changed(kit: Kit, tmp_path: Path) -> None:
    arguments = ["release", "--out", tmp_path / "week", "--notebook", "01_gates"]
    told = [command(kit.root, *arguments, *more).output for more in ([], ["--force"])]
    assert told == [f"{len(everything(tmp_path / 'week'))} files for students in {tmp_path / 'week'}\n"] * 2


def test_build_takes_nothing_from_a_folder_without_references(released: Path, tmp_path: Path) -> None:
    student = tmp_path / "student"
    shutil.copytree(released, student)
    done = command(student, "build")
    assert done.exit_code == 2
    assert "grader check FILE looks at what is filled in" in done.output.replace("\n", " ")
    assert everything(student) == everything(released)


def test_build_tells_what_it_removes(kit_copy: Path) -> None:
    build(find(kit_copy))
    (kit_copy / "data" / "public" / "left_over.npz").write_bytes(b"")
    done = command(kit_copy, "build")
    assert "left_over.npz  removed: it has no reference" in done.output
    assert "1 file changed" in done.output
