"""NumPy's functions that `gg` does not have, for the page `SUPPORT.md`."""

from __future__ import annotations

TAKE_TENSORS = tuple(
    """
    array2string array_repr array_str bitwise_count common_type diag_indices_from einsum_path gcd
    histogram2d histogramdd histogram_bin_edges i0 iscomplexobj isfortran isrealobj isscalar
    iterable ix_ lcm may_share_memory min_scalar_type ndim packbits ravel_multi_index shape
    shares_memory size tril_indices_from triu_indices_from unpackbits unravel_index
    """.split()
)
"""Functions of NumPy that take Tensors as they take arrays."""

WITHOUT_TENSORS = tuple(
    """
    array asanyarray asarray_chkfinite ascontiguousarray asfortranarray asmatrix bartlett blackman
    bmat diag_indices frombuffer fromfunction fromiter frompyfunc hamming hanning identity indices
    kaiser mask_indices require tri tril_indices triu_indices
    """.split()
)
"""Functions of NumPy that only make or take plain arrays."""


def markdown() -> str:
    """The section of the page."""
    return f"""
## NumPy functions that `gg` does not have ({len(TAKE_TENSORS) + len(WITHOUT_TENSORS)})

NumPy's own functions take Tensors in these cases: {_listed(TAKE_TENSORS)}.

These make plain arrays, or take nothing else: {_listed(WITHOUT_TENSORS)}. Use their results with
Tensors, and `gg.asarray` in place of `np.array`.

Functions for files, text, dates, dtypes and settings are not listed.
"""


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`np.{name}`" for name in names)
