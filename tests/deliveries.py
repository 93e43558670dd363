"""Bulk downloads as six learning platforms make them, built to their documented forms for the tests.

Everybody hands in the same exercise, `relu_forward`; `SOURCES` says what becomes of it.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

RIGHT = "import numpy as np\n\n\ndef relu_forward(x):\n    out = np.maximum(0, x)\n    return out, x\n"
WRONG = "import numpy as np\n\n\ndef relu_forward(x):\n    out = np.abs(x)\n    return out, x\n"
BACKWARD = "import numpy as np\n\n\ndef relu_backward(dout, cache):\n    return dout * (cache > 0)\n"
POINTS = {"right": 1, "wrong": 0, "broken": 0}


def notebook(source: str) -> str:
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def zipped(folder: Path, to: Path, inside: str = "") -> Path:
    """The folder as a zip, with its files at the top or in a folder `inside`."""
    with zipfile.ZipFile(to, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, inside + path.relative_to(folder).as_posix())
    shutil.rmtree(folder)
    return to


def canvas(folder: Path) -> Path:
    """content_zipper.rb: name, LATE, user id, file id, original name; Ada's second try, Chloé late, a text typed in."""
    return write(
        folder,
        {
            "lovelaceada_12345_67890_relu.ipynb": notebook(WRONG),
            "lovelaceada_12345_67999_relu-1.ipynb": notebook(RIGHT),
            "itoben_222_67891_relu.ipynb": notebook(WRONG),
            "durandchloé_LATE_12346_67892_relu.ipynb": notebook(RIGHT),
            "durandchloé_LATE_12346_67893_notes_1_2.pdf": "%PDF",
            "projectgroup7_777_67894_relu.py": RIGHT,
            "meierjonas_12348_text.html": "<p>I forgot</p>",
        },
    )


def moodle(folder: Path, flat: bool = False, old: bool = False) -> Path:
    """downloader.php: folders (with a last underscore before 4.1), or flat; online text beside files; a group."""
    end = "_" if old else ""
    made = {
        f"Ada Lovelace_4001_assignsubmission_file{end}/relu.ipynb": notebook(RIGHT),
        f"Ada Lovelace_4001_assignsubmission_onlinetext{end}/onlinetext.html": "<p>hello</p>",
        f"Ben Ito_4002_assignsubmission_file{end}/part one/relu.py": WRONG,
        f"Ben Ito_4002_assignsubmission_file{end}/relu_backward.py": BACKWARD,
        f"Chloé Durand_4003_assignsubmission_file{end}/relu.ipynb": notebook(RIGHT),
        f"Jonas Meier_4005_assignsubmission_onlinetext{end}/onlinetext.html": "<p>I forgot</p>",
    }
    if flat:
        made = {
            (name.replace("_file/", "_file_").replace("_onlinetext/", "_onlinetext_").replace("/", "-")): text
            for name, text in made.items()
        }
    return write(folder, made)


METADATA = """---
submission_9001:
  :submitters:
  - :name: Ada Lovelace
    :sid: '100'
    :email: ada@uni.edu
  :created_at: 2026-01-02 10:00:00.000000000 Z
  :score: 0.0
  :history:
  - :id: 8990
    :created_at: 2026-01-01 10:00:00.000000000 Z
    :score: 0.0
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests:
    - output: "--- not a new document"
      name: 'a: b'
submission_9002:
  :submitters:
  - :name: Ben Ito
    :sid: '101'
    :email: ben@uni.edu
  - :name: Chloé Durand
    :sid: '102'
    :email: chloe@uni.edu
  :created_at: 2026-01-01 11:30:00.000000000 Z
  :history: []
submission_9003:
  :submitters:
  - :name: Jonas Meier
    :sid: '103'
    :email: jonas@uni.edu
"""


def gradescope(folder: Path) -> Path:
    """Folders by number, and who they are in the metadata that Ruby writes; a pair; one without files."""
    return write(
        folder,
        {
            "submission_metadata.yml": METADATA,
            "submission_9001/relu.ipynb": notebook(RIGHT),
            "submission_9002/code/relu.py": WRONG,
        },
    )


def receipt(name: str, user: str, file: str) -> str:
    return (
        f"Name: {name} ({user})\nAssignment: Homework 2\n"
        "Date Submitted: Thursday, January 1, 2026 10:00:00 AM UTC\nCurrent Mark: Needs Marking\n\n"
        "Submission Field:\nThere is no student submission text data for this assignment.\n\n"
        "Comments:\nThere are no student comments for this assignment.\n\n"
        f"Files:\n\tOriginal filename: relu.ipynb\n\tFilename: {file}\n"
    )


def blackboard(folder: Path) -> Path:
    """A receipt an attempt; Ada tried twice; Ben's user name has an underscore, which only the receipt tells."""
    made = {}
    for user, name, when, source in (
        ("alovelace", "Ada Lovelace", "2026-01-01-10-00-00", WRONG),
        ("alovelace", "Ada Lovelace", "2026-01-02-09-30-00", RIGHT),
        ("ben_ito", "Ben Ito", "2026-01-01-10-00-00", WRONG),
        ("cdurand", "Chloé Durand", "2026-01-01-12-00-00", RIGHT),
    ):
        place = f"Homework 2_{user}_attempt_{when}"
        made[f"{place}.txt"] = receipt(name, user, f"{place}_relu.ipynb")
        made[f"{place}_relu.ipynb"] = notebook(source)
    place = "Homework 2_jmeier_attempt_2026-01-01-10-00-00"
    made[f"{place}.txt"] = receipt("Jonas Meier", "jmeier", "")
    return write(folder, made)


def brightspace(folder: Path) -> Path:
    """Folders with numbers, name and date; Ada handed in twice; an index beside them."""
    return write(
        folder,
        {
            "index.html": "<html>Homework 2</html>",
            "31001-2557369 - Ada Lovelace - Sep 24, 2025 926 PM/relu.ipynb": notebook(WRONG),
            "31001-2557369 - Ada Lovelace - Sep 25, 2025 1015 AM/relu.ipynb": notebook(RIGHT),
            "31002-2557369 - Ben Ito - Sep 24, 2025 1200 AM/relu.ipynb": notebook(WRONG),
            "31003-2557369 - Chloé Durand-Petit - Oct 1, 2025 1201 PM/relu.ipynb": notebook(RIGHT),
        },
    )


def github(folder: Path) -> Path:
    """Clones: the assignment's name, a dash, the account."""
    made = {}
    for user, source in (("ada-l", RIGHT), ("benito", WRONG), ("chloe", RIGHT)):
        made[f"homework-2-{user}/.git/config"] = "[core]\n"
        made[f"homework-2-{user}/.git/hooks/sample.py"] = "raise SystemExit\n"
        made[f"homework-2-{user}/assignment/relu.py"] = source
    return write(folder, made)


def plain(folder: Path) -> Path:
    """An entry a student, whatever it is."""
    write(folder, {"ada.ipynb": notebook(RIGHT), "ben.py": WRONG, "chloe/relu.py": RIGHT, "chloe/more.py": BACKWARD})
    write(folder / "x", {"relu.py": RIGHT})
    zipped(folder / "x", folder / "jonas.zip")
    return folder
