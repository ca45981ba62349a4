"""Training on tables: from a file or a library to a model, and from a model to predictions."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stopped_runs import Crash, CrashAfter

import gpugrad as gg
from gpugrad import data
from gpugrad.cli.app import run
from gpugrad.errors import BackendUnavailable, DataError, GpugradError, InvalidArgument
from gpugrad.train import Config, Observer, TrainedModel, fit, resume, start
from gpugrad.train.run_data import Fitted
from gpugrad.train.tabular_data import targets_of

pytestmark = pytest.mark.usefixtures("no_pictures")

ROWS = 120
RNG = np.random.default_rng(0)
SIZE = RNG.uniform(50, 200, ROWS).round(2)
GARDEN = RNG.random(ROWS) < 0.5
TOWN = np.array(["Bonn", "Köln", "Ulm"])[RNG.integers(0, 3, ROWS)]
COLUMNS: dict[str, Any] = {
    "id": np.array([f"h{i}" for i in range(ROWS)]),
    "size": SIZE,
    "garden": GARDEN,
    "town": TOWN,
    "floor": RNG.integers(0, 4, ROWS),
    "price": (3 * SIZE + 20 * GARDEN + RNG.normal(0, 5, ROWS)).round(2),
    "kind": np.where(SIZE > 120, "house", "flat"),
    "times": RNG.integers(1, 4, ROWS),
}
FAST: dict[str, Any] = {"epochs": 4, "hidden": (8,), "backend": "numpy"}
PRICE: dict[str, Any] = {"target": "price", "drop": ["id", "kind", "times"]}
WORDS = ["--epochs", "4", "--hidden", "8", "--backend", "numpy"]


def written(path: Path, columns: dict[str, Any], order: Any = None, sep: str = ",") -> Path:
    rows = range(len(next(iter(columns.values())))) if order is None else order
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, delimiter=sep)
        out.writerow(columns)
        for i in rows:
            cells = [each[i] for each in columns.values()]
            out.writerow([str(c).lower() if isinstance(c, bool | np.bool_) else c for c in cells])
    return path


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def houses(here: Path) -> str:
    written(here / "houses.csv", COLUMNS)
    return "houses.csv"


@pytest.fixture
def trained(houses: str) -> str:
    """The folder of a model of prices."""
    words = ["train", houses, "--target", "price", "--drop", "id,kind,times", "--out", "run"]
    assert run([*words, *WORDS]) == 0
    return "run"


def weights(model: TrainedModel) -> list[np.ndarray]:
    return list(gg.tree.leaves(model.network))


def equal(one: TrainedModel, other: TrainedModel) -> bool:
    return all(map(np.array_equal, weights(one), weights(other)))


def frames(columns: dict[str, Any]) -> dict[str, Any]:
    """The table in all libraries there are."""
    found: dict[str, Any] = {"dictionary": columns, "Table": data.as_table(columns)}
    for name in ("pandas", "polars"):
        try:
            found[name] = __import__(name).DataFrame(columns)
        except ImportError:
            continue
    try:
        import pyarrow
    except ImportError:
        return found
    return {**found, "pyarrow": pyarrow.table({k: v.tolist() for k, v in columns.items()})}


# In a program


def test_equal_tables_train_alike_wherever_they_are(houses: str) -> None:
    wanted = fit(COLUMNS, **PRICE, **FAST)
    assert wanted.described.inputs.encoder is not None
    assert wanted.described.inputs.encoder.names == (
        "size", "garden", "town=Bonn", "town=Köln", "town=Ulm", "floor"
    )  # fmt: skip
    for table in (*frames(COLUMNS).values(), data.read_table(houses)):
        found = fit(table, **PRICE, **FAST)
        assert equal(found, wanted)
        np.testing.assert_array_equal(found.predict(table), wanted.predict(COLUMNS))
        assert found.described.fingerprint == wanted.described.fingerprint


def test_a_table_is_the_matrix_that_its_encoder_makes(houses: str) -> None:
    """The same bits come of the encoded rows, given as an array."""
    model = fit(COLUMNS, **PRICE, **FAST)
    table = data.as_table({n: x for n, x in COLUMNS.items() if n not in ("id", "kind", "times")})
    x = data.Encoder.fit(table, target=["price"]).encode(table)
    assert equal(model, fit(x, COLUMNS["price"], **FAST))


def test_what_is_fitted_depends_on_training_rows_alone() -> None:
    """Not on others' numbers, nor on what is missing there."""
    part = np.where(np.arange(ROWS) < 80, "train", "test")
    columns = {"part": part, **{n: COLUMNS[n] for n in ("size", "town", "price")}}
    settings: dict[str, Any] = {"target": "price", "split": "given", "missing": "mean", **FAST}
    one = fit(columns, **settings)
    other = dict(columns)
    other["size"] = np.where(part == "test", SIZE * 1000, SIZE)
    other["price"] = np.where(part == "test", -1.0, COLUMNS["price"])
    other["town"] = [None if p == "test" else t for p, t in zip(part, TOWN, strict=True)]
    found = fit(other, **settings)
    assert equal(one, found)
    assert one.described.inputs == found.described.inputs or (
        one.described.inputs.to_json() == found.described.inputs.to_json()
    )
    assert same(one.fitted, found.fitted)
    moved = dict(columns, size=np.where(part == "train", SIZE * 2, SIZE))
    assert not same(one.fitted, fit(moved, **settings).fitted)


def same(one: Fitted, other: Fitted) -> bool:
    pairs = ((one.features, other.features), (one.targets, other.targets))
    return all(
        np.array_equal(a.mean, b.mean) and np.array_equal(a.scale, b.scale)
        for a, b in pairs if a is not None and b is not None
    )  # fmt: skip


def test_targets_of_all_kinds() -> None:
    cases: dict[str, tuple[dict[str, Any], str, Any]] = {
        "number": ({"target": "price"}, "regression", ("price",)),
        "two": ({"target": ["price", "size"]}, "regression", ("price", "size")),
        "word": ({"target": "kind"}, "binary", ("flat", "house")),
        "whole": ({"target": "floor"}, "multiclass", ("0", "1", "2", "3")),
        "truth": ({"target": "garden"}, "binary", ("False", "True")),
        "several truths": ({"target": ["garden", "new"]}, "multilabel", ("garden", "new")),
        "classes of numbers": (
            {"target": "floor", "categorical": "floor"}, "multiclass", ("0", "1", "2", "3")
        ),
    }  # fmt: skip
    table = {**COLUMNS, "new": SIZE > 70}
    for settings, task, names in cases.values():
        left = [n for n in ("id", "kind", "times") if n not in settings["target"]]
        model = fit(table, drop=left, **settings, **FAST)
        assert (model.task.name, model.classes) == (task, names)
        found = model.predict(table)
        y = targets_of(data.as_table(table), model.config.target, model.config.categorical)
        assert found.shape == y.shape
        assert model.evaluate(table).rows == ROWS
        assert model.evaluate(table).values == model.evaluate(table, y).values
    assert fit(table, target="garden", drop=["id"], **FAST).predict(table).dtype == bool


def test_weights_of_rows_may_be_a_column_or_an_array() -> None:
    column = fit(COLUMNS, target="price", drop=["id", "kind"], sample_weight="times", **FAST)
    array = fit(COLUMNS, **PRICE, sample_weight=COLUMNS["times"], **FAST)
    assert equal(column, array)
    assert not equal(column, fit(COLUMNS, **PRICE, **FAST))


def test_targets_may_stand_beside_the_table() -> None:
    features = {name: COLUMNS[name] for name in ("size", "garden", "town", "floor")}
    model = fit(features, COLUMNS["price"], **FAST)
    assert equal(model, fit(COLUMNS, **PRICE, **FAST))
    with pytest.raises(InvalidArgument, match="target is 'price', and y is given"):
        fit(COLUMNS, COLUMNS["price"], **PRICE, **FAST)
    with pytest.raises(InvalidArgument, match=r"target is \('price',\), which is for tables"):
        fit(SIZE[:, None], COLUMNS["price"], target="price", **FAST)
    with pytest.raises(DataError, match=r"there is no y to learn from; give fit\(x, y\)"):
        fit(SIZE[:, None], **FAST)


def test_new_rows_may_have_columns_in_any_order_and_more_of_them() -> None:
    model = fit(COLUMNS, **PRICE, **FAST)
    wanted = model.predict(COLUMNS)
    shuffled = {name: COLUMNS[name] for name in ("town", "floor", "garden", "size")}
    np.testing.assert_array_equal(model.predict({**shuffled, "more": SIZE}), wanted)
    del shuffled["floor"]
    with pytest.raises(DataError, match="there is no column 'floor', of which the model was made"):
        model.predict(shuffled)
    with pytest.raises(DataError, match="or rename 'Floor' if that is it"):
        model.predict({**shuffled, "Floor": COLUMNS["floor"]})
    with pytest.raises(DataError, match="without names of columns, but the model was trained on a"):
        model.predict(np.zeros((3, 6)))
    of_arrays = fit(SIZE[:, None], COLUMNS["price"], **FAST)
    with pytest.raises(DataError, match=r"it is a table, but .* array of shape \(rows, 1\)"):
        of_arrays.predict({"size": SIZE})


def test_categories_that_nobody_knows_are_refused_or_ignored() -> None:
    new = dict(COLUMNS, town=np.array(["Rome"] * ROWS))
    with pytest.raises(DataError, match=r"row 0 .*'Rome', a category .* or set `unknown` to 'ig"):
        fit(COLUMNS, **PRICE, **FAST).predict(new)
    model = fit(COLUMNS, **PRICE, unknown="ignore", **FAST)
    assert np.isfinite(model.predict(new)).all()


def test_unknown_categories_can_be_ignored_by_a_model_that_refuses_them() -> None:
    new = dict(COLUMNS, town=np.array(["Rome"] * ROWS))
    refusing, ignoring = (fit(COLUMNS, **PRICE, **FAST, unknown=x) for x in ("refuse", "ignore"))
    expected = ignoring.predict(new)
    np.testing.assert_array_equal(refusing.predict(new, unknown="ignore"), expected)
    scores = refusing.evaluate(new, unknown="ignore")
    assert scores.values == ignoring.evaluate(new).values
    with pytest.raises(DataError, match="'Rome'"):              # it is as it was
        refusing.predict(new)
    with pytest.raises(DataError, match="'Rome'"):
        ignoring.predict(new, unknown="refuse")
    with pytest.raises(InvalidArgument, match="unknown is 'skip'; expected one of refuse, ignore"):
        refusing.predict(new, unknown="skip")
    of_arrays = fit(SIZE[:, None], COLUMNS["price"], **FAST)
    with pytest.raises(InvalidArgument, match="unknown is 'ignore', which is for tables"):
        of_arrays.predict(SIZE[:, None], unknown="ignore")


def test_the_command_line_ignores_unknown_categories(
    trained: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(here / "new.csv", dict(COLUMNS, town=np.array(["Rome"] * ROWS)))
    assert run(["predict", trained, "new.csv"]) == 2
    assert "set --unknown to 'ignore'" in capsys.readouterr().err
    assert run(["predict", trained, "new.csv", "--unknown", "ignore"]) == 0
    assert run(["predict", trained, "new.csv", "--unknown", "no"]) == 2
    assert "--unknown is 'no'; expected one of" in capsys.readouterr().err


def test_a_missing_cell_in_new_rows_has_advice_that_can_be_followed(
    trained: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("new.csv").write_text(Path("houses.csv").read_text())
    lines = Path("new.csv").read_text().splitlines()
    place = lines[0].split(",").index("size")
    cells = lines[1].split(",")
    lines[1] = ",".join([*cells[:place], "", *cells[place + 1 :]])
    Path("new.csv").write_text("\n".join(lines) + "\n")
    assert run(["predict", trained, "new.csv"]) == 2
    error = capsys.readouterr().err
    assert "there is 1 such cell in this column. Fill them in, or train with --missing" in error


def test_a_saved_model_predicts_the_same(here: Path) -> None:
    columns = dict(COLUMNS, size=[None if i % 7 == 0 else x for i, x in enumerate(SIZE)])
    model = fit(columns, **PRICE, missing="indicator", ordinal=["town"], **FAST)
    model.save("saved")
    again = TrainedModel.load("saved", "numpy")
    np.testing.assert_array_equal(again.predict(columns), model.predict(columns))
    inputs = again.described.inputs
    assert inputs.to_json() == model.described.inputs.to_json()
    assert inputs.encoder is not None
    assert "size is missing" in inputs.encoder.names


# On the command line


def test_from_a_table_to_predictions(trained: str, capsys: pytest.CaptureFixture[str]) -> None:
    order = RNG.permutation(ROWS)[:30]
    rows = {n: COLUMNS[n] for n in ("town", "id", "floor", "size", "garden")}
    written(Path("new.csv"), {**rows, "size": SIZE + 0.001}, sep=";")
    written(Path("some.csv"), rows, order)
    capsys.readouterr()
    assert run(["predict", trained, "new.csv", "--id", "id", "--out", "new.npz"]) == 0
    assert "R²" not in capsys.readouterr().out
    with np.load("new.npz") as found:
        assert found["id"].tolist() == COLUMNS["id"].reshape(-1, 1).tolist()
        assert set(found["part"]) == {"new"}
        model = TrainedModel.load(trained, "numpy")
        wanted = model.predict({**COLUMNS, "size": SIZE + 0.001})
        np.testing.assert_array_equal(found["prediction"], wanted)
    assert run(["predict", trained, "some.csv", "--id", "id", "--out", "some.csv.csv"]) == 0
    with open("some.csv.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == ["row", "id", "part", "prediction"]
    assert [line["id"] for line in lines] == COLUMNS["id"][order].tolist()
    assert [line["row"] for line in lines] == [str(i) for i in range(30)]
    wanted = model.predict(COLUMNS)[order]
    np.testing.assert_array_equal([float(line["prediction"]) for line in lines], wanted)
    parts = parts_of_rows("houses.csv", trained)
    assert [line["part"] for line in lines] == [parts[i] for i in order]
    assert set(parts) == {"train", "validation", "test"}


def parts_of_rows(source: str, folder: str) -> list[str]:
    """The part of each row of the run's own table, as `predict` has it."""
    out = Path("parts.npz")
    out.unlink(missing_ok=True)
    assert run(["predict", folder, source, "--out", str(out)]) == 0
    with np.load(out) as found:
        return list(found["part"])


def test_classes_are_named_and_scored_in_new_rows(
    houses: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", houses, "--target", "kind", "--drop", "id", "--drop", "price,times"]
    assert run([*words, *WORDS, "--out", "run"]) == 0
    rows = {name: x[:9] for name, x in COLUMNS.items()}
    written(Path("known.csv"), rows)
    written(Path("gap.csv"), {**rows, "kind": [""] * 9})
    written(Path("strange.csv"), {**rows, "kind": ["castle"] * 9})
    capsys.readouterr()
    assert run(["predict", "run", "known.csv", "--out", "p.csv"]) == 0
    assert "accuracy" in capsys.readouterr().out
    head = Path("p.csv").read_text().splitlines()[0]
    assert head == "row,part,prediction,probability flat,probability house"
    assert run(["predict", "run", "gap.csv"]) == 0
    said = capsys.readouterr().out
    assert "gap.csv: cells of kind are missing, so nothing is scored" in said
    assert "accuracy" not in said
    assert run(["predict", "run", "strange.csv"]) == 2
    assert "the label 'castle', but the model knows the 2 classes" in capsys.readouterr().err


def test_columns_that_are_not_used_are_named(
    trained: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written(Path("more.csv"), {**COLUMNS, "colour": TOWN})
    capsys.readouterr()
    assert run(["predict", trained, "more.csv"]) == 0
    assert "the column colour is not used: the model was made without it" in capsys.readouterr().out


def test_categories_that_look_like_numbers_stay_categories(here: Path) -> None:
    """Also where all cells of new rows happen to be numbers, and with zeros in front."""
    zips = [("01", "1", "x")[i % 3] for i in range(ROWS)]
    written(here / "t.csv", {"zip": zips, "floor": COLUMNS["floor"]})
    written(here / "new.csv", {"zip": ["01", "1"], "floor": [1, 2]})
    words = ["train", "t.csv", "--target", "floor", "--categorical", "zip", *WORDS]
    assert run([*words, "--task", "regression", "--out", "run"]) == 0
    encoder = TrainedModel.load("run", "numpy").described.inputs.encoder
    assert encoder is not None
    assert encoder.names[:3] == ("zip=01", "zip=1", "zip=x")
    assert run(["predict", "run", "new.csv", "--id", "zip", "--out", "p.npz"]) == 0
    with np.load("p.npz") as found:
        assert found["id"].ravel().tolist() == ["01", "1"]
        assert found["prediction"][0] != found["prediction"][1]


def test_targets_that_look_like_numbers_are_the_words_that_were_learned(here: Path) -> None:
    grades = np.array(["1a", "2", "3"])[RNG.integers(0, 3, ROWS)]
    written(here / "t.csv", {"size": SIZE, "grade": grades})
    written(here / "new.csv", {"size": SIZE[:2], "grade": ["2", "3"]})
    words = ["train", "t.csv", "--target", "grade", "--categorical", "grade", *WORDS]
    assert run([*words, "--out", "run"]) == 0
    assert run(["predict", "run", "new.csv"]) == 0


@pytest.mark.parametrize("ending", ["parquet", "feather", "arrow"])
def test_files_of_other_libraries_train_like_text(
    houses: str, trained: str, ending: str
) -> None:
    pytest.importorskip("narwhals")
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({name: x.tolist() for name, x in COLUMNS.items()})
    if ending == "parquet":
        pytest.importorskip("pyarrow.parquet").write_table(table, "t.parquet")
    else:
        pytest.importorskip("pyarrow.feather").write_feather(table, f"t.{ending}")
    words = ["train", f"t.{ending}", "--target", "price", "--drop", "id,kind,times", *WORDS]
    assert run([*words, "--out", "other"]) == 0
    one, other = (TrainedModel.load(folder, "numpy") for folder in (trained, "other"))
    assert equal(one, other)
    assert set(parts_of_rows(f"t.{ending}", trained)) == {"train", "validation", "test"}


def test_text_files_need_nothing_else(
    houses: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gpugrad.data.tables.of_others.import_module", not_there)
    monkeypatch.setitem(sys.modules, "PIL", None)
    words = ["train", houses, "--target", "price", "--drop", "id,kind,times", *WORDS]
    assert run([*words, "--out", "run"]) == 0
    assert run(["predict", "run", houses]) == 0
    Path("t.parquet").write_bytes(b"PAR1")
    assert run(["train", "t.parquet", "--target", "price"]) == 2
    assert "pip install" in capsys.readouterr().err
    with pytest.raises(BackendUnavailable, match="narwhals"):
        fit(object.__new__(type("Frame", (), {"columns": ()})), target="a")


def not_there(name: str) -> Any:
    raise ModuleNotFoundError(f"No module named '{name}'")


def test_names_with_commas_are_quoted(here: Path) -> None:
    written(here / "t.csv", {"size, m2": SIZE, "a": SIZE[::-1], "b": SIZE + 1, "price": SIZE * 3})
    words = ["train", "t.csv", "--target", "price", "--drop", '"size, m2",a', *WORDS]
    assert run([*words, "--out", "run"]) == 0
    encoder = TrainedModel.load("run", "numpy").described.inputs.encoder
    assert encoder is not None
    assert encoder.names == ("b",)


def test_arrays_in_two_files(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", SIZE[:, None])
    np.save("y.npy", COLUMNS["price"])
    assert run(["train", "x.npy", "--target", "y.npy", *WORDS, "--out", "run"]) == 0
    model = TrainedModel.load("run", "numpy")
    assert run(["predict", "run", "x.npy", "--out", "p.npz"]) == 0
    with np.load("p.npz") as found:
        np.testing.assert_array_equal(found["prediction"], model.predict(SIZE[:, None]))
    Path("elsewhere").mkdir()
    assert run(["train", "--resume", "run"]) == 0
    assert run(["train", "x.npy", *WORDS]) == 2
    assert "name the file with the targets in --target" in capsys.readouterr().err


# What is wrong with a table or with what is asked


REFUSED: dict[str, tuple[list[str], str]] = {
    "no target": ([], "not said which column .* --target. There are id, size, garden"),
    "another target": (["--target", "prize"], "no column 'prize' to be predicted.* mean 'price'"),
    "a name of rows": (["--target", "price"], "'id' has another word in each row.*in --drop"),
    "two roles": (["--target", "price", "--drop", "price"], "named as --target and as --drop"),
    "no such column": (["--target", "price", "--drop", "ids"], "no column 'ids'.* mean 'id'"),
    "words as numbers": (
        ["--target", "town", "--drop", "id", "--task", "regression"],
        "houses.csv, target town: y holds texts, such as .*leave the task out",
    ),
    "two of words": (["--target", "town,kind", "--drop", "id"], "or one of words"),
    "words as weights": (
        ["--target", "price", "--drop", "id", "--sample-weight", "town"], "'town' holds words"
    ),
    "no parts": (
        ["--target", "price", "--drop", "id", "--split", "given"], "no column 'part', of train, val"
    ),
    "from its file": (["--target", "price", "--from-file"], "read into memory.*leave --from-file"),
    "size": (["--target", "price", "--size", "8x8"], "size is .*, which is for folders of images"),
    "no size": (["--target", "price", "--size", "8"], "size is '8'; expected .* such as 32x32"),
    "changes": (
        ["--target", "price", "--drop", "id", "--augment", "flip"], "augment is 'flip', which is"
    ),
    "convnet": (
        ["--target", "price", "--drop", "id", "--model", "convnet"], "'convnet', which is for"
    ),
    "own": (["--target", "price", "--model", "own"], "only gpugrad.train.fit takes a model"),
    "bad quotes": (["--target", '"price'], "separated by commas, and one with a comma"),
    "twice": (["--target", "price,price"], "a list in which no name is there twice"),
    "missing": (["--target", "price", "--missing", "means"], "Did you mean 'mean'"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_said_in_one_line(
    houses: str, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words, message = REFUSED[case]
    assert run(["train", houses, *words, *WORDS, "--out", "run"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert re.search(message, said), said
    assert not Path("run").exists()


def changed(name: str, place: int, cell: Any) -> dict[str, Any]:
    column = list(COLUMNS[name])
    column[place] = cell
    return {**COLUMNS, name: column}


TABLES: dict[str, tuple[Any, list[str], list[str], str]] = {
    "a missing cell": (
        lambda p: written(p, changed("size", 5, "")),
        [], ["--missing", "median"], "line 7: column 'size' is missing; .*train with --missing set",
    ),
    "a missing target": (
        lambda p: written(p, changed("price", 5, "")), [], [],
        r"line 7: column 'price' is missing; .*Nothing can be learned from these rows",
    ),
    "a word among numbers": (
        lambda p: written(p, changed("floor", 5, "high")),
        [], ["--categorical", "floor", "--unknown", "ignore"],
        r"line 7: column 'floor' has 'high' and, in other rows, numbers.*--categorical .* --drop",
    ),
    "a word among targets": (
        lambda p: written(p, changed("price", 5, "high")), [], [], "column 'price' has 'high' and"
    ),
    "a rare category": (
        lambda p: written(p, changed("town", rare(), "Rome")),
        [], ["--unknown", "ignore"], "'Rome', a category that the rows to learn from do not have",
    ),
    "many words": (
        lambda p: written(p, {**COLUMNS, "town": [f"t{i % 60}" for i in range(ROWS)]}),
        ["--unknown", "ignore"], [], "",
    ),
    "a name twice": (
        lambda p: p.write_text("a,a,price\n1,2,3\n"), [], [], "two columns 'a', the second"
    ),
    "no rows": (lambda p: p.write_text("a,price\n"), [], [], "no rows below its line of names"),
    "nothing": (lambda p: p.write_text(""), [], [], "its first line is empty"),
    "no names": (lambda p: p.write_text("1,2\n3,4\n"), [], [], "write a line of names above it"),
    "a huge cell": (
        lambda p: p.write_text(f'a,price\n"{"x" * 200_000},1\n'), [], [], "t.csv, line 2: .*",
    ),
    "no table": (lambda p: p.write_bytes(b"\0" * 2000), [], [], "t.csv"),
}  # fmt: skip


def rare() -> int:
    """A row that is not for training."""
    parts = data.split_rows(ROWS, 0)
    return int(parts.test[0])


@pytest.mark.parametrize("case", TABLES)
def test_wrong_tables_are_named_and_the_advice_works(
    here: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make, words, remedy, message = TABLES[case]
    make(here / "t.csv")
    left = "id,kind,times" if "price\n" not in (here / "t.csv").read_text()[:99] else "a"
    command = ["train", "t.csv", "--target", "price", "--drop", left, *WORDS, *words]
    command += ["--out", "run"]
    if message:
        assert run(command) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert re.search(message, said), said
        assert not Path("run").exists()
    if remedy or not message:
        assert run([*command, *remedy]) == 0


def test_one_class_is_too_few(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(here / "t.csv", {"size": SIZE, "kind": ["flat"] * ROWS})
    assert run(["train", "t.csv", "--target", "kind"]) == 2
    assert "t.csv, target kind: y has one class only, 'flat'" in capsys.readouterr().err
    written(here / "t.csv", {"size": SIZE, "kind": ["flat"] * (ROWS - 1) + ["castle"]})
    assert run(["train", "t.csv", "--target", "kind"]) == 2
    assert "class castle has 1 row; expected at least 3" in capsys.readouterr().err


def test_another_encoding_is_named_and_the_advice_works(
    houses: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if subprocess.run(["sh", "-c", "command -v iconv"], capture_output=True).returncode:
        pytest.skip("there is no iconv")
    text = Path(houses).read_text(encoding="utf-8")
    for encoding in ("utf-16", "cp1252"):
        Path("old.csv").write_text(text, encoding=encoding)
        assert run(["train", "old.csv", "--target", "price"]) == 2
        command = re.search(r"iconv .*$", capsys.readouterr().err)
        assert command is not None
        subprocess.run(command[0], shell=True, check=True)
        assert Path("new.csv").read_text(encoding="utf-8") == text


def test_predictions_for_what_the_model_does_not_take(
    trained: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, message in (
        (["moons"], r"it is no table, but .* with the columns size, garden, town, floor"),
        (["houses.csv", "--id", "ids"], r"no column 'ids' to repeat\. Did you mean 'id'"),
        (["houses.csv", "--id", "row"], "no column 'row' to repeat"),
    ):
        assert run(["predict", trained, *words]) == 2
        assert re.search(message, capsys.readouterr().err)
    written(Path("named.csv"), {**COLUMNS, "part": SIZE})
    assert run(["predict", trained, "named.csv", "--id", "part", "--out", "p.csv"]) == 2
    assert "has a column of that name anyway" in capsys.readouterr().err
    assert not Path("p.csv").exists()
    assert run(["train", "moons", *WORDS, "--out", "moons"]) == 0
    capsys.readouterr()
    for words, message in (
        (["houses.csv"], "it is a table, but the model was trained on arrays"),
        (["moons", "--id", "id"], "id is 'id', but the model takes no tables"),
    ):
        assert run(["predict", "moons", *words]) == 2
        assert message in capsys.readouterr().err


# Resuming


RESUMED = Config(
    "t.csv", target=("kind",), drop=("id", "price"), sample_weight="times", missing="indicator",
    unknown="ignore", ordinal=("town",), keep="best", **{**FAST, "epochs": 3},
)  # fmt: skip
FILES = ("checkpoint.safetensors", "model.safetensors", "metrics.jsonl", "rows.safetensors")


@pytest.mark.parametrize("engine", ["eager", "numpy"])
def test_a_run_on_a_table_goes_on_to_the_same_bits(here: Path, engine: str) -> None:
    written(here / "t.csv", changed("size", 3, ""))
    config = Config(**{**vars(RESUMED), "engine": engine})
    start(config, "whole", Observer())
    with pytest.raises(Crash):
        start(config, "part", CrashAfter(16), checkpoint_seconds=0.0)
    described = json.loads(Path("part/config.json").read_text())
    assert described["settings"]["target"] == ["kind"]
    resume("part", {}, Observer())
    for name in FILES:
        one, other = (Path(folder, name).read_bytes() for folder in ("whole", "part"))
        if name == "checkpoint.safetensors":
            continue
        assert one == other, name


def test_another_table_is_not_gone_on_with(here: Path) -> None:
    written(here / "t.csv", COLUMNS)
    with pytest.raises(Crash):
        start(RESUMED, "run", CrashAfter(16), checkpoint_seconds=0.0)
    written(here / "t.csv", changed("size", 3, 1.0))
    with pytest.raises(GpugradError, match=r"the data in .* are not those that this run"):
        resume("run", {}, Observer())
