"""With this module one can say where a window stands on an input: output size, padding, what is left over.

It holds no numbers of an image, only sizes. `im2col`, `arithmetic` and `pairing` all ask it, so that no two of them
can place a window differently. What `padding`, its words, pairs and rounding mean stands in `conventions`.
"""

import operator
from dataclasses import dataclass
from functools import cached_property

PADDING_WORDS = ("valid", "same", "full")
BEYOND = 2**1000  # larger than any array; Python refuses to write out the sizes that larger numbers would make


@dataclass(frozen=True)
class Window:
    """A kernel's stations on an input. All pairs are (rows, columns); made by `place_window`.

    >>> window = place_window((5, 7), (3, 3), stride=2)
    >>> window.output_size, window.leftover
    ((2, 3), (0, 0))
    """

    input_size: tuple[int, int]
    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[tuple[int, int], tuple[int, int]]
    dilation: tuple[int, int]

    @cached_property
    def padded_size(self):
        """Input plus padding on both sides."""
        (height, width), ((top, bottom), (left, right)) = self.input_size, self.padding
        return top + height + bottom, left + width + right

    @cached_property
    def extent(self):
        """Rows and columns that the kernel covers: `dilation * (kernel - 1) + 1`."""
        (kh, kw), (down, across) = self.kernel_size, self.dilation
        return down * (kh - 1) + 1, across * (kw - 1) + 1

    @cached_property
    def output_size(self):
        """Number of stations: `floor((padded - extent) / stride) + 1`."""
        (height, width), (rows, columns), (down, across) = self.padded_size, self.extent, self.stride
        return (height - rows) // down + 1, (width - columns) // across + 1

    @cached_property
    def dense_shape(self):
        """Rows and columns of the kernel with its gaps filled, and stations down and across for it at stride 1."""
        (rows, columns), (height, width) = self.extent, self.padded_size
        return rows, columns, height - rows + 1, width - columns + 1

    @cached_property
    def is_dense(self):
        """Whether the kernel has no gaps and skips no station."""
        return self.stride == self.dilation == (1, 1)

    @property
    def leftover(self):
        """Rows at the bottom and columns at the right of the padded input that no window reaches."""
        (height, width), (rows, columns), (down, across) = self.padded_size, self.extent, self.stride
        return (height - rows) % down, (width - columns) % across


def place_window(input_size, kernel_size, *, stride=1, padding=0, dilation=1, same_before="smaller"):
    """Check sizes, stride, padding and dilation, and return the `Window` that they describe.

    `input_size` and `kernel_size` are pairs of whole numbers that are 1 or more. `same_before` says which
    half of an odd total comes first for `padding="same"`: "smaller" (cross-correlation) or "larger"
    (convolution).

    Raises `ValueError` for a value out of range, an unknown word, `"same"` with a stride above 1 and a kernel
    that does not fit; `TypeError` for a value of the wrong kind.

    >>> place_window((4, 4), (2, 2), padding="same").padding
    ((0, 1), (0, 1))
    >>> place_window((4, 6), (5, 3))
    Traceback (most recent call last):
        ...
    ValueError: kernel (5, 3) does not fit the padded input (4, 6): 5 rows > 4
    """
    input_size = whole_pair(input_size, "input size", minimum=1)
    kernel_size = whole_pair(kernel_size, "kernel size", minimum=1)
    stride = whole_pair(stride, "stride", minimum=1)
    dilation = whole_pair(dilation, "dilation", minimum=1)
    sides = _padding_sides(padding, kernel_size, stride, dilation, same_before)
    window = Window(input_size, kernel_size, stride, sides, dilation)
    _check_fit(window)
    return window


def whole_pair(value, name, minimum):
    """Return `value` as a pair of whole numbers; an int stands for both. Errors call it `name`.

    >>> whole_pair(2, "stride", minimum=1)
    (2, 2)
    >>> whole_pair((1, 0), "stride", minimum=1)
    Traceback (most recent call last):
        ...
    ValueError: stride must be 1 or more in both directions; received (1, 0)
    """
    first, second = value if _is_pair(value) else (value, value)
    if not (_is_whole(first) and _is_whole(second)):
        rule = "a whole number or a pair of them (rows, columns)"
        raise TypeError(f"{name} must be {rule}; received {_shown(value)}")
    first, second = operator.index(first), operator.index(second)
    if first < minimum or second < minimum:
        raise ValueError(f"{name} must be {minimum} or more in both directions; received {_shown(value)}")
    _check_largest((first, second), value, name)
    return first, second


def whole_number(value, name, minimum):
    """Return `value` as an int. Errors call it `name`.

    >>> whole_number(0, "groups", minimum=1)
    Traceback (most recent call last):
        ...
    ValueError: groups must be 1 or more; received 0
    """
    if not _is_whole(value):
        raise TypeError(f"{name} must be a whole number; received {_shown(value)}")
    number = operator.index(value)
    if number < minimum:
        raise ValueError(f"{name} must be {minimum} or more; received {_shown(value)}")
    _check_largest((number,), value, name)
    return number


def whole_shape(value, name, ndim):
    """Return the shape `value` as a tuple of ints that are 1 or more. Errors call it `name`.

    `ndim` holds the allowed numbers of axes.

    >>> whole_shape([2, 3], "input shape", ndim=(1, 2))
    (2, 3)
    >>> whole_shape((2, 3), "weight shape", ndim=(4,))
    Traceback (most recent call last):
        ...
    ValueError: weight shape must be 4-D; received (2, 3)
    """
    if not isinstance(value, (tuple, list)) or not all(map(_is_whole, value)):
        raise TypeError(f"{name} must be a tuple of whole numbers; received {_shown(value)}")
    shape = tuple(map(operator.index, value))
    if len(shape) not in ndim:
        raise ValueError(f"{name} must be {' or '.join(f'{number}-D' for number in ndim)}; received {_shown(shape)}")
    if min(shape) < 1:
        raise ValueError(f"{name} must have 1 or more in every direction; received {_shown(shape)}")
    _check_largest(shape, shape, name)
    return shape


def check_groups(groups, channels, filters, depth):
    """Return `groups` as an int, if that many equal parts of the channels and of the filters go together.

    `depth` is the number of channels of each filter; it sees the channels of its own part only.

    >>> check_groups(2, channels=4, filters=6, depth=2)
    2
    >>> check_groups(2, channels=4, filters=6, depth=4)
    Traceback (most recent call last):
        ...
    ValueError: each filter of weight must have C/groups = 4/2 = 2 channels; received 4
    """
    groups = whole_number(groups, "groups", minimum=1)
    if channels % groups or filters % groups:
        raise ValueError(
            f"groups must divide the {channels} channels of the input and the {filters} filters; received {groups}"
        )
    if depth != channels // groups:
        share = f"{channels}/{groups} = {channels // groups}"
        raise ValueError(f"each filter of weight must have C/groups = {share} channels; received {depth}")
    return groups


def _padding_sides(padding, kernel_size, stride, dilation, same_before):
    """Return ((top, bottom), (left, right)) for any way of writing `padding`."""
    if isinstance(padding, str):
        return _padding_of_word(padding, kernel_size, stride, dilation, same_before)
    first, second = padding if _is_pair(padding) else (padding, padding)
    if _is_whole(first) and _is_whole(second):
        first, second = (first, first), (second, second)
    if not (_is_whole_pair(first) and _is_whole_pair(second)):
        raise TypeError(
            "padding must be a whole number, (vertical, horizontal), ((top, bottom), (left, right)), "
            f'"valid", "same" or "full"; received {_shown(padding)}'
        )
    top, bottom, left, right = map(operator.index, (*first, *second))
    if min(top, bottom, left, right) < 0:
        raise ValueError(f"padding must be 0 or more on every side; received {_shown(padding)}")
    _check_largest((top, bottom, left, right), padding, "padding")
    return (top, bottom), (left, right)


def _padding_of_word(word, kernel_size, stride, dilation, same_before):
    if word not in PADDING_WORDS:
        raise ValueError(f'padding must be "valid", "same", "full" or numbers; received {word!r}')
    totals = [d * (k - 1) for d, k in zip(dilation, kernel_size, strict=True)]
    if word == "valid":
        return ((0, 0), (0, 0))
    if word == "full":
        return tuple((total, total) for total in totals)
    if max(stride) > 1:
        reason = "since a larger stride shrinks the output"
        raise ValueError(f'padding "same" needs stride 1, {reason}; received stride {stride}')
    smaller_first = [(total // 2, total - total // 2) for total in totals]
    return tuple(pair if same_before == "smaller" else pair[::-1] for pair in smaller_first)


def _check_fit(window):
    (rows, columns), (height, width) = window.extent, window.padded_size
    if rows <= height and columns <= width:
        return
    dilated = f" with dilation {window.dilation}" if max(window.dilation) > 1 else ""
    excess = f"{rows} rows > {height}" if rows > height else f"{columns} columns > {width}"
    raise ValueError(
        f"kernel {window.kernel_size}{dilated} does not fit the padded input {window.padded_size}: {excess}"
    )


def _check_largest(numbers, value, name):
    if max(numbers) >= BEYOND:
        raise ValueError(f"{name} must be less than 2**1000; received {_shown(value)}")


def _shown(value):
    """What an error says that it received: Python refuses to write out numbers of thousands of digits."""
    try:
        return repr(value)
    except ValueError:
        return "a number too long to be written out"


def _is_pair(value):
    return isinstance(value, (tuple, list)) and len(value) == 2


def _is_whole_pair(value):
    return _is_pair(value) and _is_whole(value[0]) and _is_whole(value[1])


def _is_whole(value):
    """A bool counts as no number: `stride=True` is a slip, not a 1."""
    if type(value) is int:  # nearly always; the rest of the question takes much longer
        return True
    if isinstance(value, bool) or str(getattr(value, "dtype", "")) == "bool":  # NumPy 2.0 takes its bool for an index
        return False
    try:
        operator.index(value)
    except TypeError:
        return False
    return True
