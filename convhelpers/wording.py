"""With this module one can put a step of a trace into words: numbers, places, and one sentence.

The live view, the still picture, an export and a screen reader all use these words. `Words` holds what is constant for
a trace, `sentence` fills it in for one step; `static/stepper.js` fills in the same templates in the browser.
"""

import math
from dataclasses import dataclass

import numpy as np

from convhelpers.operands import SILENT
from convhelpers.texts import in_line

NOUNS = {
    "element-wise product": ("A", "B"),
    "sum of products": ("A", "B"),
    "matrix product": ("A", "B"),
}
TEMPLATES = {
    "product": "{where} Product {term} of {terms}: {left} times {right} gives {product}; {change}. {result}",
    "only": "{where} {left} times {right} gives {product}. Nothing is added. {result}",
    "bias": "{where} The bias {product} is added last; {change}. {result}",
    "output": "{where} {added} to {sum}. {result}",
    "result": "Output {place} = {sum}.",
    "first": "the sum starts at {sum}",
    "same": "the sum stays {sum}",
    "changed": "the sum becomes {sum}",
    "element": "{noun} {place} = {value}",
    "padding": "padding = {value}",
}
CHANGES = ("first", "same", "changed")
LONGEST_GROUP = 12


@dataclass(frozen=True)
class Words:
    """What is constant in the sentences of one trace: nouns, templates, and where each output looks."""

    nouns: tuple[str, str]
    where: tuple[str, ...]
    start: str
    added: str


def words(trace, names=None):
    """Return the `Words` of a trace; `names` (left, right) replace the nouns, "A" and "B" or "input" and "weight"."""
    pairing = trace.pairing
    nouns = checked_names(names) or NOUNS.get(pairing.operation, ("input", "weight"))
    outputs, products = _count(pairing.n_outputs, "output"), _count(pairing.n_terms, "product")
    each = " each" if pairing.n_outputs > 1 else ""
    bias = "" if trace.bias is None else " and the bias"
    verb = "adds" if pairing.n_terms == 1 and not bias else "add"
    return Words(
        nouns,
        tuple(_where(pairing, nouns)),
        f"Nothing is computed yet: {outputs}, {products}{bias}{each}.",
        f"{'The product' if pairing.n_terms == 1 else f'The {pairing.n_terms} products'}{bias} {verb} up",
    )


def sentence(trace, step, by="product", names=None):
    """Say what happens in a step from 0 to `trace.n_steps`; with `by="output"`, what one output is.

    Raises `ValueError` for a step outside the trace or another `by`, `TypeError` for names that are not two texts.

    >>> from convhelpers.pairing import cross_correlation
    >>> from convhelpers.trace import record
    >>> trace = record(cross_correlation((3, 3), (2, 2)), np.arange(9).reshape(3, 3), [[0, 1], [2, 3]])
    >>> sentence(trace, 3)
    'Window rows 0–1, columns 0–1. Product 3 of 4: input (1, 0) = 3 times weight (1, 0) = 2 gives 6; the sum becomes 7.'
    """
    if not isinstance(by, str) or by not in ("product", "output"):
        raise ValueError(f'by must be "product" or "output"; received {by!r}')
    constant = words(trace, names)
    if isinstance(step, (int, np.integer)) and step == 0:
        return constant.start
    pairing = trace.pairing
    output, term = trace.locate(step)
    total = number(trace.running_sums[output, term])
    finished = term == trace.steps_per_output - 1
    place = place_text(output, pairing.output_shape)
    parts = {"where": constant.where[output], "sum": total, "term": term + 1, "terms": pairing.n_terms}
    parts["result"] = TEMPLATES["result"].format(place=place, sum=total) if finished else ""
    if by == "output" and finished and trace.steps_per_output > 1:
        return _fill("output", parts | {"added": constant.added})
    parts["change"] = TEMPLATES[CHANGES[changes(trace)[output, term]]].format(sum=total)
    if term == pairing.n_terms:
        return _fill("bias", parts | {"product": number(trace.bias[pairing.bias_index[output]])})
    parts["product"] = number(trace.products[output, term])
    parts["left"] = _element(trace.left, pairing.places[output, term], constant.nouns[0])
    parts["right"] = _element(trace.right, pairing.right[output, term], constant.nouns[1])
    return _fill("only" if trace.steps_per_output == 1 else "product", parts)


def changes(trace):
    """What each term does to its running sum, (n_outputs, steps_per_output), as places in `CHANGES`.

    The values decide, not their texts: adding 1 to ten million changes a sum that still reads 1e7.
    """
    sums = trace.running_sums
    same = (sums[:, 1:] == sums[:, :-1]) | (np.isnan(sums[:, 1:]) & np.isnan(sums[:, :-1]))
    first = np.zeros((len(sums), 1), dtype=int)
    return np.hstack([first, np.where(same, CHANGES.index("same"), CHANGES.index("changed"))])


def checked_names(names, most=None):
    """Return the two operands' names as they stand in a sentence, cut after `most` letters; None for the usual ones."""
    if names is None:
        return None
    if not isinstance(names, (tuple, list)) or len(names) != 2 or not all(isinstance(name, str) for name in names):
        raise TypeError(f"names must be two texts, for the left and the right operand; received {names!r}")
    return tuple(in_line(name, most) for name in names)


def number(value):
    """Write a number so that it fits a cell: whole numbers as they are, others with two to four significant digits.

    >>> [number(v) for v in (3, -3, 2.0, 1 / 9, -0.0, 1e12, 1e-12, 1234567.5, float("nan"), float("-inf"))]
    ['3', '−3', '2', '0.111', '−0', '1e12', '1e−12', '1.235e6', 'NaN', '−inf']
    """
    if isinstance(value, np.generic):
        # float16 cannot even be compared with 1e7; the item of a longdouble is no float.
        value = float(value) if isinstance(value, np.floating) else value.item()
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        text = "inf" if value > 0 else "-inf"
    elif abs(value) < 1e7 and value == int(value):
        text = f"{value:.0f}" if isinstance(value, float) else str(int(value))
    else:
        text = _significant(float(value))
    return text.replace("-", "−")


def place_text(index, shape):
    """Name a flat index: (row, column), (channel, row, column), (place) in a vector; nothing for a lone one.

    >>> place_text(5, (2, 3)), place_text(5, (6,)), place_text(0, (1, 1))
    ('(1, 2)', '(5)', '')
    """
    if math.prod(shape) == 1:
        return ""
    parts = [str(int(part)) for part in np.unravel_index(index, shape)]
    return f"({', '.join(parts)})"


def term_groups(pairing):
    """Cut a long sum into groups that fit a line: [(start, stop, label)]; a short sum is one group.

    A sum over channels is cut by channel, a long channel by kernel row, a long vector by tens.

    >>> from convhelpers.pairing import conv_layer, fully_connected
    >>> term_groups(conv_layer((3, 4, 4), (1, 3, 3, 3)))
    [(0, 9, 'channel 0'), (9, 18, 'channel 1'), (18, 27, 'channel 2')]
    >>> term_groups(fully_connected(25, 1))
    [(0, 10, 'terms 1–10'), (10, 20, 'terms 11–20'), (20, 25, 'terms 21–25')]
    """
    shape, n_terms = pairing.term_shape, pairing.n_terms
    if n_terms <= LONGEST_GROUP and (len(shape) < 3 or shape[1:] == (1, 1) or shape[0] == 1):
        return [(0, n_terms, "")]
    slice_size = math.prod(shape[1:])
    part = "channel" if shape[0] == pairing.left_shape[0] else "slice"  # in groups, a filter sees some channels only
    if len(shape) == 3 and 1 < slice_size <= LONGEST_GROUP:
        return [(c * slice_size, (c + 1) * slice_size, f"{part} {c}") for c in range(shape[0])]
    if len(shape) > 1 and shape[-1] <= LONGEST_GROUP and slice_size > 1:
        return [(start, start + shape[-1], _row_label(start, shape, part)) for start in range(0, n_terms, shape[-1])]
    spans = [(start, min(start + 10, n_terms)) for start in range(0, n_terms, 10)]
    return [(a, b, f"terms {a + 1}–{b}" if b - a > 1 else f"term {b}") for a, b in spans]


def subtotals(trace):
    """What each of `term_groups` adds up to, (n_outputs, n_groups)."""
    with np.errstate(**SILENT):
        sums = [trace.products[:, start:stop].sum(axis=1) for start, stop, _ in term_groups(trace.pairing)]
    return np.stack(sums, axis=1)


def _row_label(start, shape, part):
    place, row = divmod(start // shape[-1], shape[-2])
    return f"row {row}" if len(shape) == 2 else f"{part} {place}, row {row}"


def _fill(name, parts):
    return " ".join(TEMPLATES[name].format(**parts).split())


def _element(values, index, noun):
    if index >= values.size:
        return TEMPLATES["padding"].format(value=number(0))
    place = place_text(index, values.shape)
    return " ".join(TEMPLATES["element"].format(noun=noun, place=place, value=number(values.flat[index])).split())


def _where(pairing, nouns):
    """For each output, where its pairs come from."""
    shape = pairing.output_shape
    if pairing.operation == "matrix product":
        rows, columns = shape
        return [f"Row {i} of {nouns[0]} with column {j} of {nouns[1]}." for i in range(rows) for j in range(columns)]
    if pairing.operation == "fully connected layer":
        # A lone neuron may be any of its layer.
        return [f"Neuron {o}." for o in range(pairing.n_outputs)] if pairing.n_outputs > 1 else [""]
    if pairing.window is None:
        return [""] * pairing.n_outputs
    rows, columns = (_spans(pairing.window, axis, noun) for axis, noun in enumerate(("row", "column")))
    form = "Pixel ({}, {})." if pairing.window.kernel_size == (1, 1) else "Window {}, {}."
    stations = [form.format(i, j) for i in rows for j in columns]
    if len(shape) == 2 or shape[0] == 1:
        return stations
    return [f"Filter {k}. {station}" for k in range(shape[0]) for station in stations]


def _spans(window, axis, noun):
    """Where each station stands: "rows 1–3"; "rows −1 to 1" on the padding; "rows 0, 2, 4" dilated; "row 1".

    A 1×1 kernel stands on a pixel, which needs no noun.
    """
    before, stride, gap = window.padding[axis][0], window.stride[axis], window.dilation[axis]
    spans = []
    for station in range(window.output_size[axis]):
        covered = [station * stride - before + gap * k for k in range(window.kernel_size[axis])]
        texts = [str(place).replace("-", "−") for place in covered]
        if window.kernel_size == (1, 1):
            spans.append(texts[0])
        elif len(covered) == 1:
            spans.append(f"{noun} {texts[0]}")
        elif gap > 1:
            spans.append(f"{noun}s {', '.join(texts)}")
        else:
            spans.append(f"{noun}s {texts[0]}{' to ' if covered[0] < 0 else '–'}{texts[-1]}")
    return spans


def _count(n, noun):
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _significant(value):
    """Two to four significant digits, fewer for small numbers, and an exponent without padding zeros and plus sign."""
    size = abs(value)
    if 1e-4 <= size < 9999.5:  # from there on, four digits round up to 1e+04
        return f"{value:.2g}" if size < 0.1 else f"{value:.3g}" if size < 1 else f"{value:.4g}"
    if 9999.5 <= size < 1e6:
        return f"{value:.0f}"
    mantissa, exponent = f"{value:.3e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
