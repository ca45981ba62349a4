"""`einsum`: sums of products that are named by the letters of their axes.

Operands are contracted two at a time, each pair by one matrix product, in an order that the lengths
of the axes decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, prod
from string import ascii_letters, ascii_lowercase, ascii_uppercase
from typing import Any, TypeAlias

from gpugrad.core.half import in_single
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.contraction_order import (
    FEW,
    Contraction,
    Path,
    cheapest,
    checked,
    greedy,
    left_to_right,
)
from gpugrad.ops.contractions import writable_diagonal
from gpugrad.ops.operands import arrays, shape_of
from gpugrad.settings import settled
from gpugrad.types import Array, Operand

__all__ = ["einsum"]

NUMBERED = ascii_uppercase + ascii_lowercase
"""The letter of each number: in the order of the alphabet numbers stay in theirs, as in NumPy."""

Subscripts: TypeAlias = "str | Operand"
"""The letters, or the first operand, where lists of numbers stand between them."""

Optimize: TypeAlias = "bool | str | Sequence[str | float | Sequence[int]] | None"
"""What NumPy takes: whether, how, how with a limit, or a path."""

Label: TypeAlias = "str | int"
Labels: TypeAlias = tuple[Label, ...]
"""Of each axis: a letter, or, for one of an ellipsis, its place counted from the last of these."""


@add_function
@in_single
def einsum(subscripts: Subscripts, /, *operands: Array, optimize: Optimize = True) -> Array:
    """Sums of products over named axes, such as `"ij,jk->ik"` for a matrix product.

    A letter that is not in the result is summed over; one that occurs twice in an operand takes its
    diagonal; `...` stands for axes that broadcast. Without `->`, the result has the letters that
    occur once, in alphabetical order. As in NumPy, you may instead alternate operands and lists of
    axis numbers. Lengths of one letter must be equal or 1.

    Operands are contracted two at a time, in the cheapest order for up to six operands, and in a
    "greedy" order for more. `optimize` may name one of these ("optimal", "greedy"), also in a pair
    with the maximum number of elements of an intermediate result; it may be False for left to
    right, or a path from `np.einsum_path`.

    Raises:
        InvalidArgument: For subscripts that do not fit the operands, and for an unknown `optimize`.

    Example:
        >>> a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [1.0, 1.0]])
        >>> gg.einsum("ij,jk->ik", a, b)
        array([[3., 2.],
               [7., 4.]])
        >>> gg.einsum("ii", a)
        array(5.)
        >>> gg.grad(lambda b: gg.einsum("ij,jk,ik->", a, b, a))(b)
        array([[10., 14.],
               [14., 20.]])
    """
    if not isinstance(subscripts, str):
        subscripts, operands = _as_text((subscripts, *operands))
    operands = tuple(arrays(*operands))
    terms, result = _parsed(subscripts, [len(shape_of(x)) for x in operands])
    lengths = _lengths(subscripts, terms, operands)
    for label in result:
        if label not in lengths:
            raise InvalidArgument(
                f"einsum: {subscripts!r} names {label!r} in the result, but at no operand."
            )
    parts = [_prepared(x, labels) for x, labels in zip(operands, terms, strict=True)]
    for step in _path([labels for _, labels in parts], result, lengths, optimize):
        taken = [parts.pop(i) for i in reversed(step)]
        value, labels = taken.pop()
        value, labels = _summed(value, labels, _needed([*taken, *parts], result))
        while taken:
            other, theirs = taken.pop()
            keep = _needed([*taken, *parts], result)
            other, theirs = _summed(other, theirs, keep | set(labels))
            last = not taken and not parts
            value, labels = _contracted(
                value, labels, other, theirs, keep, lengths, result if last else ()
            )
        parts.append((value, labels))
    (value, labels), = parts
    value = ops.permute_dims(value, tuple(labels.index(label) for label in result))
    wanted = tuple(lengths[label] for label in result)
    return value if shape_of(value) == wanted else ops.broadcast_to(value, wanted)


def _path(
    terms: list[Labels], result: Labels, lengths: dict[Label, int], optimize: Optimize
) -> Path:
    """In which order the operands are contracted; see `einsum`."""
    how, count = False if optimize is None else settled(optimize), len(terms)
    limit = inf
    if isinstance(how, Sequence) and not isinstance(how, str) and len(how) > 0:
        first, *rest = how
        if first == "einsum_path":
            return checked(rest, count)
        if not isinstance(first, str | bool):
            return checked(how, count)
        how = first
        if len(rest) == 1 and isinstance(rest[0], int | float):
            limit = rest[0]
        elif rest:
            how = ()
    if how is True:
        how = "optimal" if count <= FEW else "greedy"
    if how is not False and how not in ("optimal", "greedy"):
        raise InvalidArgument(
            f"einsum: optimize is {optimize!r}; expected True, False, 'optimal' or 'greedy', one "
            "of these with a number of elements, or a path."
        )
    if count <= 2 or how is False:
        return left_to_right(count)
    bits = {label: 1 << i for i, label in enumerate(lengths)}
    sums = Contraction(
        tuple(sum(bits[label] for label in labels) for labels in terms),
        sum(bits[label] for label in result),
        tuple(lengths.values()),
    )
    return (cheapest if how == "optimal" else greedy)(sums, limit)


def _as_text(arguments: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """The other form, operands and lists of numbers in turns, as a text and operands."""
    def text(numbers: Sequence[Any]) -> str:
        return "".join("..." if n is ... else letter(n) for n in numbers)

    def letter(number: int) -> str:
        if not 0 <= number < len(NUMBERED):
            raise InvalidArgument(
                f"einsum: an axis has the number {number}; there are those from 0 to "
                f"{len(NUMBERED) - 1}."
            )
        return NUMBERED[number]

    count = len(arguments) // 2
    terms = ",".join(text(arguments[2 * i + 1]) for i in range(count))
    if len(arguments) % 2:
        terms += f"->{text(arguments[-1])}"
    return terms, tuple(arguments[2 * i] for i in range(count))


def _parsed(subscripts: str, ndims: list[int]) -> tuple[list[Labels], Labels]:
    """The labels of each operand and of the result."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    texts = inputs.split(",")
    if len(texts) != len(ndims):
        raise InvalidArgument(
            f"einsum: {subscripts!r} is for {len(texts)} operands; {len(ndims)} were given."
        )
    terms = [_labels(subscripts, text, n) for text, n in zip(texts, ndims, strict=True)]
    everywhere = sorted({x for labels in terms for x in labels if isinstance(x, int)}, reverse=True)
    if arrow:
        return terms, _labels(subscripts, output, None, everywhere)
    letters = [x for labels in terms for x in labels if isinstance(x, str)]
    return terms, (*everywhere, *sorted(x for x in set(letters) if letters.count(x) == 1))


def _labels(
    subscripts: str, text: str, ndim: int | None, dots: Sequence[int] = ()
) -> Labels:
    before, ellipsis, behind = text.partition("...")
    letters = before + behind
    if not all(letter in ascii_letters for letter in letters):
        raise InvalidArgument(f"einsum: {subscripts!r} holds something else than letters and dots.")
    if ndim is None:
        if len(set(letters)) < len(letters):
            raise InvalidArgument(f"einsum: {subscripts!r} names a letter twice in the result.")
        return (*before, *(dots if ellipsis else ()), *behind)
    rest = ndim - len(letters)
    if rest < 0 or (rest and not ellipsis):
        raise InvalidArgument(
            f"einsum: {text!r} of {subscripts!r} is for {len(letters)} axes; there are {ndim}."
        )
    return (*before, *range(rest, 0, -1), *behind)


def _lengths(subscripts: str, terms: list[Labels], operands: Sequence[Array]) -> dict[Label, int]:
    lengths: dict[Label, int] = {}
    for labels, x in zip(terms, operands, strict=True):
        for label, n in zip(labels, shape_of(x), strict=True):
            known = lengths.setdefault(label, n)
            if known == 1:
                lengths[label] = n
            elif n not in (1, known):
                raise InvalidArgument(
                    f"einsum: {label!r} of {subscripts!r} stands for lengths {known} and {n}."
                )
    return lengths


def _needed(parts: Sequence[tuple[Array, Labels]], result: Labels) -> set[Label]:
    return {label for _, labels in parts for label in labels} | set(result)


def _prepared(x: Array, labels: Labels) -> tuple[Array, Labels]:
    """The operand with diagonals for letters that it has twice."""
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            i = labels.index(label)
            k = labels.index(label, i + 1)
            others = [a for a in range(len(labels)) if a not in (i, k)]
            x = ops.permute_dims(x, (*others, i, k))
            rows, columns = shape_of(x)[-2:]
            if 1 in (rows, columns) and rows != columns:    # of length 1: it goes with each
                x = ops.squeeze(x, axis=-2 if rows == 1 else -1)
            else:
                x = writable_diagonal(x)
            labels = (*(labels[a] for a in others), label)
    return x, labels


def _summed(x: Array, labels: Labels, keep: set[Label]) -> tuple[Array, Labels]:
    """`x` summed over what nothing else needs."""
    gone = tuple(i for i, label in enumerate(labels) if label not in keep)
    if not gone:
        return x, labels
    return ops.sum(x, axis=gone), tuple(label for label in labels if label in keep)


def _contracted(
    a: Array,
    mine: Labels,
    b: Array,
    theirs: Labels,
    keep: set[Label],
    lengths: dict[Label, int],
    wanted: Labels,
) -> tuple[Array, Labels]:
    """The product of two operands, summed over what both have and nothing else needs.

    Its axes are those of the batch, then of the larger operand, then of the other, or in the last
    step as is `wanted`, so that few have to be moved.
    """
    shared = [label for label in mine if label in theirs]
    batch = [label for label in shared if label in keep]
    inner = [label for label in shared if label not in keep]
    left = [label for label in mine if label not in shared]
    right = [label for label in theirs if label not in shared]
    larger = prod(shape_of(b)) > prod(shape_of(a))
    if left and ((*batch, *right, *left) == wanted if wanted else larger):
        return _contracted(b, theirs, a, mine, keep, lengths, wanted)
    a, b = (_stretched(x, labels, shared, lengths) for x, labels in ((a, mine), (b, theirs)))
    first = mine.index(inner[0]) if inner else 0
    around = mine[:first], mine[first + len(inner) :]
    if inner and not batch and around[1] and mine == (*around[0], *inner, *around[1]):
        labels = (*around[0], *right, *around[1])
        if not wanted or labels == wanted:          # all of the first operand stays where it is
            return _through(a, b, theirs, around, inner, right, lengths), labels

    shapes = dict(zip((*mine, *theirs), (*shape_of(a), *shape_of(b)), strict=True))
    count, rows, depth, columns = (
        prod(shapes[label] for label in labels) for labels in (batch, left, inner, right)
    )
    a = ops.permute_dims(a, tuple(mine.index(label) for label in (*batch, *left, *inner)))
    b = ops.permute_dims(b, tuple(theirs.index(label) for label in (*batch, *inner, *right)))
    if batch or not inner:
        a = ops.reshape(a, (count, rows, depth))
        b = ops.reshape(b, (count, depth, columns))
    else:
        a, b = ops.reshape(a, (rows, depth)), ops.reshape(b, (depth, columns))
    product = ops.matmul(a, b) if inner else ops.multiply(a, b)
    labels = (*batch, *left, *right)
    return ops.reshape(product, tuple(shapes[label] for label in labels)), labels


def _through(
    a: Array,
    b: Array,
    theirs: Labels,
    around: tuple[Labels, Labels],
    inner: list[Label],
    right: list[Label],
    lengths: dict[Label, int],
) -> Array:
    """The product in which axes of `b` take the place of some of `a`, which are summed over.

    These lie in front of `a` or in the middle: there is one product for each place along the axes
    before.
    """
    shapes = dict(zip(theirs, shape_of(b), strict=True))
    before, behind = (shape_of(a)[: len(around[0])], shape_of(a)[len(around[0]) + len(inner) :])
    columns, depth = tuple(shapes[label] for label in right), prod(lengths[x] for x in inner)
    b = ops.permute_dims(b, tuple(theirs.index(label) for label in (*right, *inner)))
    b = ops.reshape(b, (prod(columns), depth))
    lead = (prod(before),) if before else ()
    a = ops.reshape(a, (*lead, depth, prod(behind)))
    return ops.reshape(ops.matmul(b, a), (*before, *columns, *behind))


def _stretched(x: Array, labels: Labels, shared: list[Label], lengths: dict[Label, int]) -> Array:
    """`x` repeated along shared axes of length 1."""
    shape = tuple(
        lengths[label] if label in shared else n
        for label, n in zip(labels, shape_of(x), strict=True)
    )
    return x if shape == shape_of(x) else ops.broadcast_to(x, shape)
