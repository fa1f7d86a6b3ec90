"""The lessons' quick questions: every number in them is computed here, and what is right is right by it.

`EVIDENCE` is the one list of them, lesson by lesson in the order of asking. Each entry computes the numbers of a
question from top to bottom: those that it asks about, then for each choice those of its text and those of its reason.
"""

import ast
import inspect
import re

import nbformat
import numpy as np
import pytest
import scipy.signal
from test_lessons import LESSONS, cells

from convhelpers import questions, signals
from convhelpers.arithmetic import conv2d, correlate2d, linear, output_size
from convhelpers.im2col import col2im, im2col
from convhelpers.pairing import cross_correlation, matrix_product
from convhelpers.trace import record

CODE = re.compile("`(.+?)`")
IMAGE, KERNEL = signals.question_image(), signals.question_kernel()
W, B = IMAGE[:3, :3], KERNEL


def numbers(text):
    """The numbers that a text writes in digits, those in code left out."""
    found = re.findall(r"(?<![\w.])−?\d+(?:\.\d+)?(?!\w)", CODE.sub("", text))
    return [float(number.replace("−", "-")) for number in found]


def code(choice):
    (found,) = CODE.findall(choice["text"])
    return found


def place_of_the_right_one(question):
    return [choice["right"] for choice in question.choices].index(True)


# Lesson 1


def place_of_four():
    products = W * B
    assert products[0, 0] != products.sum() == 4
    return [
        [products.sum(), products.sum()],
        [[0, 0], [W[0, 0], B[0, 0], products[0, 0], products.sum(), products.size]],
        [[], [products.size]],
        [[products.size, products.sum()], []],
    ]


def sum_of_matrix_entries():
    table = matrix_product(W.shape, B.shape)
    n_products, n_terms = table.left.size, table.n_terms
    assert set(table.right[table.left == np.ravel_multi_index((0, 1), W.shape)]) == {3, 4, 5}  # row 1 of B
    times = n_products // (W * B).size
    return [
        [(W @ B).size],
        [[(W * B).sum()], [1]],
        [[(W @ B).sum()], [n_products, (W * B).size]],
        [[n_terms * (W * B).sum()], [times, n_products, (W * B).size]],
    ]


def flattened_product():
    w, b = W.ravel(), B.ravel()
    return [
        [],
        [[(W @ B).sum()], []],
        [[(w * b).size], []],
        [np.outer(w, b).shape, []],
        [[w @ b], [(w * b).size]],
    ]


def dot_of_three_axes():
    a = np.ones((3, 3, 3))
    assert np.ndim(np.vdot(a, a)) == 0
    return [
        a.shape,
        [[], []],
        [np.tensordot(a, a, axes=2).shape, [2]],
        [(a @ a).shape, []],
        [np.dot(a, a).shape, [a.ndim - 1, np.dot(a, a).size]],
    ]


# Lesson 2


def window_of_an_output():
    def span(output, size=3):
        return [output, output + size - 1]

    windows = cross_correlation(IMAGE.shape, KERNEL.shape).left.reshape(3, 3, 9)
    rows, columns = np.unravel_index(windows[2, 0], IMAGE.shape)
    assert [rows.min(), rows.max(), columns.min(), columns.max()] == [*span(2), *span(0)]
    by_middle = [*span(2 - 1), *span(0 - 1)]
    by_whole_windows = [*span(2 * 3), *span(0)]
    return [
        [2, 0],
        [by_middle, [2, 0]],
        [[*span(0), *span(2)], [0, 2]],
        [by_whole_windows, []],
        [[*span(2), *span(0)], [2, 0, *KERNEL.shape]],
    ]


def fractional_size():
    size = output_size(4, 3, stride=2)
    used = cross_correlation((4, 3), (3, 3), stride=2).left // 3
    assert (used.min(), used.max()) == (0, 2)
    fraction = (4 - 3) / 2 + 1
    return [
        [4, 3, 2],
        [[size], [used.min(), used.max(), 3]],
        [[np.ceil(fraction)], [2, 2 + 2, 4, fraction]],
        [[fraction], []],
    ]


def size_with_full_padding():
    def shape(padding):
        return correlate2d(IMAGE, KERNEL, padding=padding).shape

    before = 2
    assert shape("full") == shape(before)
    padded = 5 + 2 * before
    return [
        [*IMAGE.shape, *KERNEL.shape],
        [shape("same"), []],
        [shape("full"), [before, before, padded, 3, padded, 3, 1, padded - 3 + 1]],
        [[5 + 3, 5 + 3], [5, 3]],
        [np.pad(IMAGE, before).shape, [before, 3]],
    ]


def function_of_the_formula():
    image, kernel = signals.counting_image(), signals.counting_kernel()
    formula = (image[:2, :2] * kernel).sum()
    convolved, correlated = (
        function(image, kernel, mode="valid")[0, 0] for function in (scipy.signal.convolve2d, scipy.signal.correlate2d)
    )
    assert correlated == formula != convolved
    assert np.array_equal(KERNEL, KERNEL[::-1, ::-1])
    assert not np.array_equal(kernel, kernel[::-1, ::-1])
    return [[], [[], [convolved]], [[], []], [[], [formula]]]


def kernel_that_tells():
    for choice in questions.kernel_that_tells().choices:
        kernel = np.array(ast.literal_eval(code(choice)))
        turned = kernel[::-1, ::-1]
        assert choice["right"] == (not np.array_equal(turned, kernel))
        if choice["right"]:
            assert np.array_equal(kernel.T, kernel)
            assert f"`{turned.tolist()}`" in choice["reason"]
    return [[], [[], []], [[], []], [[], []]]


# Lesson 3

VOLUME, FILTERS, BIAS = signals.depth_volume(), signals.depth_filters(), signals.depth_bias()


def products_at_fourth_place():
    return VOLUME[:, 1:4, 0:3] * FILTERS[0]


def numbers_from_one_place():
    products = products_at_fourth_place()
    assert products.sum() == conv2d(VOLUME, FILTERS[:1])[0, 1, 0]
    return [
        [],
        [[products.sum().size], [products.size]],
        [[products.size], []],
        [[products.sum(axis=(1, 2)).size], []],
        [[products.sum(axis=0).size], []],
    ]


def bias_once():
    products, bias = products_at_fourth_place(), BIAS[0]
    per_pixel, per_channel = products.sum(axis=0), products.sum(axis=(1, 2))
    assert conv2d(VOLUME, FILTERS, BIAS)[0, 1, 0] == products.sum() + bias
    return [
        [products.size, products.sum(), bias],
        [[(products + bias).sum()], [products.size]],
        [[(per_pixel + bias).sum()], [per_pixel.size]],
        [[(per_channel + bias).sum()], [per_channel.size]],
        [[products.sum() + bias], []],
    ]


PIXEL_FILTER = np.array([2, -1, 3]).reshape(1, 3, 1, 1)


def shape_after_one_by_one():
    kernel_size = PIXEL_FILTER.shape[2:]
    output = conv2d(VOLUME, PIXEL_FILTER)
    return [
        [*VOLUME.shape, *kernel_size],
        [(VOLUME * PIXEL_FILTER[0]).shape, [len(VOLUME)]],
        [output.shape, []],
        [conv2d(VOLUME, FILTERS[:1]).shape, FILTERS.shape[2:]],
        [(1, *kernel_size), [*kernel_size, output.size]],
    ]


def ones_down_the_depth():
    pixel, ones = VOLUME[:, 0, 0], np.ones(3, dtype=int)
    assert conv2d(VOLUME, ones.reshape(1, 3, 1, 1))[0, 0, 0] == pixel.sum()
    assert np.isclose(pixel @ (ones / 3), pixel.mean())
    assert np.array_equal(conv2d(VOLUME[:1], ones[:1].reshape(1, 1, 1, 1)), VOLUME[:1])
    return [[*pixel, *ones], [[pixel.mean()], [1, 3]], [pixel, [1]], [[pixel.sum()], [1]]]


def parameters_of_a_layer():
    n_filters, n_slices, *kernel_size = FILTERS.shape
    each, flat = FILTERS[0].size, FILTERS[0, 0].size
    return [
        [n_filters, n_slices, *kernel_size],
        [[n_filters * flat + BIAS.size], [n_filters, flat, BIAS.size, n_slices]],
        [[FILTERS.size], [n_filters, each]],
        [[FILTERS.size + BIAS.size], [n_filters, each]],
        [[FILTERS.size + n_filters * n_slices], [n_filters * n_slices]],
    ]


# Lesson 4


def shape_of_the_columns():
    image = np.arange(12).reshape(1, 3, 4)
    columns = im2col(image, (2, 2))
    one_each = im2col(image, (2, 2), padding=((0, 1), (0, 1)))
    return [
        [3, 4, 2, 2],
        [im2col(image, (2, 2), stride=2).shape, []],
        [one_each.shape, [image.size]],
        [columns.T.shape, []],
        [columns.shape, [output_size(3, 2), output_size(4, 2), columns.shape[1], columns.shape[0]]],
    ]


def turned_filters():
    image, kernel = np.arange(12).reshape(3, 4), np.array([[0, 1], [2, 3]])
    result = kernel[::-1, ::-1].ravel() @ im2col(image[np.newaxis], (2, 2))
    convolved = scipy.signal.convolve2d(image, kernel, mode="valid").ravel()
    assert np.array_equal(result, convolved)
    assert not np.array_equal(result, correlate2d(image, kernel).ravel())
    return [[180], [[], []], [[], []], [[], []]]


def filters_in_another_order():
    columns = im2col(VOLUME, (3, 3))
    right = FILTERS.reshape(2, 27) @ columns
    result = FILTERS.transpose(0, 2, 3, 1).reshape(2, 27) @ columns
    wrong = (result != right).sum()
    return [
        [],
        [[], [len(columns), FILTERS[0].size, right.size, wrong, right.size - wrong]],
        [[], [FILTERS[0].size]],
        [[], []],
    ]


def columns_from_matlab():
    image, kernel = np.arange(12).reshape(3, 4), np.array([[0, 1], [2, 3]])
    windows = [image[i : i + 2, j : j + 2] for j in range(3) for i in range(2)]
    matlab = np.stack([window.ravel(order="F") for window in windows], axis=1)
    right, down = correlate2d(image, kernel), kernel.ravel(order="F") @ matlab
    assert not np.array_equal(np.sort(kernel.ravel() @ matlab), np.sort(right.ravel()))
    assert not np.array_equal(down.reshape(right.shape), right)
    assert np.array_equal(down.reshape(right.shape, order="F"), right)
    return [[0, down.size], [[], []], [[], []], [[], []]]


def ones_there_and_back():
    back = col2im(im2col(np.ones((1, 3, 4), dtype=int), (2, 2)), (3, 4), (2, 2))[0]
    corner, edge, middle = back[0, 0], back[0, 1], back[1, 1]
    assert sorted(np.unique(back)) == [corner, edge, middle]
    assert {back[0, 0], back[0, -1], back[-1, 0], back[-1, -1]} == {corner}
    return [[], [[], []], [[corner, edge, middle], []], [[2 * 2], []]]


# Lesson 5


def product_for_a_batch():
    batch = np.array([[3, -1, 0, 2], [1, 1, 2, 0]])
    weight = np.array([[1, 2, 5, -2], [2, 0, -1, 1], [-1, 2, 3, 2]])
    shapes = {}
    for choice in questions.product_for_a_batch().choices:
        try:
            product = eval(code(choice), {"batch": batch, "weight": weight})
        except ValueError:
            assert choice["reason"].startswith("It fails")
            continue
        assert not choice["reason"].startswith("It fails")
        shapes[code(choice)] = product.shape
        assert choice["right"] == np.array_equal(product, linear(batch, weight))
    assert np.array_equal((weight @ batch.T).T, linear(batch, weight))
    return [
        [],
        [[], [weight.shape[1], batch.shape[0]]],
        [[], [*batch.shape, *weight.T.shape, *shapes["batch @ weight.T"]]],
        [[], [batch.shape[1], weight.shape[0]]],
        [[], shapes["weight @ batch.T"]],
    ]


def weights_in_the_matrix():
    kernel = np.array([[1, 2], [3, 4]])
    matrix = record(cross_correlation((3, 4), (2, 2)), np.ones((3, 4)), kernel).fully_connected_matrix()
    rows, pixels = matrix.shape
    used, different = np.count_nonzero(matrix), np.unique(matrix[matrix != 0]).size
    each, zeros = np.count_nonzero(matrix, axis=1), pixels - kernel.size
    assert (each == kernel.size).all()
    return [
        [matrix.size, 0],
        [[kernel.size, 0], [rows]],
        [[used, 0], [rows, kernel.size]],
        [[used, 0, different], [rows, kernel.size, zeros]],
        [[matrix.size, 0, different], [kernel.size, pixels, zeros, 0]],
    ]


def one_by_one_instead():
    volume = np.arange(12).reshape(2, 3, 2)
    pixelwise, full = np.ones((3, 2, 1, 1)), np.ones((3, 2, 3, 2))
    output, folded = conv2d(volume, pixelwise).shape, conv2d(volume, full).shape
    kernel_size, pixels = pixelwise.shape[2:], volume[0].size
    return [
        [*kernel_size, *volume.shape],
        [[pixelwise.size, *output], [len(volume)]],
        [[pixelwise.size, *folded], [*kernel_size, pixels]],
        [[full.size, *folded], [*full.shape[2:], *kernel_size]],
        [[len(pixelwise), *output], [*kernel_size, len(volume)]],
    ]


def volume_in_another_order():
    volume = np.array([[[1, 2], [0, 0], [1, 3]], [[2, 0], [1, 4], [0, 1]]])
    weight = np.array([[1, 0, -1, 2, 0, 1, 0, 1, 2, -1, 1, 1], [0, 2, 1, -1, 1, 0, 1, 0, -2, 1, 0, 2],
                       [2, -1, 0, 1, 0, -2, 3, 1, 0, 0, 1, 1]])  # fmt: skip
    right, other = linear(volume.ravel(), weight), linear(np.moveaxis(volume, 0, -1).ravel(), weight)
    wrong = (right != other).sum()
    assert wrong == right.size
    return [
        [volume.size],
        [[], [volume.size, weight.shape[1]]],
        [[right.size], []],
        [[wrong], [wrong]],
    ]


def weights_and_work():
    """Weights and places of each layer; "over 100 million" and the like are rounded down."""
    connected, pixelwise, convolution = (7 * 7 * 512 * 4096, 1), (512 * 4096, 7 * 7), (3 * 3 * 512 * 512, 14 * 14)
    layers = [connected, pixelwise, convolution]
    assert max(layers) == connected
    assert max(layers, key=np.prod) == convolution
    assert np.prod(pixelwise) == np.prod(connected)
    hundred = connected[0] // 10**8 * 100
    return [
        [],
        [[], [hundred]],
        [[1, 1], [pixelwise[1], connected[0] // pixelwise[0]]],
        [[3, 3], [convolution[0] // 10**6, hundred]],
        [[3, 3], [convolution[1], np.prod(convolution) // 10**7 * 10]],
    ]


EVIDENCE = {
    "01_elementwise_vs_dot": [place_of_four, sum_of_matrix_entries, flattened_product, dot_of_three_axes],
    "02_convolution_2d": [
        window_of_an_output,
        fractional_size,
        size_with_full_padding,
        function_of_the_formula,
        kernel_that_tells,
    ],
    "03_depth_and_1x1": [
        numbers_from_one_place,
        bias_once,
        shape_after_one_by_one,
        ones_down_the_depth,
        parameters_of_a_layer,
    ],
    "04_im2col": [
        shape_of_the_columns,
        turned_filters,
        filters_in_another_order,
        columns_from_matlab,
        ones_there_and_back,
    ],
    "05_fully_connected": [
        product_for_a_batch,
        weights_in_the_matrix,
        one_by_one_instead,
        volume_in_another_order,
        weights_and_work,
    ],
}
CASES = [pytest.param(case, id=f"{lesson[:2]} {case.__name__}") for lesson, of in EVIDENCE.items() for case in of]


def asked(case):
    return getattr(questions, case.__name__)()


@pytest.mark.parametrize("case", CASES)
def test_every_number_is_computed(case):
    question = asked(case)
    about, *choices = case()
    assert numbers(question.text) == [float(number) for number in about]
    assert len(choices) == len(question.choices)
    for choice, (in_text, in_reason) in zip(question.choices, choices, strict=True):
        assert numbers(choice["text"]) == [float(number) for number in in_text], choice
        assert numbers(choice["reason"]) == [float(number) for number in in_reason], choice


@pytest.mark.parametrize("case", CASES)
def test_choices_read_differently_and_give_their_own_reasons(case):
    question = asked(case)
    assert 3 <= len(question.choices) <= 4
    assert len({choice["text"] for choice in question.choices}) == len(question.choices)
    assert len({choice["reason"] for choice in question.choices}) == len(question.choices)
    for choice in question.choices:
        assert choice["reason"].endswith(".")
        assert choice["reason"].count(". ") <= 2, choice  # short: two sentences, or three of a few words
        assert all(text.count("`") % 2 == 0 for text in choice.values() if isinstance(text, str))


def test_no_place_among_the_choices_gives_the_right_one_away():
    places = {lesson: [place_of_the_right_one(asked(case)) for case in of] for lesson, of in EVIDENCE.items()}
    assert all(len(set(of)) >= 3 for of in places.values())
    flat = [place for of in places.values() for place in of]
    assert max(map(flat.count, flat)) <= len(flat) / 2


@pytest.mark.parametrize("case", CASES)
def test_who_types_a_number_chooses_it(case):
    """A digit is the key of a choice: where it also reads as an answer, both must be the same choice."""
    texts = [choice["text"] for choice in asked(case).choices]
    for text in texts:
        number = re.match(r"(\d)(?=,|$)", text)
        if number and int(number[1]) <= len(texts):
            assert texts[int(number[1]) - 1].startswith(number[1])


def test_the_longest_choice_is_not_the_right_one():
    """Not more often than chance: a learner must not be able to go by the length."""
    all_choices = [asked(case).choices for of in EVIDENCE.values() for case in of]
    longest = [max(choices, key=lambda choice: len(choice["text"])) for choices in all_choices]
    assert sum(choice["right"] for choice in longest) <= len(longest) / 2


def test_each_question_is_new_each_time():
    first = questions.place_of_four()
    first.chosen = 0
    assert questions.place_of_four().chosen == -1


# Where they are asked


def test_all_questions_are_listed_in_their_order():
    defined = [name for name, _ in inspect.getmembers(questions, inspect.isfunction)]
    listed = [case.__name__ for of in EVIDENCE.values() for case in of]
    assert sorted(defined) == sorted(listed)
    lines = [inspect.getsourcelines(getattr(questions, name))[1] for name in listed]
    assert lines == sorted(lines)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_asks_its_questions_once_each_in_their_order(lesson):
    names = re.findall(r"^questions\.(\w+)\(\)$", "\n".join(cells(lesson, "code")), flags=re.MULTILINE)
    assert names == [case.__name__ for case in EVIDENCE[lesson.stem]]
    assert 3 <= len(names) <= 5


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_prediction_leads_to_each_question(lesson):
    before = None
    for cell in nbformat.read(lesson, 4).cells:
        if cell.cell_type == "code" and re.search(r"^questions\.", cell.source, flags=re.MULTILINE):
            assert before.cell_type == "markdown"
            assert "**Predict" in before.source
            assert cell.source.splitlines()[-1].startswith("questions.")
        before = cell
