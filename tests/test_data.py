"""Made data, and the loaders of real pictures: on a small archive of CIFAR-10's format, served on this machine."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import pickle
import re
import sys
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"data_{name}", ROOT / "data" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


toys, images = load("toys"), load("images")
NAMES = ["spiral", "circles", "moons", "blobs"]

# -- toys


@pytest.mark.parametrize("name", NAMES)
@given(classes=st.integers(1, 6), more=st.integers(0, 30), seed=st.integers(0, 99))
def test_a_maker_gives_even_classes_and_the_same_data_again(name: str, classes: int, more: int, seed: int) -> None:
    n = classes + more
    X, y = toys.MAKERS[name](np.random.default_rng(seed), n, classes=classes, noise=0.1)
    assert X.shape == (n, 2)
    assert X.dtype == np.float64
    assert np.isfinite(X).all()
    assert y.shape == (n,)
    assert y.dtype == np.int64
    counts = np.bincount(y, minlength=classes)
    assert len(counts) == classes
    assert counts.max() - counts.min() <= 1
    again, _ = toys.MAKERS[name](np.random.default_rng(seed), n, classes=classes, noise=0.1)
    assert np.array_equal(X, again)


@pytest.mark.parametrize("name", NAMES)
def test_a_maker_draws_from_the_generator_and_spares_the_global_one(name: str) -> None:
    before = np.random.get_state()[1].copy()
    rng = np.random.default_rng(1)
    first, second = (toys.MAKERS[name](rng, 20)[0] for _ in range(2))
    assert not np.array_equal(first, second)
    assert np.array_equal(before, np.random.get_state()[1])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("options", "told"), [({"classes": 0}, "classes is 0"), ({"classes": 11}, "n is 10"), ({"noise": -0.1}, "noise is")]
)
def test_a_maker_refuses_what_makes_no_sense(name: str, options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        toys.MAKERS[name](np.random.default_rng(0), 10, **options)


def test_without_noise_the_toys_have_their_shapes() -> None:
    rng = np.random.default_rng(0)
    X, y = toys.circles(rng, 60, classes=3, noise=0.0)
    assert np.allclose(np.linalg.norm(X, axis=1), (y + 1) / 3)
    X, y = toys.blobs(rng, 40, classes=4, noise=0.0)
    assert np.allclose(X[y == 1], [0, 2])
    X, y = toys.spiral(rng, 30, noise=0.0)
    assert np.allclose(np.linalg.norm(X, axis=1), np.repeat(np.linspace(0, 1, 10), 3))
    X, y = toys.moons(rng, 50, noise=0.0)
    assert (X[y == 0, 1] >= 0).all()
    assert (X[y == 1, 1] <= 0.5).all()


@pytest.mark.parametrize(("name", "separable"), [("blobs", True), ("spiral", False), ("circles", False)])
def test_only_the_blobs_are_for_lines(name: str, separable: bool) -> None:
    """Least squares on one-hot labels, with a bias: the best a line can do, nearly."""
    X, y = toys.MAKERS[name](np.random.default_rng(3), 300, classes=3, noise=0.1)
    A = np.column_stack([X, np.ones(len(X))])
    W = np.linalg.lstsq(A, np.eye(3)[y], rcond=None)[0]
    right = np.mean((A @ W).argmax(axis=1) == y)
    assert bool(right > 0.98) is separable


# -- digits


def test_digits_come_with_scikit_learn_or_the_error_names_the_extra() -> None:
    if importlib.util.find_spec("sklearn") is None:
        with pytest.raises(images.DataError, match=re.escape("flat-backprop[data]")):
            images.digits()
    else:
        X, y = images.digits()
        assert (X.shape, X.dtype, X.max()) == ((1797, 8, 8), np.uint8, 16)
        assert set(y) == set(range(10))


def test_without_scikit_learn_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(images.DataError, match=re.escape('pip install "flat-backprop[data]"')):
        images.digits()


# -- CIFAR-10


def pictures(count: int, seed: int) -> tuple[np.ndarray, list[int]]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 3072), dtype=np.uint8), [int(c) for c in rng.integers(0, 10, count)]


def batch(count: int, seed: int) -> bytes:
    data, labels = pictures(count, seed)
    return pickle.dumps({b"batch_label": b"made", b"labels": labels, b"data": data, b"filenames": [b"a.png"]}, 2)


def archive(**changed: bytes | None) -> bytes:
    """A .tar.gz as the real one, with three pictures a batch."""
    content: dict[str, bytes | None] = {f"data_batch_{i}": batch(3, i) for i in range(1, 6)}
    content |= {"test_batch": batch(2, 9), "batches.meta": pickle.dumps({b"label_names": [b"airplane"]}, 2), **changed}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, body in content.items():
            if body is not None:
                member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
                member.size = len(body)
                tar.addfile(member, io.BytesIO(body))
    return out.getvalue()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@dataclass
class Site:
    """A web server on this machine that knows Range, and can break off, ignore Range or refuse."""

    url: str
    content: bytes = b""
    breaks_after: int | None = None
    ranges: bool = True
    status: int | None = None
    asked: list[str | None] = field(default_factory=list)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            made.asked.append(wanted)
            if made.status is not None:
                self.send_error(made.status)
                return
            begin = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and made.ranges else 0
            if begin and begin >= len(made.content):
                self.send_error(416)
                return
            self.send_response(206 if begin else 200)
            if begin:
                self.send_header("Content-Range", f"bytes {begin}-{len(made.content) - 1}/{len(made.content)}")
            rest = made.content[begin:]
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest if made.breaks_after is None else rest[: made.breaks_after])

        def log_message(self, *args: Any) -> None:
            pass

    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Site(f"http://127.0.0.1:{server.server_address[1]}/cifar.tar.gz")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def cifar(site: Site, folder: Path, split: str = "train", checksum: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    return images.cifar10(split, folder, site.url, checksum or md5(site.content))


def test_the_pictures_come_out_row_by_row_with_the_colors_last(site: Site, tmp_path: Path) -> None:
    site.content = archive()
    X, y = cifar(site, tmp_path)
    assert (X.shape, X.dtype, y.shape, y.dtype) == ((15, 32, 32, 3), np.uint8, (15,), np.int64)
    data, labels = pictures(3, 2)  # of the second batch
    for color in range(3):
        assert np.array_equal(X[4, :, :, color].ravel(), data[1, 1024 * color : 1024 * (color + 1)])
    assert list(y[3:6]) == labels
    X, y = cifar(site, tmp_path, "test")
    assert (X.shape, list(y)) == ((2, 32, 32, 3), pictures(2, 9)[1])
    assert len(site.asked) == 1  # the second time everything is there


def test_progress_is_told_on_standard_error(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.content = archive()
    cifar(site, tmp_path)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "cifar-10-python.tar.gz: " in shown.err
    assert "(100 %)" in shown.err


def test_a_broken_download_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    site.content = archive()
    site.breaks_after = 2000
    for times in (1, 2):
        with pytest.raises(images.DataError, match=f"broke off at {2000 * times} of {len(site.content)} bytes"):
            cifar(site, tmp_path)
    site.breaks_after = None
    assert len(cifar(site, tmp_path)[0]) == 15
    assert site.asked == [None, "bytes=2000-", "bytes=4000-"]
    assert not list(tmp_path.rglob("*.part"))


def test_a_server_without_ranges_sends_all_of_it_again(site: Site, tmp_path: Path) -> None:
    site.content, site.ranges, site.breaks_after = archive(), False, 2000
    with pytest.raises(images.DataError, match="broke off"):
        cifar(site, tmp_path)
    site.breaks_after = None
    assert len(cifar(site, tmp_path)[0]) == 15


@pytest.mark.parametrize("beginning", [b"of another version", b"x" * 1_000_000], ids=["short", "longer than the file"])
def test_a_beginning_that_does_not_fit_is_thrown_away(site: Site, tmp_path: Path, beginning: bytes) -> None:
    site.content = archive()
    (tmp_path / "cifar-10-python.tar.gz.part").write_bytes(beginning)
    assert len(cifar(site, tmp_path)[0]) == 15
    assert site.asked == [f"bytes={len(beginning)}-", None]


def test_a_whole_part_that_was_not_renamed_is_not_loaded_again(site: Site, tmp_path: Path) -> None:
    site.content = archive()
    (tmp_path / "cifar-10-python.tar.gz.part").write_bytes(site.content)
    assert len(cifar(site, tmp_path)[0]) == 15
    assert site.asked == [f"bytes={len(site.content)}-"]


def test_another_checksum_is_refused_and_nothing_is_kept(site: Site, tmp_path: Path) -> None:
    site.content = archive()
    with pytest.raises(images.DataError, match=f"has the checksum {md5(site.content)}, not {'0' * 32}"):
        cifar(site, tmp_path, checksum="0" * 32)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_refusal_says_who_refused_and_what_to_do(site: Site, tmp_path: Path) -> None:
    site.status = 404
    with pytest.raises(images.DataError, match=r"127.0.0.1:\d+ refused .*: 404 .*bring .* from another"):
        cifar(site, tmp_path, checksum="0" * 32)


def test_without_network_the_error_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(images.DataError, match=r"no connection to 127\.0\.0\.1:9 .*bring .* from another"):
        images.cifar10("test", tmp_path, "http://127.0.0.1:9/cifar.tar.gz")


def test_only_addresses_of_the_web_are_loaded(tmp_path: Path) -> None:
    with pytest.raises(images.DataError, match="no address of the web"):
        images.download(f"file://{__file__}", tmp_path / "x", "0" * 32)


def test_an_unknown_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one of train, test"):
        images.cifar10("validation", tmp_path)


def test_without_a_folder_the_users_cache_is_used(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    site.content = archive()
    images.cifar10("test", None, site.url, md5(site.content))
    assert (tmp_path / "flat-backprop" / "cifar-10-batches-py" / "test_batch").is_file()


# -- archives and pickles that mean harm


def test_an_archive_writes_nothing_but_its_batches(tmp_path: Path) -> None:
    out = io.BytesIO(archive())
    with tarfile.open(fileobj=out, mode="r:gz") as tar:
        kept = [(m, tar.extractfile(m).read()) for m in tar]
    bad = io.BytesIO()
    with tarfile.open(fileobj=bad, mode="w:gz") as tar:
        for name in ("../outside", "/tmp/flat-backprop-outside", "cifar-10-batches-py/../../outside", "other"):
            member = tarfile.TarInfo(name)
            member.size = 4
            tar.addfile(member, io.BytesIO(b"harm"))
        link = tarfile.TarInfo("cifar-10-batches-py/test_batch")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        for member, body in kept:
            tar.addfile(member, io.BytesIO(body))
    path, folder = tmp_path / "bad.tar.gz", tmp_path / "inner" / "folder"
    path.write_bytes(bad.getvalue())
    images.extract(path, folder)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == sorted(
        ["bad.tar.gz", "test_batch", *(f"data_batch_{i}" for i in range(1, 6))]
    )
    assert not (folder / "cifar-10-batches-py" / "test_batch").is_symlink()
    assert not Path("/tmp/flat-backprop-outside").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (archive(data_batch_3=None), r"holds no cifar-10-batches-py/data_batch_3"),
        (archive()[:3000], "cannot be unpacked"),
        (b"no archive", "cannot be unpacked"),
    ],
    ids=["a batch is missing", "cut short", "no archive"],
)
def test_a_damaged_archive_is_named(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(content)
    with pytest.raises(images.DataError, match=told):
        images.extract(path, tmp_path)
    assert not list(tmp_path.rglob("*.part"))


def test_a_batch_that_is_far_too_large_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_BATCH", 5000)
    path = tmp_path / "a.tar.gz"
    path.write_bytes(archive())
    with pytest.raises(images.DataError, match="too many"):
        images.extract(path, tmp_path)


DATA, LABELS = pictures(3, 1)
NOT_READ = {
    "a call": b"cos\nsystem\n(S'echo harm'\ntR.",
    "eval": b"c__builtin__\neval\n(S'1'\ntR.",
    "a file": b"cnumpy\nload\n(S'/etc/passwd'\ntR.",
    "an array of any size": b"cnumpy\nndarray\n(I9999999999\ntR.",
    "an array made large": b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I9999999999\ntS'b'\ntR.",
    "an array of objects": pickle.dumps({b"data": np.array([None]), b"labels": []}, 2),
    "text in another encoding": b"c_codecs\nencode\n(S'a'\nS'zip'\ntR.",
    "no dict": pickle.dumps([1, 2], 2),
    "cut short": batch(3, 1)[:500],
    "nothing": b"",
    "pictures of another size": pickle.dumps({b"data": DATA[:, 1:], b"labels": LABELS}, 2),
    "a class too few": pickle.dumps({b"data": DATA, b"labels": LABELS[1:]}, 2),
    "a class too large": pickle.dumps({b"data": DATA, b"labels": [10, 0, 0]}, 2),
    "no pictures": pickle.dumps({b"labels": LABELS}, 2),
}


@pytest.mark.parametrize("content", NOT_READ.values(), ids=NOT_READ.keys())
def test_a_pickle_that_is_no_batch_is_not_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "test_batch"
    path.write_bytes(content)
    with pytest.raises(images.DataError, match=re.escape(str(path))):
        images.read_batch(path)


def test_a_batch_as_python_2_wrote_it_is_read(tmp_path: Path) -> None:
    """The real archive comes from Python 2: its strings are bytes, its numpy is an old one. Opcodes by hand."""
    pixels = bytes(range(256)) * 12
    path = tmp_path / "test_batch"
    path.write_bytes(
        b"\x80\x02}(U\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x01M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
        b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T\x00\x0c\x00\x00" + pixels + b"tb"
        b"U\x06labels]K\x03au."
    )
    X, y = images.read_batch(path)
    assert (X.shape, list(y)) == ((1, 32, 32, 3), [3])
    assert np.array_equal(X[0, 0, :, 0], np.arange(32))


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_a_batch_of_a_newer_pickle_is_read(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "test_batch"
    path.write_bytes(pickle.dumps({b"data": DATA, b"labels": LABELS}, protocol))
    assert list(images.read_batch(path)[1]) == LABELS
