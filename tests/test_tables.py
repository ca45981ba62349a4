"""Tables are the same wherever they come from, and what is wrong is named with a way out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpugrad import data
from gpugrad.data.tables import csv_file
from gpugrad.errors import BackendUnavailable, CheckpointError, DataError, InvalidArgument
from gpugrad.train.fields import Fields, read_json

PLAIN = {
    "wing": [7.25, None, 5.0, 1e-300, -3.5, 0.1],
    "legs": [2, 4, 2, 2, 6, 4],
    "town": ["Ulm", "Bonn", None, "Ulm", "Ärzen, Süd", 'the "old" one'],
    "flies": [True, False, True, None, True, False],
    "NA name": ["NA", "none", "nan", "x", "NA", "x"],
}
"""Numbers and words that readers take in different ways."""

CSV = (
    'wing,legs,town,flies,NA name\n7.25,2,Ulm,True,NA\n,4,Bonn,false,none\n5.0,2,,true,nan\n'
    '1e-300,2,Ulm,NA,x\n-3.5,6,"Ärzen, Süd",TRUE,NA\n0.1,4,"the ""old"" one",False,x\n'
)


def written(folder: Path, text: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def of_pandas(folder: Path) -> Any:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("narwhals")
    return pandas.DataFrame(PLAIN)


def of_polars(folder: Path) -> Any:
    pytest.importorskip("narwhals")
    return pytest.importorskip("polars").DataFrame(PLAIN)


def of_pyarrow(folder: Path) -> Any:
    pytest.importorskip("narwhals")
    return pytest.importorskip("pyarrow").table(PLAIN)


def in_parquet(folder: Path) -> Any:
    table = of_pyarrow(folder)
    pytest.importorskip("pyarrow.parquet").write_table(table, folder / "t.parquet")
    return data.read_table(folder / "t.parquet")


def in_feather(folder: Path) -> Any:
    table = of_pyarrow(folder)
    pytest.importorskip("pyarrow.feather").write_feather(table, str(folder / "t.feather"))
    return data.read_table(folder / "t.feather")


FORMS: dict[str, Callable[[Path], Any]] = {
    "dictionary": lambda folder: PLAIN,
    "CSV": lambda folder: data.read_table(written(folder, CSV)),
    "CSV with semicolons": lambda folder: data.read_table(
        written(folder, CSV.replace("Ärzen, Süd", "Ärzen# Süd").replace(",", ";")
                .replace("#", ","))
    ),
    "CSV of Windows": lambda folder: data.read_table(
        written(folder, b"\xef\xbb\xbf" + CSV.replace("\n", "\r\n").encode())
    ),
    "pandas": of_pandas,
    "pandas, nullable": lambda folder: of_pandas(folder).convert_dtypes(),
    "pandas, categories": lambda folder: of_pandas(folder).astype({"town": "category"}),
    "pandas on pyarrow": lambda folder: of_pandas(folder).convert_dtypes(dtype_backend="pyarrow"),
    "polars": of_polars,
    "polars, categories": lambda folder: of_polars(folder).cast(
        {"town": pytest.importorskip("polars").Categorical}
    ),
    "polars, narrow": lambda folder: of_polars(folder).cast(
        {"legs": pytest.importorskip("polars").UInt8}
    ),
    "pyarrow": of_pyarrow,
    "Parquet": in_parquet,
    "Feather": in_feather,
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_equal_tables_are_equal_in_all_bits(tmp_path: Path, form: str) -> None:
    table = data.as_table(FORMS[form](tmp_path))
    reference = data.as_table(PLAIN)
    assert table.names == reference.names
    kinds = [column.kind for column in table.columns.values()]
    assert kinds == ["number", "number", "text", "boolean", "text"]
    assert table.fingerprint() == reference.fingerprint()
    for missing in ("mean", "median", "most_frequent", "indicator"):
        ours, other = (data.Encoder.fit(t, missing=missing) for t in (reference, table))
        assert ours.names == other.names
        assert ours.to_json() == other.to_json()
        assert ours.encode(reference).tobytes() == other.encode(table).tobytes()


def test_a_fingerprint_tells_tables_apart() -> None:
    tables = [
        {"a": [1.0, 2.0]}, {"a": [2.0, 1.0]}, {"b": [1.0, 2.0]}, {"a": [1.0, None]},
        {"a": [True, False]}, {"a": ["1", "2"]}, {"a": ["x", "y"]}, {"a": ["y", "x"]},
        {"a": [1.0, 2.0], "b": [1.0, 2.0]}, {"a": [1.0, 2.0, None]},
    ]  # fmt: skip
    assert len({data.as_table(x).fingerprint() for x in tables}) == len(tables)
    assert data.as_table({"a": [0.0]}).fingerprint() == data.as_table({"a": [-0.0]}).fingerprint()


# What columns of a file hold.


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", "2.5", " 3 "], "number", [1.0, 2.5, 3.0]),
        (["1", "", "NA"], "number", [1.0, np.nan, np.nan]),
        (["1e3", "-inf", "NaN"], "number", [1e3, -np.inf, np.nan]),
        (["", "n/a", "NULL"], "number", [np.nan] * 3),
        (["True", "false", "NA"], "boolean", [1.0, 0.0, np.nan]),
        (["red", "", "blue"], "text", [1, -1, 0]),
        (["1_000", "1_000", "2_000"], "text", [0, 0, 1]),
        (["NA", "red", ""], "text", [0, 1, -1]),
        (["9007199254740991", "1", "2"], "number", [9007199254740991.0, 1.0, 2.0]),
        (["1e300", "1", "2"], "number", [1e300, 1.0, 2.0]),
        (["18014398509481984", "1", ""], "number", [2.0**54, 1.0, np.nan]),
    ],
)
def test_a_column_holds_what_its_cells_say(
    tmp_path: Path, cells: list[str], kind: str, values: list[float]
) -> None:
    column = data.read_table(
        written(tmp_path, "c,d\n" + "".join(f"{cell},0\n" for cell in cells))
    ).columns["c"]
    assert column.kind == kind
    assert not column.doubt
    np.testing.assert_array_equal(column.values, values)


def test_words_may_come_late_or_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "LETTERS", 20)
    rows = [f"{i},{i / 2},w{i % 2}" for i in range(40)]
    rows[30] = "late,,w5"
    rows[33] = '7,,"w,\n6"'
    table = data.read_table(written(tmp_path, "a,b,c\n" + "\n".join(rows)))
    assert table.columns["a"].kind == "text"
    assert table.columns["a"].words[table.columns["a"].values[30]] == "late"
    assert table.columns["a"].words[table.columns["a"].values[3]] == "3"
    assert np.flatnonzero(table.columns["b"].missing).tolist() == [30, 33]
    assert set(table.columns["c"].words) == {"w0", "w1", "w5", "w,\n6"}
    assert [table.where(row) for row in (0, 33, 34)] == ["line 2", "line 35", "line 37"]


CELLS = st.one_of(
    st.floats(allow_nan=False).map(repr), st.integers(-(10**18), 10**18).map(str),
    st.sampled_from(["", "NA", "nan", "true", "False", " x", "x ", "1_0", "é", '"', "a\nb", "\t1",
                     ";", ",", "inf", "\xa01", "1 2", "0x1", "\r", "''", "2024-01-05", "1,5"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12), st.integers(1, 60))
def test_numpy_and_csv_read_the_same(
    tmp_path: Path, rows: list[tuple[str, str]], letters: int
) -> None:
    """In blocks of any size, and whatever `csv.writer` wrote is what comes out."""
    import csv
    import io

    file = io.StringIO()
    csv.writer(file).writerows([("a", "b"), *rows])
    path = written(tmp_path, file.getvalue())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_file, "LETTERS", letters)
        fast = data.read_table(path)
        patch.setattr(csv_file._Source, "_numbers", lambda *args: None)
        slow = data.read_table(path)
    assert fast.fingerprint() == slow.fingerprint()
    assert [(c.doubt, c.row) for c in fast.columns.values()] == [
        (c.doubt, c.row) for c in slow.columns.values()
    ]
    text = data.read_table(path, text=["a", "b"])
    for i, name in enumerate("ab"):
        column = text.columns[name]
        found = [(*column.words, "")[place] for place in column.values.tolist()]
        assert found == [row[i].lstrip(" ") for row in rows]


def test_a_reading_that_differs_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a\n1\n2\n")
    right = data.read_table(path).fingerprint()
    monkeypatch.setattr(np, "loadtxt", lambda lines, **rest: np.ones((len(lines), 1)))
    assert data.read_table(path).fingerprint() != right


# What is wrong, and that the advice works.


def fixed(folder: Path, text: str) -> data.Table:
    return data.read_table(written(folder, text, "fixed.csv"))


@pytest.mark.parametrize(
    ("text", "message", "better"),
    [
        ("", "its first line is empty", "a\n1\n"),
        ("a,b\n", "there are no rows below its line of names", "a,b\n1,2\n"),
        ("a,b\n1,2\n3\n", "line 3: there is 1 cell; expected 2", "a,b\n1,2\n3,4\n"),
        ('a,b\n1,"2\n2"\n1,2,3\n', "line 4: there are 3 cells", 'a,b\n1,"2\n2"\n1,"2,3"\n'),
        ("a,b\n1,2\n\n3,4\n", "line 3: it is empty, and rows follow", "a,b\n1,2\n,\n3,4\n"),
        ("a\n1\n\n3\n", 'write its missing cells as ""', 'a\n1\n""\n3\n'),
        ("a,a\n1,2\n", "two columns 'a', the second is column 2", "a,b\n1,2\n"),
        ("5.1,3.5,setosa\n4.9,3.0,virginica\n", "has the number 5.1, where the names",
         "x,y,kind\n5.1,3.5,setosa\n4.9,3.0,virginica\n"),
        ("1,2\n3,4\n", "write a line of names above it", "a,b\n1,2\n3,4\n"),
        ('a,b\n1,"2\n', "line 2: unexpected end of data", 'a,b\n1,"2"\n'),
        ('a,b\n1,2\n"1"2,3\n', "line 3: ',' expected after '\"'", "a,b\n1,2\n12,3\n"),
        ("a,b\n1,x\0y\n", "there is the sign '\\\\x00'", "a,b\n1,xy\n"),
        ("a,b\n1," + "x" * 200_000 + "\n1,'\"", "field larger than field limit", "a,b\n1,x\n"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_named(
    tmp_path: Path, text: str, message: str, better: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DataError, match=re.escape(message).replace("\\\\\\\\", "\\\\")) as found:
        data.read_table(path)
    assert str(found.value).startswith(str(path))
    assert "\n" not in str(found.value)
    fixed(tmp_path, better)


def test_a_quotation_mark_may_stand_for_inches(tmp_path: Path) -> None:
    table = fixed(tmp_path, 'size 5",b\n1,2\n3,4\n')
    assert table.names == ('size 5"', "b")
    assert len(table) == 2
    assert table.where(1) == "line 3"
    table = fixed(tmp_path, 'size,"b\nc"\n5",2\n6",4\n7,8\n')
    assert table.columns["size"].words == ('5"', '6"', "7")
    assert table.where(2) == "line 5"


def test_names_from_outside_cannot_tear_a_message(tmp_path: Path) -> None:
    path = written(tmp_path, '"a\nb","\x1b[31m","kind"\nx,1,y\n1,,z\n')
    table = data.read_table(path)
    for wrong in (
        lambda: data.Encoder.fit(table), lambda: data.target_of(table, ["a\nb"]),
        lambda: data.Encoder.fit(table, drop=["a\nb"]),
        lambda: data.Encoder.fit(table, drop=["\n"]),
        lambda: data.target_of(table, ["\x1b[31m"]), lambda: data.weights_of(table, "a\nb"),
        lambda: data.Encoder.fit(table, drop="\x1b"),
        lambda: data.Encoder.fit(table, categorical=["a\nb"], drop=["a\nb"]),
        lambda: data.Encoder.fit(table, categorical=["a\nb"], missing="mean").encode(
            data.as_table({"x": [1]})
        ),
    ):  # fmt: skip
        with pytest.raises((DataError, InvalidArgument)) as found:
            wrong()
        assert str(found.value).isprintable()


def test_years_and_numbers_from_0_on_are_names(tmp_path: Path) -> None:
    assert fixed(tmp_path, "0,1,2\n5,6,7\n").names == ("0", "1", "2")
    assert fixed(tmp_path, "town,2019,2020\nUlm,6,7\n").names == ("town", "2019", "2020")
    assert fixed(tmp_path, "\tx\n0\t1\n\n \n").names == ("", "x")


def test_another_encoding_is_named_and_the_advice_works(tmp_path: Path) -> None:
    path = written(tmp_path, "town\nKöln\n".encode("cp1252"), "old.csv")
    with pytest.raises(DataError, match=r"it is not UTF-8 \(it has the byte 0xf6\)") as found:
        data.read_table(path)
    command = str(found.value).partition("example with: ")[2]
    if subprocess.run(["sh", "-c", "command -v iconv"], capture_output=True).returncode:
        pytest.skip("there is no iconv")
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    assert data.read_table(tmp_path / "new.csv").columns["town"].words == ("Köln",)


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.arrow"])
def test_what_is_no_file_is_named(tmp_path: Path, name: str) -> None:
    if name != "t.csv":
        pytest.importorskip("narwhals")
        pytest.importorskip("pyarrow")
    with pytest.raises(DataError, match="there is no such file"):
        data.read_table(tmp_path / name)
    os.mkfifo(tmp_path / name)
    with pytest.raises(DataError, match="it is no ordinary file"):
        data.read_table(tmp_path / name)
    (tmp_path / name).unlink()
    written(tmp_path, b"PAR1\0\0garbage" * 10, name)
    with pytest.raises(DataError, match=re.escape(str(tmp_path / name))):
        data.read_table(tmp_path / name)
    with pytest.raises(DataError, match=r"whose name ends in \.csv, \.tsv"):
        data.read_table(tmp_path / "t.xlsx")


DOUBTFUL = {
    "mixed": (["1", "2", "three"] * 5, "line 4: column 'c' has 'three' and, in other rows, num"),
    "other digits": (["١", "٢"] * 5, "holds numbers with commas or other signs"),
    "dates": (["2024-01-05", "2024-02-01"] * 5, "holds dates, such as '2024-01-05'"),
    "German dates": (["5.1.2024", "11.2.2024"] * 5, "holds dates"),
    "decimal commas": (["3,14", "2,72"] * 5, "holds numbers with commas"),
    "thousands": (["$1,000", "$2,500.5"] * 5, "holds numbers with commas or other signs"),
    "large": (["9007199254740993", "1"] * 5, "the whole number 9007199254740993, too large"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_what_is_in_doubt_is_not_guessed_and_the_advice_works(tmp_path: Path, kind: str) -> None:
    cells, message = DOUBTFUL[kind]
    lines = "".join(f'"{cell}",{i}\n' for i, cell in enumerate(cells))
    table = data.read_table(written(tmp_path, "c,d\n" + lines))
    with pytest.raises(DataError, match=re.escape(message)) as found:
        data.Encoder.fit(table)
    assert "`categorical`" in str(found.value)
    assert "`drop`" in str(found.value)
    with pytest.raises(DataError, match="or name the column in `categorical`, too"):
        data.target_of(table, ["c"])
    names = data.Encoder.fit(table, categorical=["c"]).names
    assert names[:-1] == tuple(f"c={cell}" for cell in sorted(set(cells)))
    assert data.Encoder.fit(table, drop=["c"]).names == ("d",)
    assert data.target_of(table, ["c"], categorical=["c"]).values.tolist() == cells
    read_as_text = data.read_table(tmp_path / "t.csv", text=["c"])
    assert data.Encoder.fit(read_as_text).names == names


def test_a_large_number_in_memory_is_in_doubt_too() -> None:
    for array in (np.array([2**53 + 1, 1]), [2**53 + 1, None], np.array([2**64 - 1, 3], np.uint64)):
        with pytest.raises(DataError, match="too large for float64"):
            data.Encoder.fit(data.as_table({"a": array}))
    assert data.Encoder.fit(data.as_table({"a": np.array([2**60, 1])})).names == ("a",)


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "__index_level_0__"])
def test_an_index_that_pandas_wrote_is_named_and_dropped(tmp_path: Path, name: str) -> None:
    table = fixed(tmp_path, f"{name},x\n0,5.5\n1,7.5\n")
    with pytest.raises(DataError, match=f"'{name}' has no name of its own, as the row numbers"):
        data.Encoder.fit(table)
    assert data.Encoder.fit(table, drop=[name]).names == ("x",)
    with pytest.raises(DataError, match="no column left"):
        data.Encoder.fit(table, drop=[name, "x"])
    renamed = fixed(tmp_path, "number,x\n0,5.5\n1,7.5\n")
    assert data.Encoder.fit(renamed).names == ("number", "x")


def test_pandas_writes_such_an_index(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    pytest.importorskip("narwhals")
    frame = pandas.DataFrame({"x": [5.5, 7.5, 8.0]}).iloc[[0, 2, 1]]
    frame.to_csv(tmp_path / "t.csv")
    pandas.read_csv(tmp_path / "t.csv").to_csv(tmp_path / "again.csv", index=False)
    (tmp_path / "a=b").mkdir()                      # which is no column, as it is to pyarrow
    frame.to_parquet(tmp_path / "a=b" / "t.parquet")
    for name in ("t.csv", "again.csv", "a=b/t.parquet"):
        table = data.read_table(tmp_path / name)
        assert len(table.names) == 2
        with pytest.raises(DataError, match="as the row numbers that pandas writes"):
            data.Encoder.fit(table)


def test_strange_frames_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("narwhals")
    ones = np.ones((2, 2))
    assert data.as_table(pandas.DataFrame(ones)).names == ("0", "1")
    pairs = pandas.MultiIndex.from_tuples([("a", "b"), ("a", "c")])
    paired = data.as_table(pandas.DataFrame(ones, columns=pairs))
    assert paired.names == ("('a', 'b')", "('a', 'c')")
    with pytest.raises(DataError, match=r"two columns have the same name .*'a'"):
        data.as_table(pandas.DataFrame(ones, columns=["a", "a"]))
    shuffled = data.as_table(pandas.DataFrame({"a": [1, 2, 3]}).iloc[[2, 0]])
    assert shuffled.columns["a"].values.tolist() == [3, 1]
    chosen = data.as_table(pandas.DataFrame({"a": pandas.Categorical([3, 1, 3])}))
    assert data.Encoder.fit(chosen).names == ("a=1", "a=3")


@pytest.mark.parametrize("make", ["datetime64[D]", "timedelta64[s]", "complex128"])
def test_other_types_are_named(make: str) -> None:
    table = data.as_table({"when": np.arange(3).astype(make), "x": np.arange(3)})
    with pytest.raises(DataError, match=r"'when' has cells of type .*make numbers of them, or"):
        data.Encoder.fit(table)
    assert data.Encoder.fit(table, drop=["when"]).names == ("x",)
    numbers = table.columns["when"].values.size
    days = np.arange(numbers).astype(make)
    better = data.as_table({"when": (days - days[0]).real.astype(float), "x": np.arange(3)}
                           if make == "complex128"
                           else {"when": (days - days[0]).astype(float), "x": np.arange(3)})
    assert data.Encoder.fit(better).names == ("when", "x")


def test_dates_of_other_libraries_are_named() -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    pytest.importorskip("narwhals")
    dates = ["2024-01-05", "2024-02-01"]
    series = polars.Series(dates).str.to_date()
    for frame in (pandas.DataFrame({"when": pandas.to_datetime(dates)}),
                  polars.DataFrame({"when": series}), polars.DataFrame({"when": [[1], [2]]}),
                  pandas.DataFrame({"when": [[1], [2]]}), pandas.DataFrame({"when": [b"a", b"b"]}),
                  polars.DataFrame({"when": [b"a", b"b"]})):
        with pytest.raises(DataError, match="'when' has cells of type"):
            data.Encoder.fit(data.as_table(frame))


def test_names_of_rows_and_too_many_categories_are_refused_with_a_way_out() -> None:
    names = [f"n{i}" for i in range(600)]
    table = data.as_table({"id": names, "town": [f"t{i % 300}" for i in range(600)],
                           "x": np.arange(600)})
    with pytest.raises(DataError, match=r"'id' has another word in each row.*name it in `drop`"):
        data.Encoder.fit(table)
    with pytest.raises(DataError, match="'town' has 300 categories; at most 256"):
        data.Encoder.fit(table, drop=["id"])
    encoder = data.Encoder.fit(table, drop=["id"], ordinal=["town"])
    assert encoder.names == ("town", "x")
    assert encoder.encode(table)[:, 0].max() == 299
    assert data.Encoder.fit(table, drop=["id", "town"]).names == ("x",)
    few = data.as_table({"name": ["Ann", "Bob", "Cy"]})
    assert len(data.Encoder.fit(few).names) == 3            # of so few rows nobody knows


def test_missing_cells_are_named_and_each_advice_works(tmp_path: Path) -> None:
    table = fixed(tmp_path, "x,town\n1,Ulm\n,Bonn\n5,\n6,Ulm\n")
    with pytest.raises(DataError, match="line 3: column 'x' is missing; there is 1 such") as found:
        data.Encoder.fit(table)
    advised = re.findall(r"'(\w+)'", str(found.value).partition("`missing` set to one of")[2])
    assert advised == ["mean", "median", "most_frequent", "indicator"]
    wanted = {
        "mean": [[1, 0, 1], [4, 1, 0], [5, 0, 1], [6, 0, 1]],
        "median": [[1, 0, 1], [5, 1, 0], [5, 0, 1], [6, 0, 1]],
        "most_frequent": [[1, 0, 1], [1, 1, 0], [5, 0, 1], [6, 0, 1]],
        "indicator": [[1, 0, 0, 1, 0], [4, 1, 1, 0, 0], [5, 0, 0, 0, 1], [6, 0, 0, 1, 0]],
    }
    for missing in advised:
        x = data.Encoder.fit(table, missing=missing).encode(table)
        np.testing.assert_array_equal(x, wanted[missing])
    for x, message in (("1e308", "their mean overflows float64"), ("inf", "is inf; expected")):
        with pytest.raises(DataError, match=message):
            data.Encoder.fit(fixed(tmp_path, f"x,y\n{x},1\n{x},1\n,2\n"), missing="mean")
    with pytest.raises(DataError, match="has no value in the rows to learn from"):
        data.Encoder.fit(fixed(tmp_path, "x,y\n,1\n,2\n"), missing="mean")
    with pytest.raises(DataError, match="has no value in the rows to learn from"):
        data.Encoder.fit(data.as_table({"a": ["x", None]}), np.array([1]), missing="mean")


def test_what_is_learned_comes_from_the_training_rows_alone() -> None:
    table = data.as_table({"x": [1.0, 3.0, None, 100.0], "town": ["a", "b", "a", "c"]})
    rows = np.array([0, 1, 2])
    encoder = data.Encoder.fit(table, rows, missing="mean", unknown="ignore")
    assert encoder.names == ("x", "town=a", "town=b")
    np.testing.assert_array_equal(
        encoder.encode(table), [[1, 1, 0], [3, 0, 1], [2, 1, 0], [100, 0, 0]]
    )
    np.testing.assert_array_equal(encoder.encode(table, np.array([3, 0])), [[100, 0, 0], [1, 1, 0]])
    strict = data.Encoder.fit(table, rows, missing="mean")
    with pytest.raises(DataError, match=r"row 3 .*has 'c', a category .*set `unknown` to 'ignore'"):
        strict.encode(table)
    assert strict.encode(table, rows).shape == (3, 3)
    ordinal = data.Encoder.fit(table, rows, missing="mean", unknown="ignore", ordinal=["town"])
    assert ordinal.encode(table)[:, 1].tolist() == [0, 1, 0, 2]     # one after the last
    late = data.as_table({"x": [None], "town": [None]})             # none was missing in fitting
    flagged = data.Encoder.fit(table, np.array([0, 1]), missing="indicator")
    assert flagged.encode(late).tolist() == [[2, 1, 0]]


def test_numbers_are_categories_only_by_request() -> None:
    table = data.as_table({"zip": [89073, 53111, 89073], "half": [0.5, 1.0, 0.5],
                           "flag": [True, False, True]})
    assert data.Encoder.fit(table).names == ("zip", "half", "flag")
    chosen = data.Encoder.fit(table, categorical=["zip", "half", "flag"])
    assert chosen.names == ("zip=53111", "zip=89073", "half=0.5", "half=1", "flag=false",
                            "flag=true")  # fmt: skip
    assert chosen.words == ("zip", "half", "flag")


# Rows to predict.


def test_rows_to_predict_may_have_other_columns_in_another_order() -> None:
    table = data.as_table({"a": [1.0, 2.0], "kind": ["x", "y"], "price": [3.0, 4.0]})
    encoder = data.Encoder.fit(table, target=["price"])
    new = data.as_table({"more": [0], "kind": ["y"], "a": [7]}, "new.csv")
    assert encoder.encode(new).tolist() == [[7, 0, 1]]
    (note,) = encoder.notes(new)
    assert note == "new.csv: the column more is not used: the model was made without it"
    assert encoder.notes(table) == []
    with pytest.raises(DataError, match="there is no column 'kind', of which the model was made"):
        encoder.encode(data.as_table({"a": [7]}))
    with pytest.raises(DataError, match="'a' has 'seven' and, in other rows, numbers; expected"):
        encoder.encode(data.as_table({"a": [7, "seven"], "kind": ["x", "y"]}))
    with pytest.raises(DataError, match="'a' holds words; expected numbers"):
        encoder.encode(data.as_table({"a": ["seven"], "kind": ["x"]}))
    with pytest.raises(DataError, match="'a' is inf; expected a finite number"):
        encoder.encode(data.as_table({"a": [np.inf], "kind": ["x"]}))
    with pytest.raises(DataError, match="'kind' has '1', a category"):
        encoder.encode(data.as_table({"a": [1], "kind": [1]}))


def test_a_file_to_predict_whose_words_look_like_numbers_is_read_as_words(tmp_path: Path) -> None:
    table = fixed(tmp_path, "code,x\n007,1\nB2,2\n007,3\n")
    encoder = data.Encoder.fit(table, categorical=["code"])
    path = written(tmp_path, "code,x\n007,1\n")
    with pytest.raises(DataError, match="has '7', a category"):
        encoder.encode(data.read_table(path))
    new = data.read_table(path, text=encoder.words)
    assert encoder.encode(new).tolist() == [[1, 0, 1]]


# Settings.


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"missing": "drop"}, "missing is 'drop'; expected one of refuse, mean"),
        ({"unknown": "zero"}, "unknown is 'zero'; expected one of refuse, ignore"),
        ({"drop": "id"}, r"drop is 'id'; expected a list of names: drop=\['id'\]"),
        ({"drop": ["a"], "categorical": ["a"]}, "name it in one place only"),
        ({"drop": ["towm"]}, "there is no column 'towm'. Did you mean 'town'. There are a, town"),
        ({"target": ["price"]}, "there is no column 'price'. There are a, town"),
        ({"text": ["towm"]}, "no column 'towm' to be read as text. Did you mean 'town'"),
        ({"text": "town"}, r"expected a list of names: text=\['town'\]"),
    ],
)  # fmt: skip
def test_wrong_settings_are_named(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    path = written(tmp_path, "a,town\n1,x\n2,y\n")
    with pytest.raises((InvalidArgument, DataError), match=message):
        data.Encoder.fit(data.read_table(path, text=wrong.pop("text", ())), **wrong)


# Targets and weights.


def test_targets_are_numbers_whole_numbers_truth_values_or_words() -> None:
    table = data.as_table({
        "price": [1.5, 2.0], "count": [3, 4], "sold": [3, 4.0],
        "rain": [True, False], "wind": [False, False],
        "kind": ["b", "a"], "gap": [1.0, None], "far": [1.0, np.inf],
    })  # fmt: skip
    for names, kind, values in (
        (["price"], "number", [1.5, 2.0]), (["count"], "whole", [3, 4]),
        (["sold"], "number", [3.0, 4.0]),
        (["rain"], "boolean", [1, 0]), (["kind"], "text", ["b", "a"]),
        (["price", "count"], "number", [[1.5, 3.0], [2.0, 4.0]]),
        (["rain", "wind"], "boolean", [[1, 0], [0, 0]]),
    ):  # fmt: skip
        found = data.target_of(table, names)
        assert (found.names, found.kind, found.values.tolist()) == (tuple(names), kind, values)
        assert found.values.dtype.kind == {"number": "f", "text": "U"}.get(kind, "i")
    assert data.target_of(table, ["count"], ["count"]).values.tolist() == ["3", "4"]
    for names, message in (
        (["gap"], "'gap' is missing; there is 1 such cell in"), (["far"], "'far' is inf"),
        (["price", "kind"], "'price' holds numbers, 'kind' holds words; expected several of"),
        (["kind", "kind"], "expected several of numbers or of truth values, or one of words"),
        (["knd"], "no column 'knd' to be predicted. Did you mean 'kind'"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=message):
            data.target_of(table, names)
    for wrong in ("price", []):
        with pytest.raises(InvalidArgument, match="expected a list of names of columns"):
            data.target_of(table, wrong)


def test_weights_are_checked() -> None:
    table = data.as_table({"w": [1, 0], "none": [0, 0], "less": [1, -1], "kind": ["a", "b"],
                           "gap": [1, None]})
    assert data.weights_of(table, "w").tolist() == [1.0, 0.0]
    for name, message in (("none", "holds nothing but 0"), ("less", r"row 1 .*is -1.0"),
                          ("kind", "holds words"), ("gap", "is missing"), ("v", "of weights")):
        with pytest.raises(DataError, match=message):
            data.weights_of(table, name)


# In a file of a run.


def read(value: object) -> data.Encoder:
    path = Path("model.json")
    return data.Encoder.read(Fields(path, read_json(path, json.dumps(value))))


@pytest.mark.parametrize("missing", ["refuse", "mean", "median", "most_frequent", "indicator"])
@pytest.mark.parametrize("unknown", ["refuse", "ignore"])
def test_an_encoder_comes_back_from_json(missing: str, unknown: str) -> None:
    table = data.as_table(PLAIN)
    rows = np.array([0, 4]) if missing == "refuse" else np.arange(5)
    encoder = data.Encoder.fit(
        table, rows, drop=["NA name"], missing=missing, unknown=unknown, ordinal=["legs"]
    )
    again = read(encoder.to_json())
    assert again.to_json() == encoder.to_json()
    assert again.names == encoder.names
    assert again.encode(table, rows).tobytes() == encoder.encode(table, rows).tobytes()


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places in a value of JSON."""
    inside = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ()
    )
    return [path, *(place for key, x in inside for place in paths(x, (*path, key)))]


def test_nothing_in_a_file_is_believed() -> None:
    """Each part of it, replaced by something else or missing, is refused by name, or means the same
    kind of thing.
    """
    def made() -> Any:
        return json.loads(json.dumps(
            data.Encoder.fit(data.as_table(PLAIN), missing="indicator", drop=["NA name"]).to_json()
        ))

    refused = taken = 0
    for place in paths(made())[1:]:
        for other in (None, -1, 3.5, 10**30, "x", "", [], ["x", "x"], {}, True, float("1e400")):
            changed = made()
            part = changed
            for key in place[:-1]:
                part = part[key]
            part[place[-1]] = other
            try:
                found = read(changed)
            except CheckpointError as error:
                refused += str(error).startswith("model.json: ") and "\n" not in str(error)
            else:
                assert json.loads(json.dumps(found.to_json())) == changed
                taken += 1
        changed = made()
        part = changed
        for key in place[:-1]:
            part = part[key]
        if isinstance(part, dict):
            del part[place[-1]]
            with pytest.raises(CheckpointError, match="is missing"):
                read(changed)
            part["new"] = part[place[-1]] = made()
            with pytest.raises(CheckpointError):
                read(changed)
    assert refused + taken == 11 * (len(paths(made())) - 1)
    assert refused > 10 * taken


# Libraries that are not there.


def test_without_any_library_a_csv_is_read_and_the_rest_says_what_to_install(
    tmp_path: Path,
) -> None:
    written(tmp_path, CSV)
    written(tmp_path, b"PAR1", "t.parquet")
    program = (
        "import sys\n"
        "for name in ('narwhals', 'pandas', 'polars', 'pyarrow'): sys.modules[name] = None\n"
        "from gpugrad import data\n"
        "from gpugrad.errors import BackendUnavailable\n"
        "print(len(data.read_table('t.csv')))\n"
        "for f in (lambda: data.read_table('t.parquet'), lambda: data.as_table(object())):\n"
        "    try: f()\n"
        "    except BackendUnavailable as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True,
                          text=True, check=True)  # fmt: skip
    first, *rest = done.stdout.splitlines()
    assert first == "6"
    assert len(rest) == 2
    assert all("pip install 'gpugrad[table]'" in line for line in rest)


def test_a_reader_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("narwhals")
    written(tmp_path, b"PAR1", "t.parquet")
    monkeypatch.setattr("gpugrad.data.tables.of_others._is_there", lambda name: False)
    with pytest.raises(BackendUnavailable, match="pip install pyarrow"):
        data.read_table(tmp_path / "t.parquet")


@pytest.mark.parametrize("reader", [0, 1])
def test_each_reader_reads_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: int
) -> None:
    wanted = in_parquet(tmp_path).fingerprint(), in_feather(tmp_path).fingerprint()
    readers = data.tables.of_others.READERS
    pytest.importorskip(readers[".parquet"][reader][0])
    monkeypatch.setattr(
        "gpugrad.data.tables.of_others.READERS", {k: (v[reader],) for k, v in readers.items()}
    )
    found = [data.read_table(tmp_path / f"t.{end}").fingerprint() for end in ("parquet", "feather")]
    assert tuple(found) == wanted


def test_wrong_tables_in_memory_are_named() -> None:
    for wrong, message in (
        ({}, "there are no columns"), ({"a": []}, "there are no rows"),
        ({"a": [1], "b": [1, 2]}, "its columns have 1, 2 rows"),
        ({"a": np.ones((2, 2))}, r"column 'a' has shape \(2, 2\)"),
        ({"a": ["\ud800"]}, "there is the sign '.ud800'"), ({"a\0": [1]}, "there is the sign"),
        ({1: [1], "1": [2]}, "there are two columns '1'"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=message):
            data.as_table(wrong)
    pytest.importorskip("narwhals")
    with pytest.raises(DataError, match="it is of type list; expected a table of pandas, polars"):
        data.as_table([1, 2])
    polars = pytest.importorskip("polars")
    lazy = polars.LazyFrame({"a": [1]})
    with pytest.raises(DataError, match=r"pass on table.collect\(\)"):
        data.as_table(lazy)
    assert data.as_table(lazy.collect()).names == ("a",)


def test_a_matrix_is_written_in_blocks_like_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    table = data.as_table(PLAIN)
    encoder = data.Encoder.fit(table, missing="indicator")
    whole = encoder.encode(table), encoder.encode(table, np.array([4, 4, 1, 0, 2]))
    monkeypatch.setattr("gpugrad.data.tables.encoder.BLOCK", 2)
    blocks = encoder.encode(table), encoder.encode(table, np.array([4, 4, 1, 0, 2]))
    for a, b in zip(whole, blocks, strict=True):
        np.testing.assert_array_equal(a, b, strict=True)


@pytest.mark.parametrize(("cells", "kind"), [
    ("3,4,3", "whole"), ("3.0,4.0,3.0", "number"), ("3,4.0,3", "number"), ("3e0,4,3", "number"),
    ('"3","4","3"', "whole"), ('"3.0","4.0","3.0"', "number"), ("3,4.5,3", "number"),
])  # fmt: skip
def test_floats_of_a_file_are_numbers_to_predict_though_whole(
    tmp_path: Path, cells: str, kind: str
) -> None:
    lines = "".join(f"{cell},x\n" for cell in cells.split(","))
    assert data.target_of(data.read_table(written(tmp_path, f"a,b\n{lines}")), ["a"]).kind == kind


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow", "numpy"])
def test_floats_of_a_table_are_numbers_to_predict_though_whole(library: str) -> None:
    """As they are beside a table: the same numbers are the same task in every form."""
    columns: Any = {"whole": np.array([1, 2, 3]), "sold": np.array([1.0, 2.0, 3.0])}
    if library != "numpy":
        module = pytest.importorskip(library)
        columns = getattr(module, "table" if library == "pyarrow" else "DataFrame")(columns)
    table = data.as_table(columns)
    assert [data.target_of(table, [name]).kind for name in ("whole", "sold")] == ["whole", "number"]
