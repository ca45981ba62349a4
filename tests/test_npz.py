"""Archives that somebody made up or damaged: each is refused by name, or read as NumPy reads it."""

import io
import os
import random
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gpugrad import data
from gpugrad.errors import DataError

X = np.random.default_rng(0).normal(size=(12, 2))
Y = np.arange(12) % 3
FLIPS = int(os.environ.get("GPUGRAD_NPZ", "1500"))


def npy(header: str, body: bytes = X.tobytes(), version: tuple[int, int] = (1, 0)) -> bytes:
    """A member with any header at all."""
    text = header.encode("latin-1")
    length = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + length + text + body


def saved(array: object) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def described(shape: str = "(12, 2)", descr: str = "'<f8'", fortran: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n"


def archive(path: Path, x: bytes, method: int = zipfile.ZIP_DEFLATED, **more: bytes) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in {"x": x, "y": saved(Y), **more}.items():
            file.writestr(f"{name}.npy", content)
    return path


def refused(path: Path) -> str:
    """What is said of the file; one line that begins with its name."""
    with pytest.raises(DataError) as caught:
        data.read_files(path, from_file=False)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert len(message) < 600
    return message


HEADERS = {
    "huge shape": described("(10000000000000000000000000000000, 3)"),
    "64 bits and more": described("(4294967296, 4294967297)"),
    "more than is there": described("(12, 3)"),
    "less than is there": described("(12, 1)"),
    "a gigabyte": described("(67108864, 2)"),
    "bool": described("(True, 24)"),
    "negative": described("(-12, -2)"),
    "float": described("(12.0, 2)"),
    "text": described("('12', 2)"),
    "a list": described("[12, 2]"),
    "None": described("None"),
    "nested": described("((12, 2),)"),
    "a hundred dimensions": described(f"({'1, ' * 100})"),
    "a call": described("__import__('os').getcwd()"),
    "a power": described("(9**9**9, 2)"),
    "deep": described("(" * 3000 + "1" + ")" * 3000),
    "deep signs": described("(" + "-" * 9000 + "1, 2)"),
    "objects": described(descr="'|O'"),
    "records": described(descr="[('a', '<f4'), ('b', '<f4')]"),
    "a record of objects": described(descr="[('a', '|O')]"),
    "parts": described("(12,)", descr="('<f8', (2,))"),
    "no dtype": described(descr="'<q9'"),
    "a number for a dtype": described(descr="17"),
    "no order": described(fortran="'maybe'"),
    "a key too many": "{'descr': '<f8', 'fortran_order': False, 'shape': (12, 2), 'and': 1}",
    "a key too few": "{'descr': '<f8', 'shape': (12, 2)}",
    "no dictionary": "[1, 2]",
    "nothing": "",
    "an open bracket": "{'descr': (",
    "a null": "{'descr': '\0'}",
    "too long": described() + " " * 12_000,
    "nothing in it": described("(12, 2)", descr="'|S0'"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_made_up_header_is_refused(tmp_path: Path, case: str) -> None:
    refused(archive(tmp_path / "a.npz", npy(HEADERS[case])))


@pytest.mark.parametrize("version", [(2, 0), (3, 0), (0, 0), (255, 255)])
def test_so_is_one_of_another_version(tmp_path: Path, version: tuple[int, int]) -> None:
    refused(archive(tmp_path / "a.npz", npy(HEADERS["huge shape"], version=version)))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<f8", ">f8", ">f4", "<f2", ">i2", "|u1", "<g"])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_every_order_of_bytes_and_elements_is_read(
    tmp_path: Path, order: str, dtype: str, method: int
) -> None:
    x = np.arange(24).reshape(12, 2).astype(dtype, order=order)  # type: ignore[call-overload]
    read = data.read_files(archive(tmp_path / "a.npz", saved(x), method), from_file=False)
    found, labels = read.x, read.y
    assert found.dtype == (np.float32 if dtype == ">f4" else np.float64)
    np.testing.assert_array_equal(found, x)
    np.testing.assert_array_equal(labels, Y)


def test_a_number_too_large_for_float64_is_named(tmp_path: Path) -> None:
    x = np.full((12, 2), np.longdouble("1e4000"))
    assert "not finite" in refused(archive(tmp_path / "a.npz", saved(x)))


def lie(path: Path, *, size: int | None = None, packed: int | None = None) -> None:
    """Lets the archive say other sizes of its first member, in both of its places."""
    content = bytearray(path.read_bytes())
    central = content.index(b"PK\1\2")
    for start in (18, central + 20):
        for offset, value in ((0, packed), (4, size)):
            if value is not None:
                content[start + offset : start + offset + 4] = struct.pack("<I", value)
    path.write_bytes(content)


def bomb(path: Path) -> None:
    """Header and archive say 1 GB; a little is there."""
    archive(path, npy(described("(67108864, 2)")))
    lie(path, size=2**30 + len(npy(described("(67108864, 2)"), b"")))


def hidden_bomb(path: Path) -> None:
    """64 MB of zeros where 192 bytes are spoken of."""
    archive(path, npy(described(), bytes(2**26)))
    lie(path, size=len(npy(described(), bytes(192))))


def long_header(path: Path) -> None:
    """A header that says that it is 64 MB long, and is."""
    archive(path, npy(" " * 2**26, version=(2, 0)))


@pytest.mark.parametrize("make", [bomb, hidden_bomb, long_header])
def test_memory_grows_with_what_is_there(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(path := tmp_path / "a.npz")
    tracemalloc.start()
    try:
        refused(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2**23


def encrypted(path: Path) -> None:
    content = bytearray(archive(path, saved(X)).read_bytes())
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)


def other_method(path: Path) -> None:
    archive(path, saved(X), zipfile.ZIP_LZMA)


def duplicate(path: Path) -> None:
    archive(path, saved(X))
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as file:
        warnings.simplefilter("ignore")
        file.writestr("x.npy", saved(X + 1))


def duplicate_by_suffix(path: Path) -> None:
    archive(path, saved(X))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("x", saved(X + 1))


def wrong_checksum(path: Path) -> None:
    archive(path, saved(X), zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[content.index(X.tobytes()[:40]) + 3] ^= 4
    path.write_bytes(content)


def paths_for_names(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for name in ("../x.npy", "/x.npy", "x.npy/", "./x.npy"):
            file.writestr(name, saved(X))


def pickled(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x.npy", b"cos\nsystem\n(S'touch ran'\ntR.")


def pickled_objects(path: Path) -> None:
    np.savez(path, x=np.array([[{}, 1.0]], dtype=object), y=Y)


def many_others(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for i in range(3000):
            file.writestr(f"column {i}.npy", b"")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_loop(path: Path) -> None:
    path.symlink_to(path)


FILES = {
    encrypted: "encrypted", other_method: "compressed in a way", duplicate: "more than one array",
    duplicate_by_suffix: "more than one array", wrong_checksum: "CRC",
    paths_for_names: "no array 'x'", pickled: "no array", pickled_objects: "never read",
    many_others: "no array 'x'", a_pipe: "no ordinary file", a_device: "no ordinary file",
    a_loop: "symbolic links",
}  # fmt: skip


@pytest.mark.parametrize("make", FILES, ids=lambda make: make.__name__)
def test_a_hostile_archive_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    make(path := tmp_path / "a.npz")
    assert FILES[make] in refused(path)
    assert [each.name for each in tmp_path.iterdir()] == ["a.npz"]


def test_what_zipfile_warns_of_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newer Pythons only warn of members that overlap."""
    path = archive(tmp_path / "a.npz", saved(X))
    data.read_files(path, from_file=False)
    opened = zipfile.ZipFile.open

    def warning(self: zipfile.ZipFile, *args: object) -> object:
        warnings.warn("Overlapped entries", stacklevel=2)
        return opened(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(zipfile.ZipFile, "open", warning)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert "Overlapped entries" in refused(path)


def test_what_the_system_refuses_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "too long" in refused(tmp_path / f"{'n' * 300}.npz")
    assert "no readable" in refused(tmp_path / "a\0b.npz")
    assert "no readable" in refused(tmp_path / "\ud800.npz")
    assert "no such file" in refused(tmp_path / "missing.npz")
    path = archive(tmp_path / "a.npz", saved(X))

    def denied(path: Path) -> None:                 # root may read every file
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(zipfile, "ZipFile", denied)
    assert "(Permission denied)" in refused(path)


def flipped(content: bytes, chance: random.Random) -> bytes:
    """A bit here and there is another, a part is gone, doubled or of zeros."""
    kind, changed = chance.randrange(4), bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at, length = chance.randrange(len(changed)), chance.choice((1, 4, 30))
        if kind == 0:
            changed[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del changed[at : at + length]
        elif kind == 2:
            changed[at:at] = changed[at : at + length]
        else:
            changed[at : at + length] = bytes(length)
    return bytes(changed)


WORDS = (
    "True", "-1", "0", "12", "2", "24", "1e9", "2**99", "9" * 40, "0x" + "f" * 99, "None", "()",
    "(12, 2)", "(2, 12)", "'<f8'", "'|O'", "'<U6'", "'|V8'", "'<M8[s]'", "'>f4'", "'<c16'", "{}",
    "[('a', '<f8')]", "'\\x00'", "12L", "{1}", "*", "(", ")", "'", ":", ",", "\n", "\0", "é",
)  # fmt: skip


def mutated(chance: random.Random) -> bytes:
    """A member whose header has another word in some place; the rest of it fits."""
    parts = ["{'descr': ", "'<f8'", ", 'fortran_order': ", "False", ", 'shape': ", "(12, 2)", "}"]
    for _ in range(chance.choice((1, 1, 2, 3))):
        parts[chance.randrange(len(parts))] = chance.choice(WORDS)
    return npy("".join(parts), version=chance.choice(((1, 0), (1, 0), (2, 0))))


def same_as_numpy(path: Path) -> bool:
    """Whether the file was read; if so, as NumPy reads it."""
    try:
        read = data.read_files(path, from_file=False)
    except DataError:
        return False
    # Not numpy.load, which looks at the first bytes of the file too: what is before the archive.
    with warnings.catch_warnings(), np.lib.npyio.NpzFile(str(path)) as expected:
        warnings.simplefilter("ignore")             # of headers that Python 2 wrote
        np.testing.assert_array_equal(read.x, expected["x"])
        assert (read.y is None) == ("y" not in expected)
        if read.y is not None:
            np.testing.assert_array_equal(read.y, expected["y"])
    return True


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_damage_anywhere_is_refused_or_does_no_harm(tmp_path: Path, method: int) -> None:
    chance = random.Random(method)
    content = archive(tmp_path / "a.npz", saved(X), method).read_bytes()
    read = 0
    for _ in range(FLIPS):
        (path := tmp_path / "b.npz").write_bytes(flipped(content, chance))
        read += same_as_numpy(path)
    assert 0 < read < FLIPS / 2                     # a date of a member, say, may change


def test_headers_with_other_words_are_refused_or_read_as_numpy_reads_them(tmp_path: Path) -> None:
    chance = random.Random(7)
    read = 0
    for _ in range(2 * FLIPS):
        path = archive(tmp_path / "a.npz", mutated(chance), zipfile.ZIP_STORED)
        read += same_as_numpy(path)
    assert 0 < read < FLIPS
