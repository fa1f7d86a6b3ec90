"""With this module one can have every view large for a whole sitting, by the environment variable CONVHELPERS_SIZE."""

import os

SIZES = ("normal", "large")  # large is for a projector
VARIABLE = "CONVHELPERS_SIZE"


def size_or_default(size):
    """Return a view's size, or for None what the environment variable says, "normal" where it is not set.

    Raises `ValueError` for a variable that says something else, rather than show a lecture hall what it cannot read.

    >>> size_or_default("large"), size_or_default(None)
    ('large', 'normal')
    """
    if size is not None:
        return size
    default = os.environ.get(VARIABLE) or "normal"
    if default not in SIZES:
        raise ValueError(f"the environment variable {VARIABLE} must be {' or '.join(SIZES)}; received {default!r}")
    return default
