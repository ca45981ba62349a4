"""Sorts, places and order statistics of arrays of NumPy, by what NumPy does fast.

Its stable sorts of floats merge, and take ten to thirty times as long as the others, which use
vectors and of which nothing is known about equal elements. So values are sorted by these, indices
together with their elements as one integer of 64 bits, and of elements at a few places no more is
sorted than has to be.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gpugrad.backends.axes import counted

_BY_DIGITS = frozenset("?bBhH")
"""Dtypes whose stable sort counts digits, which is as fast."""

FEW = 64
"""Elements of an axis up to which merging is as fast."""

_NUMBERS = 2**32
"""Elements of an axis whose numbers fit into the lower half of 64 bits."""

_LAST = 2**31 - 1
"""What is sorted behind all others."""


def sort(x: np.ndarray, axis: int, descending: bool, stable: bool) -> np.ndarray:
    """`x` in order along `axis`, NaN last, or first where `descending`."""
    kind = x.dtype.kind
    if stable and kind not in "biuf":               # whose equals are not all alike
        return np.take_along_axis(x, argsort(x, axis, descending), axis)
    ordered = x.copy("K")
    ordered.sort(axis)
    found = np.flip(ordered, axis) if descending else ordered
    if stable and kind == "f":
        _put_zeros_back(x, found, axis)
    return found


def _put_zeros_back(x: np.ndarray, found: np.ndarray, axis: int) -> None:
    """The zeros of each row in the order in which they came, where they have both signs."""
    zero = x == 0
    if not zero.any():
        return
    negative = np.signbit(x[zero])
    if negative.any() and not negative.all():
        given, rows = np.moveaxis(x, axis, -1), np.moveaxis(found, axis, -1)
        rows[rows == 0] = given[given == 0]


def argsort(x: np.ndarray, axis: int, descending: bool) -> np.ndarray:
    """The indices that bring `x` in order along `axis`; of equal elements the first comes first."""
    n = x.shape[counted(axis, x.ndim)]
    if descending:                                  # turned twice, and so the first stays first
        turned: np.ndarray = np.flip(argsort(np.flip(x, axis), axis, False), axis)
        return n - 1 - turned  # type: ignore[no-any-return]
    if not FEW < n < _NUMBERS or x.dtype.char in _BY_DIGITS or x.dtype.kind not in "iuf":
        return np.argsort(x, axis=axis, kind="stable")
    rows = np.moveaxis(x, axis, -1)
    if x.dtype in (np.float32, np.int32):
        order = _with_numbers(_in_upper_half(rows), np.arange(n))
    else:
        order = np.argsort(rows, axis=-1)
        ordered = np.take_along_axis(rows, order, -1)
        ties = ordered[..., 1:] == ordered[..., :-1]
        if np.isnan(ordered[..., -1]).any():
            ties |= np.isnan(ordered[..., :-1])
        if ties.any():
            groups = np.zeros(order.shape, np.int64)
            np.cumsum(~ties, axis=-1, out=groups[..., 1:])
            order = _with_numbers(groups, order)
    return np.moveaxis(order, -1, axis)


def _in_upper_half(rows: np.ndarray) -> np.ndarray:
    """Integers whose order is that of elements of 32 bits."""
    if rows.dtype.kind == "i":
        return rows.astype(np.int64)
    bits = (rows + 0).view(np.int32)                # of -0.0 those of 0.0
    # Of negative numbers, those that are further from 0 have the larger bits.
    words: np.ndarray = (bits ^ ((bits >> 31) & _LAST)).astype(np.int64)
    if rows.size and np.isnan(rows.max()):
        words[np.isnan(rows)] = _LAST
    return words


def _with_numbers(words: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """The numbers in the order of the words, and of their own where these are equal."""
    words <<= 32
    words |= numbers
    words.sort(axis=-1)
    words &= _NUMBERS - 1
    return words


def order_statistics(x: np.ndarray, places: Sequence[int], axis: int) -> np.ndarray:
    """The elements at `places` in order along `axis`; NaN where an element is."""
    last = counted(axis, x.ndim) == x.ndim - 1      # moving an axis costs as much as a short row
    rows = x if last else np.moveaxis(x, axis, -1)
    found = np.empty((*rows.shape[:-1], len(places)), x.dtype)
    if found.size:
        begin, rest = 0, np.array(rows, order="C")
        for place in sorted(set(map(int, places))):  # of NumPy's integers too
            k = place - begin
            if place == rows.shape[-1] - 1:
                value = rest.max(axis=-1)
            elif k == 0 < begin:                    # next to the one before
                value = rest.min(axis=-1)
            else:
                rest.partition(k, axis=-1)
                value = rest[..., k]
            for j, wanted in enumerate(places):
                if wanted == place:
                    found[..., j] = value
            begin, rest = place + 1, rest[..., k + 1 :]
        if x.dtype.kind in "fc":
            worst = rest.max() if rest.size else found.max()    # NaN is sorted behind all others
            if np.isnan(worst):
                found[np.isnan(rows).any(axis=-1)] = np.nan
    return found if last else np.moveaxis(found, -1, axis)


def ordered_places(x: np.ndarray, places: Sequence[int], axis: int) -> np.ndarray:
    """The indices of the elements that a stable sort brings to `places`.

    Where an element is NaN, all are that of the last such one.
    """
    rows = np.moveaxis(x, axis, -1)
    values = order_statistics(rows, places, -1)
    found = np.empty(values.shape, np.int64)
    some_bad = x.dtype.kind in "fc" and bool(np.isnan(values).any())
    for j, place in enumerate(places):
        value = values[..., j : j + 1]
        equal = rows == value
        at = equal.argmax(axis=-1)
        if some_bad or np.count_nonzero(equal) != at.size:
            # Of equal ones that whose number among them is that of the place.
            before = np.count_nonzero(rows < value, axis=-1, keepdims=True)
            number = np.cumsum(equal, axis=-1)
            at = (equal & (number == place + 1 - before)).argmax(axis=-1)
        found[..., j] = at
    if some_bad:
        bad = np.isnan(rows)
        last = x.shape[axis] - 1 - np.flip(bad, -1).argmax(axis=-1)
        found = np.where(bad.any(axis=-1, keepdims=True), last[..., None], found)
    return np.moveaxis(found, -1, axis)


def inverse_take(x: np.ndarray, order: np.ndarray, axis: int) -> np.ndarray:
    """`x` with each element where `order`, a permutation along `axis`, says."""
    rows, order = (np.moveaxis(v, axis, -1) for v in (x, order))
    found = np.zeros(rows.shape, x.dtype)
    if found.size:
        n = rows.shape[-1]
        places = order.reshape(-1, n) + np.arange(0, found.size, n)[:, None]
        found.reshape(-1)[places] = rows.reshape(-1, n)
    return np.moveaxis(found, -1, axis)
