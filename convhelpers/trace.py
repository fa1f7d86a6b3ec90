"""With this module one can record an operation: every product, every running sum, every output, in order.

    trace = record(cross_correlation(x.shape, k.shape), x, k)

A `Trace` is a `pairing.Pairing` with its numbers. Pictures, the stepper and the sentences all read the same trace.
Steps are counted: step 0 is before the first product, step 1 is after it. Where there is a bias, adding it is a step
of its own, the last one of each output.
"""

from dataclasses import dataclass, field
from numbers import Integral

import numpy as np

from convhelpers.operands import SILENT, check_integer_sums, real_array, real_bias, type_to_add_in
from convhelpers.pairing import Pairing, check_size


@dataclass(frozen=True, eq=False)
class Trace:
    """A pairing with its numbers; made by `record`.

    `left` and `right` are the operands, `bias` a value a filter or neuron, or None, `products` (n_outputs, n_terms),
    `running_sums` (n_outputs, steps_per_output), `output` in the output's own shape.
    """

    pairing: Pairing
    left: np.ndarray
    right: np.ndarray
    bias: np.ndarray | None = field(repr=False)
    products: np.ndarray = field(repr=False)
    running_sums: np.ndarray = field(repr=False)
    output: np.ndarray

    @property
    def operands(self):
        """What the sums are made of: (left, right, bias), as `record` takes them after the pairing."""
        return self.left, self.right, self.bias

    @property
    def steps_per_output(self):
        """Products an output, and one more where a bias is added."""
        return self.running_sums.shape[1]

    @property
    def n_steps(self):
        """All steps, of all outputs."""
        return self.running_sums.size

    def locate(self, step):
        """Return (output, term) of a step from 1 to `n_steps`; the term after the last product is the bias.

        Raises `TypeError` for a step that is no whole number, and `ValueError` for one outside the trace.

        >>> from convhelpers.pairing import cross_correlation
        >>> trace = record(cross_correlation((5, 5), (3, 3)), np.ones((5, 5)), np.ones((3, 3)))
        >>> trace.locate(42)
        (4, 5)
        """
        if not isinstance(step, Integral) or isinstance(step, bool):
            raise TypeError(f"step must be a whole number; received {step!r}")
        if not 1 <= step <= self.n_steps:
            raise ValueError(f"step must be from 1 to {self.n_steps}; received {step}")
        return divmod(int(step) - 1, self.steps_per_output)

    def fully_connected_matrix(self):
        """Return the matrix of the fully connected layer that does the same sums: most weights 0, the others shared.

            matrix[o, i] = the weight that input i meets in output o, and 0 where they do not meet

        Shape (n_outputs, n_inputs), both counted flat, so that `matrix @ left.ravel()` is the flat output without its
        bias. Terms on the padding have no column. A turned kernel stands in it turned.

        Raises `ValueError` for a matrix too large to look at.

        >>> from convhelpers.pairing import cross_correlation
        >>> record(cross_correlation((1, 4), (1, 2)), [[5, 6, 7, 8]], [[1, 2]]).fully_connected_matrix()
        array([[1, 2, 0, 0],
               [0, 1, 2, 0],
               [0, 0, 1, 2]])
        """
        shape = (self.pairing.n_outputs, self.left.size)
        check_size(shape, "fully connected matrix")
        matrix = np.zeros(shape, self.right.dtype)
        outputs, terms, inputs = self.pairing.meetings()
        matrix[outputs, inputs] = self.right.ravel()[self.pairing.right[outputs, terms]]
        return matrix


def record(pairing, left, right, bias=None):
    """Do the sums of a pairing one product at a time, and keep them all.

    products[o, t] = left[L[o, t]] * right[R[o, t]] (0 for left on the padding), running_sums = their cumulative sum,
    bias added last. `left` and `right` have the pairing's shapes; `bias` has one value a filter or neuron and is
    taken by the layers only. Integers stay exact; nothing that is passed in is modified.

    Raises `TypeError` for what is no pairing or no array of real numbers; `ValueError` for a wrong shape, a bias where
    none belongs, and whole numbers whose sums might not fit 64 bits.

    >>> from convhelpers.pairing import sum_of_products
    >>> record(sum_of_products((2, 2)), [[1, 2], [3, 4]], [[5, 6], [7, 8]]).running_sums.tolist()
    [[5, 17, 38, 70]]
    """
    if not isinstance(pairing, Pairing):
        raise TypeError(f"pairing must be a Pairing, made by a builder of `pairing`; received {type(pairing).__name__}")
    left = _operand(left, "left", pairing.left_shape)
    right = _operand(right, "right", pairing.right_shape)
    bias = _bias(bias, pairing)
    check_integer_sums(left, right, pairing.n_terms, bias)
    left_values = np.append(left.ravel(), np.zeros(pairing.n_padding, left.dtype))
    with np.errstate(**SILENT):
        products = left_values[pairing.places] * right.ravel()[pairing.right]
        terms = products
        if bias is not None:
            terms = np.column_stack([products, bias[pairing.bias_index]])
        running_sums = np.cumsum(terms, axis=1, dtype=type_to_add_in(terms.dtype)).astype(terms.dtype, copy=False)
    for recorded in (products, running_sums):
        recorded.flags.writeable = False
    output = running_sums[:, -1].reshape(pairing.output_shape)
    return Trace(pairing, left, right, bias, products, running_sums, output)


def _operand(value, name, shape):
    """A private copy, so that a later change of the learner's array does not reach the record."""
    array = real_array(value, name).copy()
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape} of the pairing; received {array.shape}")
    array.flags.writeable = False
    return array


def _bias(bias, pairing):
    if bias is None:
        return None
    if pairing.bias_index is None:
        raise ValueError(f"bias belongs to the layers; the {pairing.operation} takes none")
    bias = real_bias(bias, int(pairing.bias_index.max()) + 1).copy()
    bias.flags.writeable = False
    return bias
