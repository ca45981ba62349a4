"""What gpugrad relies on of CuPy and of CUDA, which is the same on a GPU and on the CPU."""

from __future__ import annotations

from typing import Any

import cupy as cp
import numpy as np
import pytest

X = np.arange(12.0).reshape(3, 4)


@pytest.fixture
def x() -> Any:
    return cp.asarray(X)


def test_reductions_give_arrays_without_axes(x: Any) -> None:
    y = cp.sum(x)
    assert (type(y), y.shape, float(y)) == (cp.ndarray, (), X.sum())


def test_operators_take_no_arrays_of_numpy(x: Any) -> None:
    for f in (lambda: x + X, lambda: X + x, lambda: cp.add(x, X), lambda: x @ X.T):
        with pytest.raises(TypeError):
            f()


def test_nothing_turns_into_an_array_of_numpy_by_itself(x: Any) -> None:
    with pytest.raises(TypeError, match="Implicit conversion"):
        np.asarray(x)
    assert type(cp.asnumpy(x)) is np.ndarray


def test_numpys_functions_are_cupys(x: Any) -> None:
    for y in (np.sin(x), np.sum(x), np.add(x, 1.0), np.matmul(x, x.T)):
        assert type(y) is cp.ndarray


@pytest.mark.parametrize("number", [2, 2.0, True])
def test_python_numbers_are_weak(number: complex) -> None:
    x = cp.ones(2, "float32")
    assert (x * number).dtype == np.float32
    assert (x * np.float64(2)).dtype == np.float64


@pytest.mark.parametrize("key", [
    0, -1, slice(None, None, -1), (slice(None), 1), (..., 0), None, (1, 2), slice(1, 2), (),
])  # fmt: skip
def test_basic_indices_give_views(key: Any, x: Any) -> None:
    y = x[key]
    assert y.base is x
    assert y.strides == np.asarray(X[key]).strides or y.size <= 1
    np.testing.assert_array_equal(cp.asnumpy(y), X[key])


def test_integer_arrays_wrap_around(x: Any) -> None:
    np.testing.assert_array_equal(cp.asnumpy(x[cp.asarray([4, -4])]), X[[1, 2]])


def test_other_indices_give_copies(x: Any) -> None:
    for key in (cp.asarray([0, 2]), cp.asarray(X > 4)):
        y = x[key]
        assert y.base is None
        np.testing.assert_array_equal(cp.asnumpy(y), X[cp.asnumpy(key)])


def test_views_share_memory_and_copies_do_not(x: Any) -> None:
    for view in (x.T, x.reshape(-1), x[None], cp.broadcast_to(x, (2, 3, 4)), x.ravel()):
        assert view.base is x
    for copy in (x.copy(), x.T.reshape(-1), x.astype("float32"), cp.array(x)):
        assert copy.base is None
    assert cp.asarray(x) is x
    assert cp.ascontiguousarray(x) is x
    assert cp.ascontiguousarray(x.T).flags.c_contiguous


def test_what_atomics_add(x: Any) -> None:
    at = cp.asarray([0, 0, 2])
    for dtype in ("float32", "float64", "int32", "int64"):
        y = cp.zeros(3, dtype)
        cp.add.at(y, at, cp.ones(3, dtype))
        assert cp.asnumpy(y).tolist() == [2, 0, 1]
    for dtype in ("complex64", "int8"):
        with pytest.raises(TypeError):
            cp.add.at(cp.zeros(3, dtype), at, cp.ones(3, dtype))
    y = cp.zeros(3, "int32")
    cp.maximum.at(y, at, cp.asarray([5, 7, 1], "int32"))
    assert cp.asnumpy(y).tolist() == [7, 0, 1]


def test_an_array_is_no_index() -> None:
    with pytest.raises(TypeError):
        range(3)[cp.asarray(1)]  # type: ignore[call-overload]


def test_a_launch_takes_pointers_numbers_and_structures(x: Any) -> None:
    source = """
struct Two { unsigned long long word[2]; };
extern "C" __global__ void
store(double *y, double a, Two words) {
  y[0] = a; y[1] = words.word[0]; y[2] = words.word[1];
}
"""
    store = cp.RawModule(code=source, options=("-std=c++17",)).get_function("store")
    words = np.array([7, 9], np.uint64)
    y = cp.zeros(3)
    store((1,), (1,), (y, np.float64(0.5), words.view([("word", np.uint64, 2)])))
    words[:] = 0                                    # what was given counts, not what is there later
    assert cp.asnumpy(y).tolist() == [0.5, 7.0, 9.0]


def square() -> Any:
    source = """
extern "C" __global__ void
square(const double *x, double *y) { y[threadIdx.x] = x[threadIdx.x] * x[threadIdx.x]; }
"""
    return cp.RawModule(code=source, options=("-std=c++17",)).get_function("square")


def test_a_graph_does_again_what_was_captured() -> None:
    kernel, x, y = square(), cp.full(4, 3.0), cp.zeros(4)
    kernel((1,), (4,), (x, y))
    y.fill(0.0)
    stream = cp.cuda.Stream(non_blocking=True)
    cp.cuda.get_current_stream().synchronize()
    with stream:
        stream.begin_capture()
        kernel((1,), (4,), (x, y))
        graph = stream.end_capture()
    assert cp.asnumpy(y).tolist() == [0.0] * 4      # captured, not done
    for value in (2.0, 5.0):
        x.fill(value)
        graph.launch()
        assert cp.asnumpy(y).tolist() == [value * value] * 4


REFUSED = {
    "a copy from the host": lambda x: cp.asarray(X),
    "a copy to the host": lambda x: x.get(),
    "a number": lambda x: float(x[0, 0]),
    "a truth": lambda x: bool(x[0, 0]),
    "a mask": lambda x: x[x > 1],
    "a product": lambda x: cp.matmul(x, x.T),
    "waiting": lambda x: cp.cuda.get_current_stream().synchronize(),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_capture_refuses(what: str, x: Any) -> None:
    stream = cp.cuda.Stream(non_blocking=True)
    cp.cuda.get_current_stream().synchronize()
    with stream:
        stream.begin_capture()
        try:
            with pytest.raises((RuntimeError, NotImplementedError)):
                REFUSED[what](x)
        finally:
            try:
                stream.end_capture()
            except RuntimeError:                    # it may be invalid now
                pass


def test_the_default_stream_cannot_capture() -> None:
    with pytest.raises(RuntimeError):
        cp.cuda.Stream.null.begin_capture()


def test_an_elementwise_kernel_casts_numbers_and_refuses_other_dtypes(x: Any) -> None:
    add = cp.ElementwiseKernel("T a, T b", "T y", "y = a + b", "test_add")
    np.testing.assert_array_equal(cp.asnumpy(add(x, 1)), X + 1)
    np.testing.assert_array_equal(cp.asnumpy(add(x, x[0])), X + X[0])
    with pytest.raises(TypeError):
        add(x, x.astype("float32"))


def test_a_product_with_an_array_of_others_is_theirs() -> None:
    """`x @ t` asks `t`, as the other operators do; `cp.matmul` knows arrays of CuPy alone."""

    class Foreign:
        def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
            return ufunc.__name__

    x = cp.asarray(np.eye(2))
    assert x @ Foreign() == "matmul"
    assert x + Foreign() == "add"
    with pytest.raises(TypeError, match="incorrect type"):
        cp.matmul(x, Foreign())
