"""Folders of images become the arrays that Pillow decodes, and what is wrong in them is named."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import data
from gpugrad.errors import DataError, InvalidArgument

Image = pytest.importorskip("PIL.Image")

RNG = np.random.default_rng(0)


def pixels(height: int = 6, width: int = 5, channels: int = 3) -> np.ndarray:
    """Random ones, (height, width, channels)."""
    return RNG.integers(0, 256, (height, width, channels), np.uint8)


def save(path: Path, array: np.ndarray, **settings: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array[..., 0] if array.shape[-1] == 1 else array).save(path, **settings)
    return path


def animals(folder: Path, channels: int = 3) -> dict[str, np.ndarray]:
    """Images in folders for three classes."""
    made = {}
    for name in ("dog/2.png", "dog/10.png", "cat/b.png", "cat/a.PNG", "Zebra/1.png"):
        made[name] = pixels(channels=channels)
        save(folder / name, made[name], format="PNG")
    (folder / ".hidden").mkdir()
    (folder / "cat" / ".DS_Store").write_text("")
    return made


@pytest.mark.parametrize("channels", [1, 3])
def test_images_come_in_the_order_of_their_names_with_the_bits_of_the_files(
    tmp_path: Path, channels: int
) -> None:
    made = animals(tmp_path, channels)
    order = ["Zebra/1.png", "cat/a.PNG", "cat/b.png", "dog/10.png", "dog/2.png"]
    images = data.read_images(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in images.x.files] == order
    assert images.target.values.tolist() == ["Zebra", "cat", "cat", "dog", "dog"]
    assert (images.target.names, images.target.kind) == (("class",), "text")
    wanted = np.stack([made[name].transpose(2, 0, 1) for name in order])
    assert images.x.shape == wanted.shape == (5, channels, 6, 5)
    assert len(images.x) == 5
    numbers = np.array([4, 0, 0, 2])
    raw = data.read_images(tmp_path, dtype="uint8").x
    for x, all_of_them in ((raw, wanted), (images.x, wanted.astype(np.float32) / 255)):
        np.testing.assert_array_equal(x[:], all_of_them, strict=True)
        np.testing.assert_array_equal(x[numbers], all_of_them[numbers], strict=True)
        np.testing.assert_array_equal(x[1:3], all_of_them[1:3], strict=True)
        assert x[np.array([], np.int64)].shape == (0, channels, 6, 5)
    assert images.x[:].max() <= 1.0
    assert data.is_image_folder(tmp_path)
    assert data.is_image_folder(tmp_path / "cat")
    assert not data.is_image_folder(tmp_path / ".hidden")


def test_chunks_and_digests_are_those_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    animals(tmp_path)
    x = data.read_images(tmp_path).x
    whole, digest = x[:], x.digest().hexdigest()
    monkeypatch.setattr("gpugrad.data.images.image_rows.CHUNK", 2 * whole[0].nbytes)
    assert [len(chunk) for chunk in x.chunks()] == [2, 2, 1]
    np.testing.assert_array_equal(np.concatenate(list(x.chunks())), whole)
    np.testing.assert_array_equal(np.concatenate(list(x.chunks(np.array([3, 1])))), whole[[3, 1]])
    assert x.digest().hexdigest() == digest
    assert data.read_images(tmp_path, dtype="uint8").x.digest().hexdigest() != digest
    save(tmp_path / "cat" / "b.png", pixels())
    assert data.read_images(tmp_path).x.digest().hexdigest() != digest


def test_other_kinds_of_files_are_converted_as_pillow_does(tmp_path: Path) -> None:
    """JPEG, palettes, one bit a pixel, and what cameras turn."""
    save(tmp_path / "a.jpg", pixels(), quality=90)
    Image.fromarray(pixels()).convert("P").save(tmp_path / "b.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(pixels(5, 6)).save(tmp_path / "c.jpeg", exif=turned)
    x = data.read_images(tmp_path, dtype="uint8").x
    for i, name in enumerate(("a.jpg", "b.png")):
        with Image.open(tmp_path / name) as image:
            wanted = np.asarray(image.convert("RGB")).transpose(2, 0, 1)
        np.testing.assert_array_equal(x[i : i + 1][0], wanted)
    with Image.open(tmp_path / "c.jpeg") as image:
        wanted = np.rot90(np.asarray(image), k=-1).transpose(2, 0, 1)
    np.testing.assert_array_equal(x[2:][0], wanted)
    assert data.read_images(tmp_path).target is None
    grey = data.read_images(tmp_path, channels=1).x
    assert grey.shape == (3, 1, 6, 5)
    (tmp_path / "one").mkdir()
    Image.fromarray(pixels(channels=1)[..., 0] > 99).save(tmp_path / "one" / "bits.png")
    assert set(np.unique(data.read_images(tmp_path / "one").x[:])) == {0.0, 1.0}


def test_resized_images_are_those_of_pillow(tmp_path: Path) -> None:
    made = pixels(9, 7)
    save(tmp_path / "a.png", made)
    save(tmp_path / "b.png", pixels(20, 30))
    x = data.read_images(tmp_path, size=(4, 3), dtype="uint8").x
    wanted = Image.fromarray(made).resize((3, 4), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(x[:1][0], np.asarray(wanted).transpose(2, 0, 1))
    assert x[:].shape == (2, 3, 4, 3)
    assert data.read_images(tmp_path, size=(4, 3), channels=1).x[:].shape == (2, 1, 4, 3)


# Labels in a table.


def labelled(folder: Path, table: str) -> Path:
    for name in ("a.png", "b.png", "deep/c.png"):
        save(folder / name, pixels())
    (folder / "labels.csv").write_text(table)
    return folder


def test_a_table_says_what_is_to_be_predicted(tmp_path: Path) -> None:
    labelled(tmp_path, "file,kind,size\nb.png,cat,1.5\ndeep/c.png,dog,2\na.png,cat,3\n")
    images = data.read_images(tmp_path, target=["kind"])
    assert [path.name for path in images.x.files] == ["b.png", "c.png", "a.png"]
    assert images.target.values.tolist() == ["cat", "dog", "cat"]
    assert data.read_images(tmp_path, target=["size"]).target.values.tolist() == [1.5, 2.0, 3.0]
    with pytest.raises(DataError, match="'kind' holds words, 'size' holds numbers"):
        data.read_images(tmp_path)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("file,y\na.png,1\nb.png,2\nc.png,3\n", "line 4: column 'file' has no file of that name"),
        ("file,y\na.png,1\nb.png,2\na.png,3\n", "line 4: .* has an image that is also in line 2"),
        ("file,y\na.png,1\n", r"b\.png: it is not in labels\.csv; add a row for it"),
        ("file,y\na.png,1\n../b.png,2\n", "line 3: .* which is not in the folder of the table"),
        ("file,y\na.png,1\n/etc/passwd,2\n", "line 3: .* which is not in the folder of the table"),
        ("y,file\n1,a.png\n2,b.png\n", "column 'y' holds no names of files"),
        ("file\na.png\nb.png\n", "it has one column; expected more"),
        ("file,y\na.png,1\nb.png,\n", "line 3: column 'y' is missing"),
        ("file,y\na.png,1\nb.png,2\nlabels.csv,2\n", "neither a .png nor a .jpg"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_the_files_is_named(
    tmp_path: Path, table: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        data.read_images(labelled(tmp_path, table))


# What is wrong, and that the advice works.


def test_images_that_differ_are_named_and_the_advice_works(tmp_path: Path) -> None:
    save(tmp_path / "a.png", pixels())
    save(tmp_path / "b.png", pixels(7, 9))
    message = r"b\.png: it is 7 pixels high and 9 wide, and .*a\.png is 6 and 5; resize all with "
    with pytest.raises(DataError, match=message + r"size=\(6, 5\)"):
        data.read_images(tmp_path)
    assert data.read_images(tmp_path, size=(6, 5)).x[:].shape == (2, 3, 6, 5)
    save(tmp_path / "b.png", pixels(channels=1))
    with pytest.raises(DataError, match="convert all with `channels=1`"):
        data.read_images(tmp_path)
    for channels in (1, 3):
        assert data.read_images(tmp_path, channels=channels).x[:].shape == (2, channels, 6, 5)
    save(tmp_path / "b.png", pixels(channels=4))
    with pytest.raises(DataError, match=r"b\.png: it has transparency \(RGBA\); drop it"):
        data.read_images(tmp_path)
    assert data.read_images(tmp_path, channels=3).x[:].shape == (2, 3, 6, 5)
    palette = Image.fromarray(pixels()).convert("P")
    palette.save(tmp_path / "b.png", transparency=bytes(range(256)))
    with pytest.raises(DataError, match=r"transparency \(P\)"):
        data.read_images(tmp_path)
    assert data.read_images(tmp_path, channels=3).x[:].shape == (2, 3, 6, 5)
    Image.fromarray(np.ones((6, 5), np.uint16)).save(tmp_path / "b.png")
    with pytest.raises(DataError, match="its pixels are of the kind I;16; expected 8 bits"):
        data.read_images(tmp_path)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(
        ">I", zlib.crc32(kind + content)
    )  # fmt: skip


def bomb(width: int, height: int) -> bytes:
    """A PNG file of a few bytes that says it has so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


DAMAGED = {
    "empty": lambda good: b"",
    "text": lambda good: b"no image at all",
    "cut short": lambda good: good[: len(good) // 2],
    "changed": lambda good: good[:60] + bytes(x ^ 255 for x in good[60:80]) + good[80:],
    "GIF": lambda good: b"GIF89a" + bytes(50),
    "many pixels": lambda good: bomb(10_000, 10_000),
    "far too many pixels": lambda good: bomb(2**31 - 1, 2**31 - 1),
    "no pixels": lambda good: bomb(0, 5),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("kind", DAMAGED)
@pytest.mark.parametrize("settings", [{}, {"size": (6, 5), "channels": 3}])
def test_a_damaged_file_is_named(tmp_path: Path, kind: str, settings: dict[str, Any]) -> None:
    """When the folder is read, or else when the image is, and nothing large is allocated."""
    save(tmp_path / "a.png", pixels())
    path = save(tmp_path / "b.png", pixels())
    path.write_bytes(DAMAGED[kind](path.read_bytes()))
    with pytest.raises(DataError, match=r"b\.png: it (is no whole|has more than)") as found:
        data.read_images(tmp_path, **settings).x[:]
    assert "\n" not in str(found.value)
    assert ("has more than" in str(found.value)) == ("many" in kind)
    path.unlink()
    data.read_images(tmp_path, **settings).x[:]


def test_the_limit_of_pixels_is_pillows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "a.png", pixels(10, 10))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 99)
    with pytest.raises(DataError, match=r"more than 99 pixels.* raise PIL\.Image\.MAX_"):
        data.read_images(tmp_path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert data.read_images(tmp_path).x[:].shape == (1, 3, 10, 10)


def test_what_does_not_belong_into_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such folder"):
        data.read_images(tmp_path / "nowhere")
    with pytest.raises(DataError, match="there are no images in it"):
        data.read_images(tmp_path)
    animals(tmp_path)
    for wrong, message in (
        ("notes.txt", "it lies beside folders"), ("cat/notes.txt", "neither a .png nor a .jpg"),
        ("cat/deep/x.png", "deep: it is a folder; move it away"), ("empty/.x", "no images in it"),
    ):  # fmt: skip
        path = tmp_path / wrong
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
        with pytest.raises(DataError, match=message):
            data.read_images(tmp_path)
        path.unlink()
        if path.parent.name in ("deep", "empty"):
            path.parent.rmdir()
        data.read_images(tmp_path)
    with pytest.raises(DataError, match=r"there is no labels\.csv in it"):
        data.read_images(tmp_path, target=["kind"])
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    with pytest.raises(DataError, match="it is no ordinary file"):
        data.read_images(tmp_path)


def test_a_file_that_changes_meanwhile_is_named(tmp_path: Path) -> None:
    save(tmp_path / "a.png", pixels())
    x = data.read_images(tmp_path).x
    save(tmp_path / "a.png", pixels(3, 4))
    with pytest.raises(DataError, match=r"a\.png: it is 3 pixels high and 4 wide, and was 6 and 5"):
        x[:]
    (tmp_path / "a.png").unlink()
    with pytest.raises(DataError, match="there is no such file any more"):
        x[:]


@pytest.mark.parametrize(
    "wrong",
    [{"size": 5}, {"size": (0, 5)}, {"size": (5, 5.0)}, {"channels": 4}, {"dtype": "float64"}],
)
def test_wrong_settings_are_named(tmp_path: Path, wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(InvalidArgument, match=f"{name} is "):
        data.read_images(tmp_path, **wrong)


def test_without_pillow_the_error_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['PIL'] = None\n"
        "from gpugrad import data\n"
        "from gpugrad.errors import BackendUnavailable\n"
        "try: data.read_images('.')\n"
        "except BackendUnavailable as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert re.search(r"images need Pillow .* pip install 'gpugrad\[images\]'", done.stdout)


# Augmentation.

FUNCTIONS = {
    "flip": lambda key, x: data.random_flip(key, x),
    "flip upside down": lambda key, x: data.random_flip(key, x, rate=0.7, axis=-2),
    "crop": lambda key, x: data.random_crop(key, x, padding=2),
    "crop smaller": lambda key, x: data.random_crop(key, x, size=(4, 3)),
    "brightness": lambda key, x: data.random_brightness(key, x, most=0.3),
    "normalise": lambda key, x: data.normalise(x, [0.5, 0.4, 0.3], [0.2, 0.3, 0.4]),
}


def changed(key: np.ndarray, x: np.ndarray, kind: str) -> np.ndarray:
    """The same by hand in NumPy, with the numbers that the key gives."""
    draw = np.asarray(gg.random.uniform(key, (2,)))
    first = np.asarray(gg.random.uniform(key))
    if kind.startswith("flip"):
        rate, axis = (0.7, -2) if "upside" in kind else (0.5, -1)
        return np.flip(x, axis) if first < rate else x
    if kind.startswith("crop"):
        high, wide, padding = (4, 3, 0) if "smaller" in kind else (*x.shape[-2:], 2)
        padded = np.pad(x, [(0, 0), (padding, padding), (padding, padding)])
        room = np.array(padded.shape[-2:]) - [high, wide] + 1
        top, left = np.floor(draw * room).astype(int)
        return padded[:, top : top + high, left : left + wide]
    if kind == "brightness":
        shift = np.asarray(gg.random.uniform(key, (), -0.3, 0.3, dtype=x.dtype))
        return np.clip(x + shift, x.dtype.type(0), x.dtype.type(1))
    mean, std = (np.array(v, x.dtype)[:, None, None] for v in ([0.5, 0.4, 0.3], [0.2, 0.3, 0.4]))
    return (x - mean) / std


@pytest.mark.parametrize("kind", FUNCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("engine", ["eager", "numpy", "native"])
def test_augmentations_are_those_by_hand(kind: str, dtype: str, engine: str) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite")
    f = FUNCTIONS[kind]
    with gg.use_backend("numpy"):
        keys = gg.random.split(gg.random.key(7), 40)
        x = RNG.random((40, 3, 6, 5)).astype(dtype)
        wanted = np.stack([changed(key, row, kind) for key, row in zip(keys, x, strict=True)])
        if engine == "eager":
            found = np.stack([f(key, row) for key, row in zip(keys, x, strict=True)])
        else:
            run = gg.jit(gg.vmap(f), engine=engine)
            for _ in range(4):
                found = run(keys, x)
        np.testing.assert_allclose(found, wanted, rtol=1e-6 if dtype == "float32" else 1e-14)
        assert found.dtype == dtype
        some = [tuple(row.ravel()[:2]) for row in found]
        assert len(set(some)) > 1


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_augmentations_on_a_gpu_are_those_beside_it(kind: str) -> None:
    cupy = pytest.importorskip("cupy")
    try:
        cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError:
        pytest.skip("there is no GPU: run ci/gpu.sh on a machine with one")
    f = FUNCTIONS[kind]
    with gg.use_backend("numpy"):
        keys = gg.random.split(gg.random.key(7), 5)
        x = RNG.random((5, 3, 6, 5)).astype(np.float32)
        wanted = gg.vmap(f)(keys, x)
    with gg.use_backend("cupy"):
        run = gg.jit(gg.vmap(f))
        for _ in range(3):
            found = run(cupy.asarray(keys), cupy.asarray(x))
            assert isinstance(found, cupy.ndarray)
            np.testing.assert_allclose(found.get(), wanted, rtol=1e-5, atol=1e-6)


def test_augmentations_work_with_arrays_of_other_libraries() -> None:
    """None of them mixes arrays of NumPy with those that it is given, as CuPy's may not be."""
    strict = pytest.importorskip("array_api_strict")
    with gg.use_backend("numpy"):
        key = gg.random.key(3)
    x = RNG.random((3, 6, 5))
    for kind, f in FUNCTIONS.items():
        if kind.startswith("crop"):                 # gg.dynamic_slice knows no such arrays
            continue
        found = f(strict.asarray(key), strict.asarray(x))
        assert type(found) is type(strict.asarray(x)), kind
        np.testing.assert_allclose(np.asarray(found), f(key, x), rtol=1e-14)


def test_every_place_is_drawn_and_as_often() -> None:
    image = np.arange(1.0, 10.0).reshape(3, 3)
    with gg.use_backend("numpy"):
        keys = gg.random.split(gg.random.key(0), 2000)
        parts = gg.vmap(lambda key: data.random_crop(key, image, size=(1, 1)))(keys)
        flips = gg.vmap(lambda key: data.random_flip(key, image, rate=0.25))(keys)
        never = gg.vmap(lambda key: data.random_flip(key, image, rate=0.0))(keys[:50])
        always = gg.vmap(lambda key: data.random_flip(key, image, rate=1.0))(keys[:50])
    counts = np.bincount(parts.ravel().astype(int), minlength=10)[1:]
    assert (abs(counts - 2000 / 9) < 5 * np.sqrt(2000 / 9)).all()
    assert abs((flips[:, 0, 0] == 3.0).mean() - 0.25) < 0.05
    assert (never == image).all()
    assert (always == image[:, ::-1]).all()


def test_whole_numbers_are_flipped_and_cropped_and_nothing_else() -> None:
    image = pixels().transpose(2, 0, 1)
    with gg.use_backend("numpy"):
        key = gg.random.key(0)
        assert data.random_flip(key, image).dtype == np.uint8
        assert data.random_crop(key, image, padding=1).dtype == np.uint8
        for f in (
            lambda: data.random_brightness(key, image), lambda: data.normalise(image, 0.0, 1.0)
        ):  # fmt: skip
            with pytest.raises(InvalidArgument, match="the image is of uint8; expected floats"):
                f()
        for f, message in (
            (lambda: data.random_flip(key, image, rate=1.5), "rate is 1.5"),
            (lambda: data.random_crop(key, image, size=(9, 2)), "9 by 2 pixels does not fit"),
            (lambda: data.random_crop(key, image, padding=-1), "a padding of -1"),
            (lambda: data.random_brightness(key, image / 255.0, most=-0.1), "most is -0.1"),
            (lambda: data.normalise(image / 255.0, [0.0, 1.0], 1.0), "each of the 3 channels"),
            (lambda: data.normalise(image / 255.0, 0.0, [1.0, 0.0, 1.0]), "no std of 0"),
        ):
            with pytest.raises(InvalidArgument, match=message):
                f()
