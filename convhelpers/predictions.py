"""With this module one can compute the wrong numbers that learners predict, each with the sentence that names it.

A learner is asked for what comes next: "output" is a whole output, "product" one product, "bias" the sum with the
bias. `questions` puts into words what is asked of a trace, `mistakes` does what goes wrong. The right numbers are the
trace's own.
"""

from typing import NamedTuple

import numpy as np

from convhelpers.operands import SILENT

# Running sums are given for what they lead to, too. The trace holds them all, so that they need no table of their own:
# the browser looks them up, after the known mistakes.
RUNNING_SUMS = {
    "output": "That is the sum after product {term} of {terms}: go on.",
    "product": "That is the running sum, not this product.",
    "bias": "That is the sum before the bias. Now add the bias.",
}
IN_PLACE = "Here same place meets same place."
ADDED_FACTORS = "You added the two numbers. Multiply them."


class Mistake(NamedTuple):
    """A wrong way to a number: the sentence that names it, and the number it gives for each thing that is asked."""

    sentence: str
    values: np.ndarray


def questions(trace):
    """Return what is asked of a trace, a template for each kind.

    `place` is the output's, `term` counts from 1, `where` is wording's. Where an output is a single product, it is
    asked for as an output.

    >>> from convhelpers.pairing import sum_of_products
    >>> from convhelpers.trace import record
    >>> list(questions(record(sum_of_products((1, 2)), [[1, 2]], [[3, 4]])).values())
    ['Predict the output. {where}', 'Predict product {term} of {terms}. {where}']
    """
    asked = {
        "output": "Predict output {place}. {where}" if trace.pairing.n_outputs > 1 else "Predict the output. {where}"
    }
    if trace.steps_per_output > 1:
        asked["product"] = "Predict product {term} of {terms}. {where}"
    if trace.bias is not None:
        asked["bias"] = "Predict the sum with the bias. {where}"
    return asked


def mistakes(trace, asked):
    """Return the known mistakes in one of `questions`: "output" or "bias" (a number an output), "product" (one a pair).

    The order is that in which a number is named that several mistakes give: first those that take the longest way,
    since they are the least likely to hit it by chance, last those that only leave something out. Which mistakes there
    are depends on the pairing and on whether there is a bias, not on the numbers. The values are floats, which may
    equal the right number here and there.

    Raises `ValueError` for what is not asked of this trace.

    >>> from convhelpers import signals
    >>> from convhelpers.pairing import cross_correlation
    >>> from convhelpers.trace import record
    >>> trace = record(cross_correlation((5, 5), (3, 3)), signals.question_image(), signals.question_kernel())
    >>> mistakes(trace, "output")[0].values[:3], trace.output.ravel()[:3]
    (array([10., 11., 10.]), array([4, 3, 4]))
    """
    if not isinstance(asked, str) or asked not in questions(trace):
        raise ValueError(f"asked must be one of {', '.join(questions(trace))}; received {asked!r}")
    with np.errstate(**SILENT):
        # Adding 0 makes 0 of −0, which whole numbers do not have.
        return [Mistake(sentence, np.ravel(values) + 0.0) for sentence, values in KINDS[asked](trace)]


def _in_outputs(trace):
    pairing, bias = trace.pairing, _bias(trace)
    if pairing.operation == "element-wise product":
        yield from _in_element_wise_products(trace)
    elif pairing.operation == "matrix product":
        yield from _in_matrix_products(trace)
    else:
        left, right = _factors(trace)
        yield from ((sentence, values + bias) for sentence, values in _in_sums(pairing, left, right))
        yield from _in_biases(trace)
        yield from _of_one_channel(trace)
    if trace.steps_per_output == 1:
        yield ADDED_FACTORS, np.add(*_factors(trace))


def _in_products(trace):
    left, right = _factors(trace)
    if _can_turn(trace.pairing):
        yield _turn_sentence(trace.pairing), left * _turned(right)
    yield ADDED_FACTORS, left + right


def _in_bias_steps(trace):
    yield "That is the bias alone. Add it to the sum.", _bias(trace)


KINDS = {"output": _in_outputs, "product": _in_products, "bias": _in_bias_steps}


def _in_element_wise_products(trace):
    """`A @ B` and the sum of all products, instead of `A * B`."""
    rows, columns = trace.left.shape[0], trace.left.shape[-1]
    if trace.left.ndim == 2 and rows == columns > 1:
        yield f"That is the entry of the matrix product. {IN_PLACE}", _matrix_product(trace.left, trace.right)
    if trace.pairing.n_outputs > 1:
        total = trace.products.sum(dtype=float)
        yield (
            "That is the sum of all products. In an element-wise product nothing is added.",
            np.full(trace.output.size, total),
        )


def _in_matrix_products(trace):
    """`A * B` and `A @ B.T`, where their shapes allow it, instead of `A @ B`."""
    A, B = trace.left.astype(float), trace.right.astype(float)
    if A.shape == B.shape == trace.output.shape:
        yield (
            "That is the element-wise product. The matrix product takes a row with a column.",
            A * B,
        )
    if B.shape[0] == B.shape[1] > 1:
        yield "That is a row with a row. The matrix product takes a row with a column.", _matrix_product(A, B.T)


def _in_sums(pairing, left, right):
    """Other sums over the same window, or over the same two arrays: before the bias."""
    shape = left.shape[1:]
    if len(shape) > 1 and shape[-1] == shape[-2] > 1:
        entries = np.matmul(left, right).reshape(len(left), -1).sum(axis=1)
        yield f"That is what the entries of the matrix product add to. {IN_PLACE}", entries
    if _can_turn(pairing):
        yield _turn_sentence(pairing), _added(left * _turned(right))
    if _depth(pairing) > 1:
        yield (
            f"That is {_part(pairing)} 0 of the filter on every channel. Each channel meets its own.",
            _added(left * right[:, :1]),
        )


def _in_biases(trace):
    if trace.bias is None:
        return
    total, bias, depth = trace.running_sums[:, -1].astype(float), _bias(trace), _depth(trace.pairing)
    if depth > 1:
        yield "That has the bias once for each channel. It is added once, at the end.", total + (depth - 1) * bias
    if trace.pairing.n_terms > 1:
        more = (trace.pairing.n_terms - 1) * bias
        yield "That has the bias once for each product. It is added once, at the end.", total + more
    yield "That is the sum before the bias. The bias comes last.", trace.running_sums[:, -2]


def _of_one_channel(trace):
    """The subtotal of each channel, with the bias, and without it where there is one."""
    depth = _depth(trace.pairing)
    if depth == 1:
        return
    subtotals = trace.products.reshape(len(trace.products), depth, -1).sum(axis=2, dtype=float).T
    part, bias = _part(trace.pairing), _bias(trace)
    for channel, subtotal in enumerate(subtotals):
        yield f"That is {part} {channel} alone. The products of all {depth} are added.", subtotal + bias
    if trace.bias is not None:
        for channel, subtotal in enumerate(subtotals):
            yield f"That is {part} {channel} alone, before the bias. The products of all {depth} are added.", subtotal


def _factors(trace):
    """Both factors of every product, as floats, each (n_outputs, *term_shape); 0 for left on the padding."""
    pairing = trace.pairing
    left = np.append(trace.left, np.zeros(pairing.n_padding))[pairing.places]
    right = trace.right.ravel()[pairing.right].astype(float)
    return tuple(factors.reshape(-1, *(pairing.term_shape or (1,))) for factors in (left, right))


def _added(products):
    return products.reshape(len(products), -1).sum(axis=1)


def _turned(weights):
    return weights[..., ::-1, ::-1]


def _matrix_product(left, right):
    return left.astype(float) @ right.astype(float)


def _can_turn(pairing):
    return pairing.window is not None and pairing.window.kernel_size != (1, 1)


def _turn_sentence(pairing):
    if pairing.flipped:
        return "That is with the kernel as it was given. A convolution turns it by 180° first."
    return "That is with the kernel turned by 180°. Here it is not turned."


def _depth(pairing):
    """Channels that a filter sees; 1 where there are none."""
    return pairing.term_shape[0] if len(pairing.term_shape) == 3 else 1


def _part(pairing):
    """What one of them is called: as in `wording.term_groups`, in groups a filter sees some channels only."""
    return "channel" if _depth(pairing) == pairing.left_shape[0] else "slice"


def _bias(trace):
    """The bias that each output takes, as floats; 0 where there is none."""
    return np.zeros(1) if trace.bias is None else trace.bias[trace.pairing.bias_index].astype(float)
