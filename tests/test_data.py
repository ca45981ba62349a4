"""Data sets are checked, split, scaled and batched the same way for the same seed."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpugrad import data
from gpugrad.backends import numpy_namespace
from gpugrad.data import Standardiser
from gpugrad.errors import DataError
from gpugrad.train import Config
from gpugrad.train.run_data import RunData, make_run_data
from gpugrad.train.settle import settle

X = np.arange(24.0).reshape(12, 2)
Y = np.arange(12) % 3


PARTS = np.array(["train", "train", "validation", "test"] * 3)


def used(source: str | Path) -> RunData:
    """The data as a run has them, with settings of which none is given."""
    dataset = data.load(source)
    config = settle(Config(source), dataset, lambda line: None)
    return make_run_data(config, dataset, numpy_namespace)


def saved(folder: Path, **arrays: object) -> Path:
    path = folder / "data.npz"
    np.savez(path, **arrays)
    return path


def test_digits_are_the_real_scans():
    digits = data.load("digits")
    assert digits.x.shape == (1797, 64)
    assert digits.x.min() == 0
    assert digits.x.max() == 16
    assert digits.target_names == tuple("0123456789")
    assert np.bincount(digits.y).min() >= 170


@pytest.mark.parametrize(("name", "classes"), [("moons", 2), ("spirals", 3)])
def test_drawn_sets_follow_the_seed(name, classes):
    one, same, other = data.load(name, seed=1), data.load(name, seed=1), data.load(name, seed=2)
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()
    assert one.features == 2
    assert len(one.target_names) == classes
    counts = np.bincount(one.y)
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("name", data.dataset_names())
def test_every_named_set_can_be_trained_on(name):
    found, same = data.load(name, seed=3), data.load(name, seed=3)
    assert found.name == name
    assert found.fingerprint() == same.fingerprint()
    assert found.x.shape == (len(found), found.features)
    assert np.isfinite(found.x).all()
    if found.y.dtype == np.int64:
        assert np.bincount(found.y, minlength=len(found.target_names)).min() >= 3
        assert found.y.max() == len(found.target_names) - 1
    else:
        assert np.isfinite(found.y).all()
        assert found.target_names == () or len(found.target_names) == found.y.shape[1]
    used(name)


def test_fingerprint_sees_shape_and_dtype():
    x, y = np.zeros((4, 3)), np.zeros(4, np.int64)
    prints = {
        data.Dataset("", value, y).fingerprint()
        for value in (x, x.reshape(3, 4), x.astype(np.float32), np.ones((4, 3)))
    }
    assert len(prints) == 4


@given(
    counts=st.lists(st.integers(3, 40), min_size=2, max_size=6),
    seed=st.integers(0, 2**32),
)
def test_split_is_a_partition_with_every_class_in_every_part(counts, seed):
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    parts = data.split(y, seed)
    together = np.concatenate([parts.train, parts.validation, parts.test])
    assert np.array_equal(np.sort(together), np.arange(len(y)))
    for part in (parts.train, parts.validation, parts.test):
        assert np.array_equal(part, np.sort(part))
        assert set(y[part]) == set(range(len(counts)))


def test_split_follows_the_seed_and_the_shares():
    y = np.repeat(np.arange(2), 500)
    one, same, other = data.split(y, 3), data.split(y, 3), data.split(y, 4)
    assert np.array_equal(one.test, same.test)
    assert not np.array_equal(one.test, other.test)
    assert (len(one.train), len(one.validation), len(one.test)) == (700, 100, 200)


def test_standardiser_gives_mean_0_and_deviation_1():
    x = np.random.default_rng(0).normal([5.0, -1e6], [0.01, 1e4], (1000, 2))
    z = data.Standardiser.fit(x).apply(x, "float64")
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(z.std(axis=0), 1)


@pytest.mark.parametrize("constant", [0.0, 0.1, -1e9])
def test_a_constant_feature_becomes_0(constant):
    x = np.full((7, 1), constant)
    z = data.Standardiser.fit(x).apply(x, "float32")
    assert z.dtype == np.float32
    assert np.abs(z).max() < 1e-6


def test_features_that_overflow_are_refused():
    with pytest.raises(DataError, match="overflow"):
        data.Standardiser.fit(np.array([[1e300], [-1e300]]))


def test_features_far_from_the_fitted_ones_are_refused():
    fitted = data.Standardiser.fit(np.array([[0.0], [1.0]]))
    with pytest.raises(DataError, match="float32 cannot hold them"):
        fitted.apply(np.array([[1e300]]), "float32")


def test_epoch_order_is_a_function_of_seed_and_epoch():
    order = data.epoch_order(100, seed=5, epoch=7)
    assert np.array_equal(np.sort(order), np.arange(100))
    assert np.array_equal(order, data.epoch_order(100, seed=5, epoch=7))
    assert not np.array_equal(order, data.epoch_order(100, seed=5, epoch=8))
    assert not np.array_equal(order, data.epoch_order(100, seed=6, epoch=7))


@given(rows=st.integers(1, 200), size=st.integers(1, 300))
def test_batches_cover_all_rows_once(rows, size):
    bounds = list(data.batch_bounds(rows, size))
    covered = [row for start, stop in bounds for row in range(start, stop)]
    assert covered == list(range(rows))
    assert all(stop - start == size for start, stop in bounds[:-1])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint16"])
def test_npz_is_read_as_floats(tmp_path, dtype):
    found = data.load(str(saved(tmp_path, x=X.astype(dtype), y=Y.astype(np.uint8))))
    assert found.x.dtype == (np.float32 if dtype == "float32" else np.float64)
    assert found.y.dtype == np.int64
    np.testing.assert_array_equal(found.x, X)
    assert found.name == "data"


def test_npz_without_labels_can_be_read_but_not_trained_on(tmp_path):
    path = saved(tmp_path, x=X)
    assert data.load(path).y is None
    with pytest.raises(DataError, match="no array 'y'"):
        used(path)


BAD_ARRAYS = {
    "no x": (dict(a=X, y=Y), "no array 'x' in it, only a, y"),
    "vector": (dict(x=X[:, 0], y=Y), r"x has shape \(12,\)"),
    "images": (dict(x=X.reshape(3, 2, 4), y=Y[:3]), r"x\.reshape\(len\(x\), -1\)"),
    "no rows": (dict(x=X[:0], y=Y[:0]), r"x has shape \(0, 2\)"),
    "no features": (dict(x=X[:, :0], y=Y), r"x has shape \(12, 0\)"),
    "text": (dict(x=X.astype(str), y=Y), "x has dtype <U32"),
    "bool": (dict(x=X > 3, y=Y), "x has dtype bool"),
    "complex": (dict(x=X * 1j, y=Y), "x has dtype complex128"),
    "pickled": (dict(x=X.astype(object), y=Y), "pickle"),
    "nan": (dict(x=np.where(X == 3, np.nan, X), y=Y), r"1 value that .* x\[1, 1\] = nan"),
    "inf": (dict(x=np.where(X > 20, np.inf, X), y=Y), r"3 values .* x\[10, 1\] = inf"),
    "column": (dict(x=X, y=Y[:, None]), r"y has shape \(12, 1\); expected \(12,\).*y\.ravel"),
    "cube": (dict(x=X, y=Y[:, None, None]), r"y has shape \(12, 1, 1\); expected \(12,\)"),
    "no targets": (dict(x=X, y=np.zeros((12, 0))), r"y has shape \(12, 0\)"),
    "complex targets": (dict(x=X, y=Y * 1j), "y has dtype complex128"),
    "nan targets": (dict(x=X, y=np.where(Y == 1, np.nan, Y)), r"4 values .* y\[1\] = nan"),
    "infinite targets": (dict(x=X, y=np.where(X == 0, np.inf, X)), r"1 value .* y\[0, 0\] = inf"),
    "half a letter": (dict(x=X, y=np.array(["\ud800", "b"])[Y % 2]), "which is no text"),
    "too few": (dict(x=X, y=Y[:-1]), r"y has shape \(11,\); expected \(12,\)"),
    "huge": (dict(x=X, y=Y.astype(np.uint64) + np.uint64(2**63)), "too large for int64"),
    "one class": (dict(x=X, y=Y * 0), "one class only, 0"),
    "rare class": (dict(x=X, y=np.repeat([0, 1], [10, 2])), "class 1 has 2 rows.*regression"),
    "few rows": (dict(x=X[:2], y=X[:2, 0] / 2), "has 2 rows; expected at least 3"),
    "few names": (dict(x=X, y=Y, target_names=["a", "b"]), "2 target_names, but y has the labels"),
    "column names": (dict(x=X, y=X / 2, target_names=["a"]), "y has 2 columns, but target_names 1"),
    "equal names": (dict(x=X, y=Y, target_names=["a", "a", "b"]), "two of target_names are equal"),
    "numbers as names": (dict(x=X, y=Y, target_names=[1, 2, 3]), "target_names has dtype int64"),
    "few weights": (dict(x=X, y=Y, sample_weight=np.ones(3)), r"sample_weight has .* \(3,\)"),
    "text as weights": (dict(x=X, y=Y, sample_weight=Y.astype(str)), "sample_weight has dtype <U"),
    "negative weight": (dict(x=X, y=Y, sample_weight=Y - 1), r"sample_weight\[0\] is -1.0"),
    "nan weight": (dict(x=X, y=Y, sample_weight=np.where(Y == 0, np.nan, Y)),
                   r"sample_weight\[0\] is nan"),
    "no weight": (dict(x=X, y=Y, sample_weight=Y * 0), "all training rows have the weight 0"),
    "no test weight": (dict(x=X, y=Y, part=PARTS, sample_weight=PARTS == "train"),
                       "all validation rows have the weight 0"),
    "unknown part": (dict(x=X, y=Y, part=np.where(PARTS == "test", "rest", PARTS)), "'rest'; expe"),
    "few parts": (dict(x=X, y=Y, part=PARTS[:5]), r"part has dtype <U10 and shape \(5,\)"),
    "no training part": (dict(x=X, y=Y, part=["test"] * 12), "no row is given for training"),
}


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_a_bad_array_is_one_clear_line(tmp_path, case):
    arrays, message = BAD_ARRAYS[case]
    path = saved(tmp_path, **arrays)
    with pytest.raises(DataError, match=message) as caught:
        used(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def write_cut(path: Path) -> None:
    np.savez(path, x=X, y=Y)
    path.write_bytes(path.read_bytes()[:-40])


def write_damaged(path: Path) -> None:
    np.savez_compressed(path, x=np.random.default_rng(0).normal(size=(50, 2)), y=np.zeros(50, int))
    content = bytearray(path.read_bytes())
    content[150:250] = bytes(100)
    path.write_bytes(content)


def write_foreign_member(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", "this is no array")


def write_bare_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, X)


BAD_FILES = {
    "missing": lambda path: None,
    "folder": lambda path: path.mkdir(),
    "empty": lambda path: path.touch(),
    "text": lambda path: path.write_text("x,y\n1,2\n"),
    "cut short": write_cut,
    "damaged": write_damaged,
    "foreign member": write_foreign_member,
    "bare array": write_bare_array,
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_one_clear_line(tmp_path, case):
    path = tmp_path / "some.npz"
    BAD_FILES[case](path)
    with pytest.raises(DataError, match=re.escape(str(path))) as caught:
        data.load(str(path))
    assert "\n" not in str(caught.value)


def test_a_table_of_text_says_how_to_make_a_file_of_it(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text("a,b,kind\n1,2,dog\n3,4,cat\n")
    with pytest.raises(DataError, match=r"some\.csv is no \.npz file\. Tables.* read_table"):
        data.load(path)


def test_an_unknown_name_offers_the_near_miss():
    with pytest.raises(DataError, match=r"no data set 'digit', .*Did you mean 'digits'"):
        data.load("digit")
    names = ", ".join(data.dataset_names())
    assert names == "digits, breast-cancer, diabetes, iris, linnerud, wine, moons, spirals"
    with pytest.raises(DataError, match=f"{names}, or the path"):
        data.load("imagenet")


def test_large_offsets_are_no_constants():
    """Times in nanoseconds, say: their deviation is small beside them, and no dust of rounding."""
    rng = np.random.default_rng(0)
    x = np.c_[1.7e18 + np.round(rng.random(200) * 1e6), np.full(200, 0.1)]
    standardiser = Standardiser.fit(x)
    z = standardiser.apply(x, "float64")
    np.testing.assert_allclose(z[:, 0].std(), 1.0, rtol=1e-3)
    assert abs(z[:, 0].mean()) < 0.01
    assert not z[:, 1].any()


def test_deviations_that_underflow_are_refused():
    x = np.random.default_rng(0).normal(size=(50, 2))
    x[:, 1] *= 1e-170
    with pytest.raises(DataError, match="so small that their variance underflows"):
        Standardiser.fit(x)
    x[:, 1] *= 1e30
    assert 0.5 < Standardiser.fit(x).apply(x, "float64")[:, 1].std() < 2


@pytest.mark.parametrize("shape", [(7, 3), (7, 2, 3, 3), (7, 3, 2)])
def test_what_never_changes_becomes_exactly_zero(shape):
    x = np.random.default_rng(0).normal(size=shape)
    x[:, 0] = 0.1                                   # whose mean is not always 0.1
    z = Standardiser.fit(x).apply(x, "float64")
    assert not z[:, 0].any()
    assert z[:, 1].any()
