"""With this module one can take what a learner passes as numbers, and get real, non-empty NumPy arrays.

`im2col`, `arithmetic` and `trace` all ask it, once, at their public boundary; behind it arrays are trusted. What
becomes of whole numbers and floats stands in `conventions`, under "Numbers". Besides:

- Truth values count as whole numbers, NaN and infinity as numbers like any other.
- Complex numbers are refused, since libraries differ on which operand they conjugate, and so are masked arrays,
  since the mask would be lost.
- An array that needs no change is returned as it is, not copied.
"""

import numpy as np

LARGEST_INTEGER = np.iinfo(np.int64).max
# For `np.errstate`: infinity times zero, and sums past the largest float, are answers (NaN and infinity), no accidents.
SILENT = {"invalid": "ignore", "over": "ignore"}


def real_array(value, name, *, ndim=None, axes=None):
    """Return `value` as a plain, non-empty array of real numbers. Errors call it `name`.

    `ndim` is the number of axes allowed, or a tuple of such numbers; None allows any. `axes` names them in
    the error: a string such as "(H, W)", or a tuple of strings, one for each allowed number.

    Raises `TypeError` for None, text, dates, objects, complex numbers and masked arrays; `ValueError` for
    nested lists of unequal length, an empty array, a wrong number of axes, and whole numbers beyond 64 bits.

    >>> real_array([[True, False]], "x", ndim=2)
    array([[1, 0]])
    >>> real_array([1.0, 2.0], "x", ndim=2, axes="(H, W)")
    Traceback (most recent call last):
        ...
    ValueError: x must be 2-D (H, W); received shape (2,)
    """
    array = value if type(value) is np.ndarray else _plain_array(value, name)
    kind = array.dtype.kind
    if kind not in "biuf":
        _refuse_kind(array, name)
    _check_shape(array.shape, name, ndim, axes)
    if kind == "f":
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    if kind == "u" and int(array.max()) > LARGEST_INTEGER:
        _refuse_whole_number(array.max(), name)
    return array.astype(np.int64, copy=False)


def real_bias(bias, n_outputs):
    """Return `bias` as one number for each of `n_outputs` filters or neurons, or None for none.

    Raises as `real_array` does, and `ValueError` for another number of them.

    >>> real_bias([1, -2, 3], 2)
    Traceback (most recent call last):
        ...
    ValueError: bias must hold 2 numbers, one a filter or neuron; received shape (3,)
    """
    if bias is None:
        return None
    bias = real_array(bias, "bias", ndim=1)
    if len(bias) != n_outputs:
        raise ValueError(f"bias must hold {n_outputs} numbers, one a filter or neuron; received shape {bias.shape}")
    return bias


def check_integer_sums(left, right, n_terms, bias=None):
    """Refuse integer sums of `n_terms` products that might not fit 64 bits; return their bound.

        max|left| · max|right| · n_terms + max|bias|

    The arrays come from `real_array`. The bound is a Python int, which cannot wrap round itself. Where one of
    the arrays holds floating-point numbers nothing can wrap, and the answer is None.

    Raises `ValueError` for a bound of 2**63 or more.

    >>> check_integer_sums(np.array([3, -4]), np.array([10]), n_terms=2)
    80
    >>> check_integer_sums(np.array([2**40]), np.array([2**30]), n_terms=9)
    Traceback (most recent call last):
        ...
    ValueError: integer sums might not fit 64 bits: 1099511627776 · 1073741824 · 9 terms >= 2**63; pass floats
    """
    if any(array is not None and array.dtype.kind == "f" for array in (left, right, bias)):
        return None
    factors, offset = (_largest(left), _largest(right)), 0 if bias is None else _largest(bias)
    bound = factors[0] * factors[1] * n_terms + offset
    if bound > LARGEST_INTEGER:
        plus_bias = f" + bias {offset}" if offset else ""
        raise ValueError(
            "integer sums might not fit 64 bits: "
            f"{factors[0]} · {factors[1]} · {n_terms} terms{plus_bias} >= 2**63; pass floats"
        )
    return bound


def type_to_add_in(dtype):
    """Return the type in which numbers of a type are added up: float32 for float16, otherwise the type itself.

    A sum of float16 stops growing at a few thousand terms; it is rounded to float16 at the end.

    >>> type_to_add_in(np.dtype("float16"))
    dtype('float32')
    """
    return np.dtype(np.float32) if dtype == np.float16 else dtype


def _plain_array(value, name):
    if value is None:
        raise TypeError(f"{name} must be an array of real numbers; received None")
    if any(isinstance(part, np.ma.MaskedArray) for part in _parts(value)):
        raise TypeError(f"{name} must be a plain array; received a masked array (fill it first: .filled(0))")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array of real numbers; {error}") from error
    if array.dtype.kind == "f" and isinstance(value, (list, tuple)) and all(map(_is_whole, _parts(value))):
        return _whole_array(value, name)
    return array


def _parts(value):
    """Yield what stands in nested lists, each list once: one may hold itself."""
    waiting, seen = [[value]], set()
    while waiting:
        for part in waiting.pop():
            if not isinstance(part, (list, tuple)):
                yield part
            elif id(part) not in seen:
                seen.add(id(part))
                waiting.append(part)


def _is_whole(part):
    return np.asarray(part).dtype.kind in "biuO"  # objects: ints beyond 64 bits


def _whole_array(value, name):
    """Whole numbers that NumPy would make floats of, rounded: where some need uint64 and others are negative."""
    array = np.array(value, object)
    furthest = max(map(int, array.flat), key=abs, default=0)
    if not -LARGEST_INTEGER - 1 <= furthest <= LARGEST_INTEGER:
        _refuse_whole_number(furthest, name)
    return array.astype(np.int64)


def _refuse_whole_number(value, name):
    raise ValueError(f"{name} must hold whole numbers from -2**63 to 2**63 - 1; received {value}")


def _refuse_kind(array, name):
    if array.dtype.kind == "c":
        reason = "libraries differ on conjugating, so pass .real and .imag apart"
        raise TypeError(f"{name} must hold real numbers; received dtype {array.dtype} ({reason})")
    if array.dtype.kind == "O" and array.size and all(type(value) is int for value in array.flat):
        beyond = max(array.flat, key=abs)  # NumPy makes objects of a list of ints where one is beyond 64 bits
        if not -LARGEST_INTEGER - 1 <= beyond <= LARGEST_INTEGER:
            _refuse_whole_number(beyond, name)
    raise TypeError(f"{name} must hold real numbers; received dtype {array.dtype}")


def _check_shape(shape, name, ndim, axes):
    allowed = ndim if isinstance(ndim, tuple) else (ndim,)
    if ndim is not None and len(shape) not in allowed:
        names = ("",) * len(allowed) if axes is None else (axes,) if isinstance(axes, str) else axes
        rules = [f"{number}-D {of_axes}".rstrip() for number, of_axes in zip(allowed, names, strict=True)]
        raise ValueError(f"{name} must be {' or '.join(rules)}; received shape {shape}")
    if 0 in shape:
        raise ValueError(f"{name} must not be empty; received shape {shape}")


def _largest(array):
    """Return max|array| as a Python int; `np.abs` would wrap on -2**63."""
    return max(int(array.max()), -int(array.min()))
