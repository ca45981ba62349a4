"""The loader: where sources are found, what CuPy is given, and what it says when one is missing."""

from pathlib import Path

import pytest

from gpugrad.backends import kernels
from gpugrad.errors import GpugradError, InvalidOp


def test_the_kernels_of_the_first_day_are_found():
    assert {"relu", "sin"} <= set(kernels.names())


@pytest.mark.parametrize("name", kernels.names())
def test_a_source_names_its_own_file_for_the_compiler(name):
    text = kernels.source(name)
    first, rest = text.split("\n", 1)
    assert first == f'#line 1 "kernels/{name}.cu"'
    assert rest == (Path(str(kernels.folder())) / f"{name}.cu").read_text(encoding="utf-8")


def test_packaged_sources_come_before_those_of_a_checkout(tmp_path, monkeypatch):
    (tmp_path / "_kernels").mkdir()
    monkeypatch.setattr(kernels, "files", lambda package: tmp_path)
    assert kernels.folder() == tmp_path / "_kernels"


def test_a_checkout_without_packaged_sources_uses_its_top_level_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "files", lambda package: tmp_path)
    found = kernels.folder()
    assert found == Path(kernels.__file__).resolve().parents[2] / "kernels"


def test_an_unknown_kernel_is_an_error_that_offers_the_near_miss():
    wanted = r"no kernel named 'sine': .*Did you mean 'sin'\?"
    with pytest.raises(InvalidOp, match=wanted) as caught:
        kernels.source("sine")
    assert isinstance(caught.value, GpugradError)
    assert "kernels/sine.cu" in str(caught.value)


def test_a_missing_folder_is_the_same_error(tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "folder", lambda: tmp_path / "gone")
    with pytest.raises(InvalidOp, match="holds none"):
        kernels.source("other")


def test_loading_needs_no_gpu_and_happens_once(cupy):
    loaded = kernels.load("sin", ("x",), ("g", "x"))
    assert isinstance(loaded.forward, cupy.ElementwiseKernel)
    assert isinstance(loaded.vjp, cupy.ElementwiseKernel)
    assert kernels.load("sin", ("x",), ("g", "x")) is loaded
    assert repr(loaded) == "<Kernel sin>"


def test_cupy_is_given_the_names_of_the_op_and_of_its_rule(cupy):
    loaded = kernels.load("relu", ("x",), ("g", "y"))
    assert [p.name for p in loaded.forward.in_params] == ["x"]
    assert [p.name for p in loaded.vjp.in_params] == ["g", "y"]
    assert loaded.forward.operation == "result = gpugrad::relu(x)"
    assert loaded.vjp.operation == "result = gpugrad::relu_vjp(g, y)"
    assert loaded.vjp.preamble == kernels.source("relu")
