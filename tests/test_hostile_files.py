"""Files made to do harm, or by careless programs: each is a row with a sentence, in bounded memory and time."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import struct
import subprocess
import sys
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT

from grader.cli import main
from grader.intake import opened
from grader.layouts import Entry, Layout, units
from grader.reading import MAX_FILE
from grader.reports.tables import cell
from grader.submission import MAX_PYTHON, Submission, load
from grader.toplevel import MAX_SOURCE
from grader.visible import HIDDEN, visible

STUBS = {"relu_forward": "def relu_forward(x):\n    out = ...  # (N, H) out [1]\n    return out\n"}
GOOD = "import numpy as np\ndef relu_forward(x):\n    out = np.maximum(0, x)\n    cache = x\n    return out, cache\n"
SECONDS = 10  # of CPU, for any one of them; the slowest takes 2 on the machine these were written on
MEGABYTES = 500


def notebook(*sources: str) -> str:
    cells = [{"cell_type": "code", "metadata": {}, "source": s, "outputs": []} for s in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def zipped(path: Path, members: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


# -- what each of them is: a name, how it is made, and what its row says ("" where it is graded)


def bomb(at: Path) -> Path:
    with zipfile.ZipFile(at / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.py", "w") as inside:
        for _ in range(256):
            inside.write(b"#" * (1 << 20))
    return at / "bomb.zip"


def lying_zip(at: Path) -> Path:
    """The list of contents says 10 bytes, the file unpacks to 256 MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = b"".join([packer.compress(b"#" * (1 << 20)) for _ in range(256)]) + packer.flush()
    name, crc = b"a.py", zlib.crc32(b"")
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(body), 10, len(name), 0) + name
    central = struct.pack(
        "<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 33, crc, len(body), 10, len(name), 0, 0, 0, 0, 0, 0
    )
    central += name
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local) + len(body), 0)
    return written(at / "lying.zip", local + body + central + end)


def crowded_zip(at: Path) -> Path:
    """A list of contents with 500,000 names."""
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    central = entry * 500_000
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(central), 0, 0)
    return written(at / "crowded.zip", central + end)


def nested_zip(at: Path) -> Path:
    data: bytes = b"#" * 100_000
    name = "a.py"
    for _ in range(20):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(5):
                archive.writestr(f"{copy}{name}", data)
        data, name = made.getvalue(), "a.zip"
    return written(at / "nested.zip", data)


def overlapping_zip(at: Path) -> Path:
    """2,000 names for one piece of data."""
    zipped(at / "overlapping.zip", {"a.py": b"#" * MAX_FILE})
    with zipfile.ZipFile(at / "overlapping.zip", "a") as archive:
        first = archive.infolist()[0]
        archive.filelist.extend(first for _ in range(2000))
        archive._didModify = True
    return at / "overlapping.zip"


def encrypted_zip(at: Path) -> Path:
    data = bytearray(zipped(at / "encrypted.zip", {"a.py": GOOD}).read_bytes())
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return written(at / "encrypted.zip", bytes(data))


def torn_zip(at: Path) -> Path:
    data = bytearray(zipped(at / "torn.zip", {"a.py": GOOD * 20}).read_bytes())
    data[60:90] = b"\xff" * 30
    return written(at / "torn.zip", bytes(data))


def zip_with_link(at: Path) -> Path:
    link = zipfile.ZipInfo("relu.py")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(at / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    return at / "link.zip"


def pipe(at: Path) -> Path:
    os.mkfifo(at / "pipe.py")
    return at / "pipe.py"


def pipe_in_folder(at: Path) -> Path:
    made = folder(at / "piped")
    os.mkfifo(made / "pipe.py")
    written(made / "relu.py", GOOD)
    return made


def link_to_a_file(at: Path) -> Path:
    made = folder(at / "linked")
    (made / "relu.py").symlink_to("/etc/passwd")
    return made


def link_to_a_folder(at: Path) -> Path:
    made = folder(at / "circle")
    (made / "again").symlink_to(made)
    (made / "root").symlink_to("/")
    return made


def link_beside_a_file(at: Path) -> Path:
    made = link_to_a_folder(at)
    written(made / "relu.py", GOOD)
    return made


def huge(at: Path) -> Path:
    with (at / "huge.ipynb").open("wb") as file:
        file.truncate(200 << 20)
    return at / "huge.ipynb"


def deep_folder(at: Path) -> Path:
    made = at / "deep"
    (made / "/".join(["d"] * 900)).mkdir(parents=True)
    written(made / "relu.py", GOOD)
    return made


HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a zip that unpacks to 256 MB": (bomb, "too large: 256 MB"),
    "a zip of many large files": (lambda at: zipped(at / "many.zip", {f"{i}.py": b"#" * MAX_FILE for i in range(9)}), "too large: 180 MB when unpacked, at most 80 MB"),
    "a zip of 10,000 files": (lambda at: zipped(at / "files.zip", {f"{i}.py": "" for i in range(10_000)}), "holds 10000 files"),
    "a zip that lies about sizes": (lying_zip, "not a zip that can be opened"),
    "a zip with half a million names": (crowded_zip, "list of contents is too long"),
    "zips in zips": (nested_zip, "a zip in the zip"),
    "a zip of one piece of data 2,000 times": (overlapping_zip, "the zip holds 2001 files"),
    "a bzip2 bomb": (lambda at: zipped(at / "bz.zip", {"a.py": b"\0" * MAX_FILE}, zipfile.ZIP_BZIP2), "unusual way"),
    "an lzma bomb": (lambda at: zipped(at / "xz.zip", {"a.py": b"\0" * MAX_FILE}, zipfile.ZIP_LZMA), "unusual way"),
    "an encrypted zip": (encrypted_zip, "encrypted: hand it in without a password"),
    "a torn zip": (torn_zip, "not a zip that can be opened"),
    "half a zip": (lambda at: written(at / "half.zip", zipped(at / "x.zip", {"a.py": GOOD}).read_bytes()[:80]), "not a zip"),
    "a link in a zip": (zip_with_link, "relu.py in the zip is a link"),
    "an empty zip": (lambda at: zipped(at / "empty.zip", {}), "no notebook"),
    "a zip of paths that lead out": (lambda at: zipped(at / "out.zip", {"../../../../tmp/grader-was-here.py": GOOD}), ""),
    "a zip of absolute paths": (lambda at: zipped(at / "abs.zip", {"/tmp/grader-was-here.py": GOOD, "C:\\x.py": ""}), ""),
    "a pipe": (pipe, "pipe.py is no ordinary file but a pipe or a device"),
    "a pipe in a folder": (pipe_in_folder, ""),
    "a link in a folder": (link_to_a_file, "relu.py is a link"),
    "links in a circle": (link_to_a_folder, "again is a link"),
    "links in a circle beside a file": (link_beside_a_file, ""),
    "a notebook of 200 MB": (huge, "huge.ipynb is 200 MB; at most 20 MB are read (clear the outputs)"),
    "JSON nested a million deep": (lambda at: written(at / "deep.ipynb", "[" * 10**6 + "]" * 10**6), "broken JSON"),
    "objects nested a million deep": (lambda at: written(at / "deep.ipynb", '{"cells":' * 10**6), "broken JSON"),
    "JSON of millions of empty lists": (lambda at: written(at / "many.ipynb", "[" + "[]," * 6_000_000 + "[]]"), "more than 2000000 values"),
    "JSON with a number of a million digits": (lambda at: written(at / "n.ipynb", '{"cells": ' + "9" * 10**6 + "}"), "broken JSON"),
    "cells that are no cells": (lambda at: written(at / "odd.ipynb", '{"worksheets": [{"cells": 7}, 3, {"cells": {"a": 1}}]}'), "no code cell"),
    "a folder 900 deep": (deep_folder, ""),
    "lone surrogates in a notebook": (lambda at: written(at / "s.ipynb", notebook("x = '\ud800'\n" + GOOD.replace("0, x", "0, x)  # \udfff\n    out = np.abs(out"))), ""),
    "lone surrogates in the bytes": (lambda at: written(at / "s.py", "# \udc80\ud800\n" + GOOD), ""),
    "NUL in a cell": (lambda at: written(at / "nul.ipynb", notebook("x = 1\0\n" + GOOD)), ""),
    "NUL in a file": (lambda at: written(at / "nul.py", "x = 1\0\n" + GOOD + "\0\0")  , ""),
    "a file of NUL": (lambda at: written(at / "nul.ipynb", b"\0" * 10**6), "broken JSON"),
    "a byte order mark in a notebook": (lambda at: written(at / "bom.ipynb", b"\xef\xbb\xbf" + notebook(GOOD).encode()), ""),
    "a byte order mark in a file": (lambda at: written(at / "bom.py", b"\xef\xbb\xbf" + GOOD.encode()), ""),
    "Windows line ends": (lambda at: written(at / "crlf.py", GOOD.replace("\n", "\r\n")), ""),
    "old Mac line ends": (lambda at: written(at / "cr.ipynb", notebook(GOOD.replace("\n", "\r"))), ""),
    "a notebook in UTF-16": (lambda at: written(at / "u16.ipynb", notebook(GOOD).encode("utf-16")), ""),
    "a notebook in UTF-32": (lambda at: written(at / "u32.ipynb", notebook(GOOD).encode("utf-32")), ""),
    "a notebook in Latin-1": (lambda at: written(at / "l1.ipynb", notebook("# gr\u00fc\u00df\n" + GOOD).encode("ascii").replace(b"\\u00fc", b"\xfc")), ""),
    "a file in UTF-16": (lambda at: written(at / "u16.py", GOOD.encode("utf-16")), ""),
    "a file in Latin-1": (lambda at: written(at / "l1.py", ("# gr\u00fc\u00df\n" + GOOD).encode("latin-1")), ""),
    "a file that claims an unknown encoding": (lambda at: written(at / "c.py", "# coding: nonsense\n" + GOOD), ""),
    "a file that claims a coding of bytes": (lambda at: written(at / "c.py", "# coding: rot13\n" + GOOD), ""),
    "a million statements": (lambda at: written(at / "st.ipynb", notebook(*["a=1\n" * 60_000] * 17, GOOD)), "characters of Python; at most"),
    "as many statements as are read": (lambda at: written(at / "st.ipynb", notebook("a\n" * (MAX_SOURCE // 2), "a;" * 15_000 + "\n" + GOOD)), ""),
    "a cell too long to read, beside good ones": (lambda at: written(at / "long.ipynb", notebook("x = '" + "y" * 10**6 + "'", GOOD)), ""),
    "an exercise in a cell too long to read": (lambda at: written(at / "long.ipynb", notebook(GOOD + "#" * 10**6)), ""),
    "expressions nested 100,000 deep": (lambda at: written(at / "nest.py", "x = " + "-" * 100_000 + "1\ny = " + "+".join(["1"] * 50_000) + "\n" + GOOD), ""),
    "a sum too deep to write out": (lambda at: written(at / "nest.py", "x = 1; y = " + "+".join(["x"] * 900) + "\n" + GOOD.replace("x)", "x" + "+0" * 900 + ")")), ""),
    "a number too long to write out": (lambda at: written(at / "n.py", "x = 1; y = 0x" + "f" * 50_000 + "\n" + GOOD.replace("(0, x)", "(0, x) + 0 * 0x" + "f" * 50_000)), ""),
    "lines that slow regular expressions down": (lambda at: written(at / "re.py", " " * 100_000 + "#\n?" + " " * 100_000 + "#\nexcept" + " " * 100_000 + "x\n" + GOOD), ""),
    "a picture": (lambda at: written(at / "a.ipynb", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 99), "broken JSON"),
    "an empty file": (lambda at: written(at / "a.ipynb", ""), "is empty"),
    "a PDF": (lambda at: written(at / "a.pdf", "%PDF"), "neither a notebook"),
}  # fmt: skip


def megabytes(path: Path) -> int:
    """The most memory that a process takes that reads the submission at `path`, Python included.

    Linux starts ru_maxrss of a new process with what its parent had, so it is read as VmHWM.
    """
    code = (
        "import re, sys\nfrom pathlib import Path\nfrom grader.submission import load\n"
        f"load(Path(sys.argv[1]), {STUBS!r})\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, cwd=ROOT)
    return int(done.stdout) >> 10


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_graded_or_told(what: str, tmp_path: Path) -> None:
    make, told = HOSTILE[what]
    path = make(tmp_path)
    before = time.process_time()
    found = load(path, STUBS)
    assert time.process_time() - before < SECONDS
    if told:
        assert told in (found.problem or "")
        assert not found.functions
    else:
        assert found.problem is None
        assert "relu_forward" in found.functions
    assert not Path("/tmp/grader-was-here.py").exists()


def test_what_is_too_long_to_read_is_told_where_it_held_an_exercise(tmp_path: Path) -> None:
    found = load(HOSTILE["an exercise in a cell too long to read"][0](tmp_path), STUBS)
    assert "at most 262144 are read" in str(found.functions["relu_forward"].error)


def test_a_device_is_not_read(tmp_path: Path) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        path = tmp_path / "zero.py"
        path.symlink_to("/dev/zero")  # as a normal user: the same device by a link
    else:
        path = tmp_path / "zero.py"
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    assert "no ordinary file" in str(load(path, STUBS).problem)


@pytest.mark.parametrize(
    "what",
    [
        "as many statements as are read",
        "JSON of millions of empty lists",
        "a zip that lies about sizes",
        "an lzma bomb",
        "a zip with half a million names",
        "a million statements",
    ],
)
def test_memory_stays_bounded(what: str, tmp_path: Path) -> None:
    assert megabytes(HOSTILE[what][0](tmp_path)) < MEGABYTES


def test_values_of_a_notebook_stay_bounded_in_memory(tmp_path: Path) -> None:
    path = written(tmp_path / "a.ipynb", '{"cells": [' + "{}," * 900_000 + "{}]}" + " " * (10 << 20))
    assert megabytes(path) < MEGABYTES


def test_a_repository_of_far_too_much_python_is_told(tmp_path: Path) -> None:
    layout = Layout("old assignments", (Entry("relu_forward", ("relu.py",), ("relu_forward",)),))
    repository = folder(tmp_path / "repository")
    for number in range(40):
        folder(repository / str(number))
        written(repository / str(number) / "relu.py", "x = 1\n" * 30_000 + GOOD)
    (found,) = units(repository, layout)
    assert "characters of Python" in str(found.problem)


def test_a_repository_of_much_python_that_nobody_asks_for_is_graded(tmp_path: Path) -> None:
    layout = Layout("old assignments", (Entry("relu_forward", ("relu.py",), ("relu_forward",)),))
    repository = folder(tmp_path / "repository")
    for number in range(100):
        written(repository / f"other{number}.py", "x = 1\n" * 30_000)
    written(repository / "relu.py", "from other3 import x\n" + GOOD)
    (found,) = units(repository, layout)
    assert found.problem is None
    assert "relu_forward" in found.functions


def test_a_line_made_to_slow_the_rewriting_of_python_2_does_not(tmp_path: Path) -> None:
    layout = Layout("old assignments", (Entry("relu_forward", ("relu.py",), ("relu_forward",)),))
    path = written(tmp_path / "relu.py", "except" + " " * 200_000 + "x\nprint 'old'\n" + GOOD)
    before = time.process_time()
    (found,) = units(path, layout)
    assert time.process_time() - before < SECONDS
    assert "relu_forward" in found.functions


# -- names and texts


NAMES = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)<",
    "{{ 7 * 7 }}",
    "$(touch was-here)",
    "; rm -rf ~",
    "`id`",
    "=cmd|' !A0'",
    "+1+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "\uff1d1+1",
    "a\x1b[31mred\x1b[2J",
    "bell\x07",
    "new\nline",
    "\u202egnp.exe",
    "zero\u200bwidth",
    "\u2066isolated",
    "x" * 240,
    "caf\u00e9",
    "cafe\u0301",
    "[link](example.org)",
    "a,b;c\"d'e",
    "con",
    "index",
    "name\\x1b",
    "name\x1b",
]


@pytest.fixture(scope="module")
def named_class(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class whose submissions have such names, graded; beside it what came out on the terminal."""
    at = tmp_path_factory.mktemp("named")
    made = folder(at / "class")
    for name in NAMES:
        written(made / f"{name}.py", GOOD)
    written(made / "con.ipynb", notebook(GOOD))  # a second student of one name
    folder(made / "con")
    written(made / "con" / "relu.py", GOOD)
    os.mkdir(os.fsencode(made) + b"/not-\xff\xfe-text")
    written(
        made / "raises.py",
        GOOD.replace(
            "out = np", "raise type('\\x1b[1mE', (Exception,), {})('<b>\\x1b[2J\\u202e</b>\\n=1')\n    out = np"
        ),
    )
    written(made / "\x1b]0;title\x07.pdf", "%PDF")
    (made / "link.py").symlink_to("/etc/passwd")
    done = CliRunner().invoke(
        main, ["--kit", str(ROOT), "grade", str(made), "--out", str(at / "out"), "--exercise", "relu_forward"]
    )
    assert done.exit_code == 0
    written(at / "terminal", done.output)
    return at


def lines(at: Path) -> list[dict]:
    return [json.loads(line) for line in (at / "out" / "results.jsonl").read_text().splitlines()]


def strings(tree: object) -> list[str]:
    if isinstance(tree, dict):
        return [s for value in tree.values() for s in strings(value)]
    if isinstance(tree, list):
        return [s for value in tree for s in strings(value)]
    return [tree] if isinstance(tree, str) else []


def test_every_entry_has_one_row_and_one_page(named_class: Path) -> None:
    names = [row["submission"] for row in lines(named_class)]
    assert len(names) == len(set(names)) == len(list((named_class / "class").iterdir()))
    assert {"con", "con.py", "con.ipynb"} <= set(names)
    assert len(list((named_class / "out" / "students").iterdir())) == len(names)
    assert {row["status"] for row in lines(named_class) if row["submission"].startswith("name")} == {"graded"}


def test_a_link_is_not_followed(named_class: Path) -> None:
    (row,) = [row for row in lines(named_class) if row["submission"] == "link"]
    assert row["problem"] == "link.py is a link, and links are not followed"


def test_nothing_that_is_written_holds_a_hidden_character(named_class: Path) -> None:
    texts = [s for row in lines(named_class) for s in strings(row)]
    texts += [p.read_text(encoding="utf-8") for p in (named_class / "out").rglob("*") if p.suffix in (".html", ".csv")]
    texts.append((named_class / "terminal").read_text(encoding="utf-8"))
    for text in texts:
        hidden = {c for c in text if unicodedata.category(c) in HIDDEN and c not in "\n\r"}
        assert not hidden


def test_no_page_holds_an_element_of_a_student(named_class: Path) -> None:
    for page in (named_class / "out").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<img" not in text
        assert "<script>alert" not in text
        assert "<b>" not in text
    pages = "".join(p.read_text(encoding="utf-8") for p in (named_class / "out" / "students").iterdir())
    assert "&lt;b&gt;\\x1b[2J\\u202e&lt;/b&gt;" in pages
    assert "{{ 7 * 7 }}" in pages


def test_no_cell_is_a_formula(named_class: Path) -> None:
    with (named_class / "out" / "grades.csv").open(newline="", encoding="utf-8") as file:
        cells = [c for row in csv.reader(file) for c in row]
    assert "'=cmd|' !A0'" in cells
    for one in cells:
        assert not one.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
        assert "\n" not in one


def test_the_terminal_shows_names_cut_and_escaped(named_class: Path) -> None:
    text = (named_class / "terminal").read_text(encoding="utf-8")
    assert "x" * 37 + "..." in text
    assert "a\\x1b[31mred\\x1b[2J" in text
    assert "\\x1b]0;title\\x07" in text


def test_check_shows_no_control_characters_either(tmp_path: Path) -> None:
    path = written(
        tmp_path / "\x1b[31m.py", GOOD.replace("out = np", "raise ValueError('\\x1b[2J\\r\\x08')\n    out = np")
    )
    done = CliRunner().invoke(main, ["--kit", str(ROOT), "check", str(path), "--exercise", "relu_forward"])
    assert done.exit_code == 1
    assert "ValueError in \\x1b[31m.py, line 3: \\x1b[2J\\x0d\\x08" in done.output
    assert not {c for c in done.output if unicodedata.category(c) in HIDDEN and c != "\n"}


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t1", "\r=1", " =1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"]
)
def test_a_cell_that_would_be_a_formula_is_text(text: str) -> None:
    assert cell(text).startswith("'")


def test_an_ordinary_cell_stays_as_it_is() -> None:
    assert cell("Ada Lovelace-King") == "Ada Lovelace-King"
    assert cell("caf\u00e9 \U0001f469\u200d\U0001f52c") == "caf\u00e9 \U0001f469\u200d\U0001f52c"


def test_a_name_and_its_escape_stay_two(tmp_path: Path) -> None:
    for name in ("a\x01", "a\\x01", "a\\x01 (2)", "b.py.ipynb"):
        written(tmp_path / f"{name}.py", "")
    written(tmp_path / "b.py", "")
    with opened(tmp_path) as found:
        names = [handed.key for handed in found.handed]
    assert len(set(names)) == 5
    assert all(visible(name) == name for name in names)


def test_a_submission_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    assert isinstance(found := load(tmp_path / "gone.py", STUBS), Submission)
    assert "cannot be opened: No such file" in str(found.problem)


def test_what_is_read_in_one_piece_is_no_more_than_what_is_read_together() -> None:
    assert MAX_SOURCE <= MAX_PYTHON
