"""Real pictures: scikit-learn's small digits, and CIFAR-10 from where its authors keep it.

`digits()` needs no network, but the extra: pip install "flat-backprop[data]". `cifar10()` needs the network once; it
downloads with a checksum, goes on where a broken download stopped, and keeps the batches in a folder. Only the
standard library and numpy take part. The batches are pickles, which may run any code when they are read the usual
way; here they are read by an unpickler that can make arrays of bytes, strings, numbers and containers of these, and
nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import io
import os
import pickle
import sys
import tarfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Labels = NDArray[np.int64]

CIFAR10_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
CIFAR10_MD5 = "c58f30108f718f92721af3b95e74349a"  # published beside the link
CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
BATCHES = {
    "train": ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"),
    "test": ("test_batch",),
}
FOLDER = "cifar-10-batches-py"  # inside the archive, and where its batches are kept
MAX_BATCH = 64 << 20  # bytes of one batch; the real ones have 31 million
CHUNK = 1 << 16
TIMEOUT = 30  # seconds without a byte


class DataError(Exception):
    """Data that cannot be had, or are not what they should be. The text says what to do."""


# -- digits


def digits() -> tuple[Pixels, Labels]:
    """Scikit-learn's handwritten digits.

    Returns:
        X: (N, 8, 8) pictures, N = 1797, 0 (white) to 16 (black)
        y: (N,) the digit, 0 to 9

    Raises:
        DataError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise DataError(
            'the digits come with scikit-learn, which is not installed: pip install "flat-backprop[data]"'
        ) from error
    loaded = load_digits()
    return np.asarray(loaded.images, dtype=np.uint8), np.asarray(loaded.target, dtype=np.int64)


# -- CIFAR-10


def cifar10(
    split: str = "train", folder: Path | str | None = None, url: str = CIFAR10_URL, md5: str = CIFAR10_MD5
) -> tuple[Pixels, Labels]:
    """CIFAR-10; downloaded (170 MB) the first time, and kept in the folder.

    Args:
        split: "train" (N = 50000) or "test" (N = 10000)
        folder: where the archive and its batches are kept; without it `flat-backprop` in the user's cache
        url: where the archive is
        md5: checksum that the archive must have

    Returns:
        X: (N, 32, 32, 3) pictures, row by row from the top, red, green, blue, 0 to 255
        y: (N,) class; CIFAR10_CLASSES[c] is its name

    Raises:
        ValueError: no such split.
        DataError: the archive cannot be had, has another checksum, or does not hold what it should.
    """
    if split not in BATCHES:
        raise ValueError(f"split is {split!r}: one of {', '.join(BATCHES)}")
    root = Path(folder) if folder is not None else cache_folder()
    paths = [root / FOLDER / name for name in BATCHES[split]]
    if not all(path.is_file() for path in paths):
        archive = download(url, root / "cifar-10-python.tar.gz", md5)
        extract(archive, root)
    read = [read_batch(path) for path in paths]
    return np.concatenate([X for X, _ in read]), np.concatenate([y for _, y in read])


def cache_folder() -> Path:
    """The folder for this project in the user's cache, as the XDG rules say."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flat-backprop"


# -- download


def download(url: str, path: Path, md5: str, progress: TextIO | None = None) -> Path:
    """The file at `url` with checksum `md5`, at `path`; nothing is loaded if it is there already.

    What has come stays beside it, as `NAME.part`, when the connection breaks; the next call asks for the rest.

    Args:
        url: http or https
        path: where the file goes; its folder is made
        md5: checksum that it must have
        progress: where to tell how far it is; standard error without it

    Raises:
        DataError: no connection, refused, broken off, or another checksum.
    """
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise DataError(f"{url} is no address of the web: it should begin with https://")
    if path.is_file() and checksum(path) == md5:
        return path
    part = path.with_name(path.name + ".part")
    told = progress if progress is not None else sys.stderr
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        resumed = part.is_file() and part.stat().st_size > 0
        _load(url, part, told)
        if checksum(part) != md5 and resumed:  # the beginning was of another version, or damaged
            part.unlink()
            _load(url, part, told)
        found = checksum(part)
        if found != md5:
            part.unlink()
            raise DataError(f"{url} has the checksum {found}, not {md5}: damaged, or another version. Try again later")
        part.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written ({error}): choose another folder") from error
    return path


def checksum(path: Path) -> str:
    """MD5 of a file, in hexadecimal: against damage on the way, not against an attacker."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _load(url: str, part: Path, told: TextIO) -> None:
    """Load `url` into `part`, from the end of what is there on. Raises DataError, leaving what has come."""
    have = part.stat().st_size if part.is_file() else 0
    headers = {"User-Agent": "flat-backprop", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    host = urllib.parse.urlsplit(url).netloc
    by_hand = f"If this machine has no network, bring {url} here from another, as {part.with_suffix('')}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT) as response:
            begin = _first_byte(response, have)
            length = response.headers.get("Content-Length", "")
            size = begin + int(length) if length.isdigit() else None
            with part.open("r+b" if begin else "wb") as file:
                file.seek(begin)
                got = _copy(response, file, begin, size, part.stem, told)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and have:  # nothing lies beyond what is there: the checksum says whether it is the file
            return
        raise DataError(f"{host} refused {url}: {error.code} {error.reason}. {by_hand}") from error
    except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        now = part.stat().st_size if part.is_file() else 0
        kept = f"; {now} bytes are kept, call again to go on" if now else ""
        raise DataError(f"no connection to {host} ({reason}){kept}. {by_hand}") from error
    if size is not None and got < size:
        raise DataError(f"the download broke off at {got} of {size} bytes: call again to go on from there")


def _first_byte(response: Any, have: int) -> int:
    """Where the answer begins: `have` if the server goes on from there, 0 if it sends the whole file."""
    if response.status != 206:
        return 0
    where = response.headers.get("Content-Range", "")
    if not where.startswith(f"bytes {have}-"):
        raise http.client.HTTPException(f"asked for the bytes from {have} on, got {where or 'others'}")
    return have


def _copy(response: BinaryIO, file: BinaryIO, begin: int, size: int | None, name: str, told: TextIO) -> int:
    """Copy what comes; tell how far it is: twice a second on a terminal, every tenth elsewhere. Returns the end."""
    at, last_time, last_tenth = begin, 0.0, -1
    terminal = told.isatty()
    while chunk := response.read(CHUNK):
        file.write(chunk)
        at += len(chunk)
        tenth = 10 * at // size if size else at >> 24
        now = time.monotonic()
        if (terminal and now - last_time > 0.5) or (not terminal and tenth != last_tenth):
            last_time, last_tenth = now, tenth
            print(f"{name}: {_amount(at, size)}", end="\r" if terminal else "\n", file=told, flush=True)
    if terminal:
        print(f"{name}: {_amount(at, size)}", file=told, flush=True)
    return at


def _amount(at: int, size: int | None) -> str:
    return f"{at / 1e6:.1f} MB" if size is None else f"{at / 1e6:.1f} of {size / 1e6:.1f} MB ({100 * at // size} %)"


# -- archive


def extract(archive: Path, folder: Path) -> None:
    """Write the batches of the archive to `folder`/cifar-10-batches-py, each under the name that we know it by.

    Only members of exactly these names that are plain files of a bearable size are read. No path, link, owner or mode
    of the archive plays a part, so nothing can be written elsewhere.

    Raises:
        DataError: damaged, or a batch is missing or too large.
    """
    wanted = {f"{FOLDER}/{name}": name for names in BATCHES.values() for name in names}
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                name = wanted.get(member.name)
                if name is None or not member.isfile():
                    continue
                if member.size > MAX_BATCH:
                    raise DataError(f"{member.name} in {archive} has {member.size} bytes: too many, not CIFAR-10")
                content = tar.extractfile(member)
                assert content is not None  # it is a plain file
                with _whole(target / name) as file:
                    while chunk := content.read(CHUNK):
                        file.write(chunk)
                wanted.pop(member.name)
    except (tarfile.TarError, EOFError, OSError) as error:  # a damaged gzip raises OSError
        raise DataError(f"{archive} cannot be unpacked into {target} ({error}): delete it and try again") from error
    if wanted:
        raise DataError(f"{archive} holds no {', '.join(wanted)}: it is not the Python version of CIFAR-10")


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name only when it is written to the end."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


# -- batches


def read_batch(path: Path) -> tuple[Pixels, Labels]:
    """One batch.

    Returns:
        X: (N, 32, 32, 3) pictures
        y: (N,) classes, 0 to 9

    Raises:
        DataError: not a batch, or a pickle that asks for anything but arrays and plain values.
    """
    try:
        batch = RestrictedUnpickler(io.BytesIO(path.read_bytes()), encoding="bytes").load()
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    except Exception as error:  # pickle raises whatever a damaged file leads to
        raise DataError(f"{path} is no batch of CIFAR-10 ({type(error).__name__}: {error}): delete it") from error
    if not isinstance(batch, dict):
        raise DataError(f"{path} holds a {type(batch).__name__}, not the dict of a batch: delete it")
    data, labels = batch.get(b"data"), batch.get(b"labels")
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != 3 * 32 * 32:
        raise DataError(f"{path} holds no pictures, (N, 3072) of uint8, under b'data': delete it")
    if (
        not isinstance(labels, list)
        or len(labels) != len(data)
        or not all(type(c) is int and 0 <= c < len(CIFAR10_CLASSES) for c in labels)
    ):
        raise DataError(f"{path} holds no {len(data)} classes, 0 to 9, under b'labels': delete it")
    X = data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)  # (N, 3, 32, 32), a color a plane -> (N, 32, 32, 3)
    return np.ascontiguousarray(X), np.array(labels, dtype=np.int64)


class RestrictedUnpickler(pickle.Unpickler):
    """Reads arrays of bytes, strings, numbers, lists, tuples and dicts. Raises DataError on anything else.

    It hands out functions of this module in place of numpy's own, which would take any size, type or file.
    """

    def find_class(self, module: str, name: str) -> Any:
        """What a pickle may call, by name: the four things that arrays and bytes of an old pickle are made with."""
        package, _, rest = module.partition(".")
        if package == "numpy" and rest in ("core.multiarray", "_core.multiarray") and name == "_reconstruct":
            return _empty_array
        if (module, name) == ("numpy", "ndarray"):
            return NDARRAY
        if (module, name) == ("numpy", "dtype"):
            return _byte_dtype
        if (module, name) == ("_codecs", "encode"):
            return _latin1
        raise DataError(f"the pickle asks for {module}.{name}, which a batch does not need: it is not read")


NDARRAY = "numpy.ndarray"  # stands for the class, so that a pickle cannot call it


def _empty_array(kind: Any, shape: Any, code: Any) -> Any:
    """The array that a pickle is about to fill: it is made without entries, its state brings them."""
    if kind is not NDARRAY or shape != (0,):
        raise DataError("the pickle makes an array in an unusual way: it is not read")
    return np.empty(0, dtype=np.uint8)


def _byte_dtype(name: Any, *flags: Any) -> np.dtype[Any]:
    if name not in ("u1", b"u1"):
        raise DataError(f"the pickle holds an array of {name!r}, pictures are arrays of 'u1': it is not read")
    return np.dtype("u1", copy=True)  # a copy: a pickle may set its state


def _latin1(text: Any, encoding: Any = "latin1") -> bytes:
    """How an old pickle of a new Python writes bytes."""
    if not isinstance(text, str) or encoding != "latin1":
        raise DataError("the pickle holds text in an unusual encoding: it is not read")
    return text.encode("latin1")
