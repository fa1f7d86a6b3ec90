"""The exercises of lesson 2: their right answers beside SciPy and PyTorch and worked cases, and cases that tell."""

import math

import numpy as np
import peers
import pytest
import scipy.signal
from answering import assert_met, sentence_of, told

from convhelpers import window_exercises as exercises
from convhelpers.feedback import Status

torch = peers.torch

COUNTING = np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2)
# What recognises the mistakes of this lesson.
MET = {
    "thinking that `convolve2d` is broken": [
        exercises.correlate_turned,
        exercises.correlate_with_stride_turned,
    ],
    "swapping the arguments of `correlate2d`": [exercises.correlate_swapped],
    "letting a symmetric kernel prove the convention": [exercises.can_tell_always, exercises.can_tell_by_transpose],
    'taking "same" to be symmetric': [
        exercises.pad_same_symmetric_and_large,
        exercises.pad_same_symmetric_and_small,
        exercises.pad_same_other_camp,
    ],
    "believing that a fractional size is illegal, or that it is rounded up": [
        exercises.output_rows_not_rounded,
        exercises.output_rows_rounded_up,
        exercises.correlate_with_stride_rounded_up,
    ],
    "counting padding in total": [
        exercises.output_rows_padded_once,
        exercises.pad_same_full,
        exercises.pad_same_before_alone,
    ],
    "forgetting the stride in the slice, or applying it twice": [
        exercises.output_rows_without_stride,
        exercises.output_rows_with_stride_twice,
        exercises.correlate_with_stride_forgotten,
        exercises.correlate_with_stride_in_the_size_alone,
        exercises.correlate_with_stride_twice,
    ],
    "a wrong size formula": [
        exercises.output_rows_divided_by_stride_plus_one,
        exercises.output_rows_of_all_cells,
    ],
}


def by_torch(torch, x, kernel, **places):
    image, weight = (torch.tensor(array, dtype=torch.float64)[None, None] for array in (x, kernel))
    return torch.nn.functional.conv2d(image, weight, **places)[0, 0].numpy()


def changes(kernel):
    """Whether a kernel changes when it is turned, and when its rows and columns are exchanged."""
    return not np.array_equal(kernel, np.rot90(kernel, 2)), not np.array_equal(kernel, kernel.T)


def test_every_mistake_of_the_lesson_is_met():
    assert_met(MET, "02_convolution_2d")


# How many rows


@pytest.mark.parametrize("case", exercises.output_rows.cases)
def test_output_rows_equals_torch(torch, case):
    n, m, p, s = case
    out = by_torch(torch, np.ones((n, 1)), np.ones((m, 1)), padding=(p, 0), stride=(s, 1))
    assert exercises.output_rows_right(*case) == len(out)


def test_output_rows_on_sizes_with_a_source():
    """CS231n notes on convolutional networks: 7 with 3 and stride 1, 2, where stride 3 gives 2.33; 227 with 11."""
    assert exercises.output_rows_right(7, 3, 0, 1) == 5
    assert exercises.output_rows_right(7, 3, 0, 2) == 3
    assert exercises.output_rows_not_rounded(7, 3, 0, 3) == pytest.approx(2.33, abs=0.01)
    assert exercises.output_rows_right(7, 3, 0, 3) == 2
    assert exercises.output_rows_rounded_up(7, 3, 0, 3) == 3
    assert exercises.output_rows_right(227, 11, 0, 4) == 55


def test_output_rows_is_tried_with_and_without_a_remainder():
    remainders = [(n + 2 * p - m) % s / s for n, m, p, s in exercises.output_rows.cases]
    assert 0 in remainders
    assert any(0 < part < 0.5 for part in remainders)
    assert any(part > 0.5 for part in remainders)
    assert {p for _, _, p, _ in exercises.output_rows.cases} >= {0, 1, 3}
    assert any(m > n for n, m, _, _ in exercises.output_rows.cases), "a kernel that fits the padded image alone"


@pytest.mark.parametrize(
    "way",
    [
        lambda n, m, p, s: int((n + 2 * p - m) / s + 1),
        lambda n, m, p, s: np.floor((n + 2 * p - m) / s) + 1,
        lambda n, m, p, s: len(range(-p, n + p - m + 1, s)),
    ],
)
def test_other_ways_to_the_rows_are_right(way):
    assert exercises.output_rows.check(way).status is Status.RIGHT


# Slide the window


@pytest.mark.parametrize("case", exercises.correlate.cases)
def test_correlate_and_its_near_misses_equal_scipy(case):
    x, kernel = case
    assert np.array_equal(exercises.correlate_right(x, kernel), scipy.signal.correlate2d(x, kernel, "valid"))
    assert np.array_equal(exercises.correlate_turned(x, kernel), scipy.signal.convolve2d(x, kernel, "valid"))
    assert np.array_equal(exercises.correlate_swapped(x, kernel), scipy.signal.correlate2d(kernel, x, "valid"))
    assert np.array_equal(exercises.correlate_same(x, kernel), scipy.signal.correlate2d(x, kernel, "same"))
    assert np.array_equal(exercises.correlate_full(x, kernel), scipy.signal.correlate2d(x, kernel))


def test_correlate_by_hand():
    """Zhang, Lipton, Li, Smola, "Dive into Deep Learning": 0 … 8 with 0 … 3. `W @ B` has 28 in its four entries."""
    assert exercises.correlate_right(*COUNTING).tolist() == [[19, 25], [37, 43]]
    assert exercises.correlate_turned(*COUNTING).tolist() == [[5, 11], [23, 29]]
    assert exercises.correlate_swapped(*COUNTING).tolist() == [[43, 37], [25, 19]]
    assert exercises.correlate_by_matrix_product(*COUNTING)[0, 0] == 28


@pytest.mark.parametrize("exercise", [exercises.correlate, exercises.correlate_with_stride])
def test_images_and_kernels_tell(exercise):
    kernels = [kernel for _, kernel, *_ in exercise.cases]
    for x, kernel, *_ in exercise.cases:
        assert x.shape[0] != x.shape[1]
        assert x.size <= 40
        assert changes(kernel) == (True, True)
    assert any(kernel.shape[0] == kernel.shape[1] for kernel in kernels), "here a transposed kernel raises nothing"
    assert any(kernel.shape[0] != kernel.shape[1] for kernel in kernels)
    assert any(size % 2 == 0 for kernel in kernels for size in kernel.shape)
    assert any((exercise.right(*case) < 0).any() for case in exercise.cases)


def by_loops(product, dtype=float):
    """A learner's function that does something of its own in the window."""

    def correlate(x, kernel):
        kh, kw = kernel.shape
        out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1), dtype)
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                out[i, j] = product(x[i : i + kh, j : j + kw], kernel)
        return out

    return correlate


def lesson_s_own_code(x, k):
    C = np.zeros((3, 3), dtype=int)
    for i in range(3):
        for j in range(3):
            window = x[i : i + 3, j : j + 3]
            C[i, j] = (window * k).sum()
    return C


def in_zeros_like_the_image(x, kernel):
    kh, kw = kernel.shape
    out = np.zeros_like(x)
    for i in range(x.shape[0] - kh + 1):
        for j in range(x.shape[1] - kw + 1):
            out[i, j] = (x[i : i + kh, j : j + kw] * kernel).sum()
    return out


def product_by_product_in_whole_numbers(x, kernel):
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1), dtype=int)
    for i, j in np.ndindex(out.shape):
        for u, v in np.ndindex(kernel.shape):
            out[i, j] += x[i + u, j + v] * kernel[u, v]
    return out


def last_product(window, kernel):
    for u in range(kernel.shape[0]):
        for v in range(kernel.shape[1]):
            total = window[u, v] * kernel[u, v]
    return total


def other_axis_first(window, kernel):
    return sum(window[u, v] * kernel[v, u] for u in range(kernel.shape[0]) for v in range(kernel.shape[1]))


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (lesson_s_own_code, exercises.correlate_three_by_three),
        (by_loops(last_product), exercises.correlate_last_product),
        (by_loops(other_axis_first), exercises.correlate_transposed_kernel),
        (by_loops(lambda window, kernel: (window * kernel.T).sum()), exercises.correlate_transposed_kernel),
        (by_loops(lambda window, kernel: np.dot(window, kernel).sum()), exercises.correlate_by_matrix_product),
        (by_loops(lambda window, kernel: (window * np.flip(kernel)).sum()), exercises.correlate_turned),
        (scipy.signal.correlate2d, exercises.correlate_full),
        (by_loops(np.multiply), exercises.correlate_array_in_a_cell),
        (by_loops(lambda window, kernel: sum(window * kernel)), exercises.correlate_array_in_a_cell),
        (by_loops(np.matmul), exercises.correlate_array_in_a_cell),
        (by_loops(np.dot), exercises.correlate_array_in_a_cell),
        (in_zeros_like_the_image, exercises.correlate_in_zeros_like_the_image),
        (product_by_product_in_whole_numbers, exercises.correlate_truncated),
        (by_loops(lambda window, kernel: (window * kernel).sum(), dtype=int), exercises.correlate_truncated),
    ],
)
def test_what_a_learner_writes_is_recognised(answer, mistake):
    assert told(exercises.correlate, answer) == sentence_of(mistake)


@pytest.mark.parametrize(
    ("product", "mistake"),
    [
        (lambda window, kernel: (window * np.flip(kernel)).sum(), exercises.correlate_turned),
        (other_axis_first, exercises.correlate_transposed_kernel),
        (lambda window, kernel: (window @ kernel).sum(), exercises.correlate_by_matrix_product),
        (last_product, exercises.correlate_last_product),
    ],
)
def test_pairs_that_are_wrong_are_named_in_whole_numbers_too(product, mistake):
    """Lesson 2 makes its output with `dtype=int`, and a learner may copy that."""
    assert told(exercises.correlate, by_loops(product, dtype=int)) == sentence_of(mistake)


# With a stride


@pytest.mark.parametrize("case", exercises.correlate_with_stride.cases)
def test_correlate_with_stride_equals_torch(torch, case):
    x, kernel, stride = case
    peer = by_torch(torch, x, kernel, stride=stride)
    assert np.array_equal(exercises.correlate_with_stride_right(*case), peer)
    dense = exercises.correlate_right(x, kernel)
    assert np.array_equal(dense[::stride, ::stride], peer)


def test_correlate_with_stride_by_hand():
    """On 0 … 8 with 0 … 3, stride 2 leaves the first place alone, and a row and a column over."""
    assert exercises.correlate_with_stride_right(*COUNTING, 2).tolist() == [[19]]
    wide = np.arange(12).reshape(3, 4)  # at columns 0 and 2: 0·0 + 1·1 + 4·2 + 5·3 and 2·0 + 3·1 + 6·2 + 7·3
    assert exercises.correlate_with_stride_right(wide, COUNTING[1], 2).tolist() == [[24, 36]]


def test_a_stride_leaves_rows_over_and_columns_over():
    left_over = [
        tuple((n - m) % stride for n, m in zip(x.shape, kernel.shape, strict=True))
        for x, kernel, stride in exercises.correlate_with_stride.cases
    ]
    strides = [stride for *_, stride in exercises.correlate_with_stride.cases]
    assert set(strides) == {1, 2, 3}
    assert any(columns > 0 for _, columns in left_over)
    assert (0, 1) in left_over, "rows and columns differ"


def with_slices(size, begin=lambda i, stride: i * stride):
    """A learner's function with a size and a beginning of its own."""

    def correlate_with_stride(x, kernel, stride):
        kh, kw = kernel.shape
        out = np.zeros((size(x.shape[0] - kh, stride), size(x.shape[1] - kw, stride)))
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                top, left = begin(i, stride), begin(j, stride)
                out[i, j] = (x[top : top + kh, left : left + kw] * kernel).sum()
        return out

    return correlate_with_stride


def by_steps_of_the_window(x, kernel, stride):
    kh, kw = kernel.shape
    H, W = x.shape
    C = np.zeros(((H - kh) // stride + 1, (W - kw) // stride + 1))
    for i in range(0, H - kh + 1, stride):
        for j in range(0, W - kw + 1, stride):
            C[i, j] = np.sum(x[i : i + kh, j : j + kw] * kernel)
    return C


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (with_slices(lambda way, stride: way + 1), exercises.correlate_with_stride_in_the_slice_alone),
        (by_steps_of_the_window, exercises.correlate_with_stride_at_the_window_s_place),
        (
            with_slices(lambda way, stride: way // stride + 1, begin=lambda i, stride: i),
            exercises.correlate_with_stride_in_the_size_alone,
        ),
        (
            with_slices(lambda way, stride: math.ceil(way / stride) + 1),
            exercises.correlate_with_stride_rounded_up,
        ),
        (
            with_slices(lambda way, stride: way // stride),
            exercises.correlate_with_stride_without_the_last_places,
        ),
        (
            lambda x, kernel, stride: scipy.signal.correlate2d(x, kernel, "valid")[::stride],
            exercises.correlate_with_stride_down_alone,
        ),
    ],
)
def test_what_a_learner_writes_with_a_stride_is_recognised(answer, mistake):
    assert told(exercises.correlate_with_stride, answer) == sentence_of(mistake)


# Zeros for "same"


@pytest.mark.parametrize("case", exercises.pad_same.cases)
def test_pad_same_feeds_scipy_the_same_windows(case):
    x, kernel_size = case
    kernel = np.arange(1, 1 + math.prod(kernel_size)).reshape(kernel_size)
    same = scipy.signal.correlate2d(x, kernel, "same")
    assert np.array_equal(scipy.signal.correlate2d(exercises.pad_same_right(*case), kernel, "valid"), same)
    of_the_other_camp = exercises.pad_same_other_camp(*case)
    assert np.array_equal(
        scipy.signal.convolve2d(of_the_other_camp, kernel, "valid"), scipy.signal.convolve2d(x, kernel, "same")
    )


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("case", exercises.pad_same.cases)
def test_pad_same_feeds_torch_the_same_windows(torch, case):
    x, kernel_size = case
    kernel = np.arange(1, 1 + math.prod(kernel_size)).reshape(kernel_size)
    same = by_torch(torch, x, kernel, padding="same")
    assert np.array_equal(by_torch(torch, exercises.pad_same_right(*case), kernel), same)


def test_pad_same_by_hand():
    """One row and one column of zeros in all: the lesson's `padding=((0, 1), (0, 1))`, and the other camp's."""
    x, _ = COUNTING
    expected = [[0, 1, 2, 0], [3, 4, 5, 0], [6, 7, 8, 0], [0, 0, 0, 0]]
    assert exercises.pad_same_right(x, (2, 2)).tolist() == expected
    assert exercises.pad_same_other_camp(x, (2, 2)).tolist() == [[0, 0, 0, 0], [0, 0, 1, 2], [0, 3, 4, 5], [0, 6, 7, 8]]


def test_kernel_sizes_tell():
    sizes = [kernel_size for _, kernel_size in exercises.pad_same.cases]
    assert any(kh % 2 == 0 for kh, _ in sizes)
    assert any(kw % 2 == 0 for _, kw in sizes)
    assert any(kh % 2 and kw % 2 for kh, kw in sizes)
    assert any(kh != kw for kh, kw in sizes)
    assert any(1 in kernel_size for kernel_size in sizes), "no zeros at all on one axis"
    assert all(x.shape[0] != x.shape[1] for x, _ in exercises.pad_same.cases)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (lambda x, kernel_size: np.pad(x, kernel_size[0] // 2), exercises.pad_same_on_all_sides_alike),
        (lambda x, kernel_size: np.pad(x, ((1, 1), (1, 1))), exercises.pad_same_by_one),
        (lambda x, kernel_size: np.pad(x, [size // 2 for size in kernel_size]), exercises.pad_same_by_a_pair),
        (
            lambda x, kernel_size: np.pad(x, [[size // 2] for size in kernel_size]),
            exercises.pad_same_symmetric_and_large,
        ),
    ],
)
def test_what_a_learner_asks_of_np_pad_is_recognised(answer, mistake):
    assert told(exercises.pad_same, answer) == sentence_of(mistake)


# Which kernel can tell


@pytest.mark.parametrize("case", exercises.can_tell.cases)
def test_can_tell_equals_scipy_on_an_image_without_symmetry(case):
    image = np.array([[3, 0, 1, 2, 7], [1, 5, 8, 9, 3], [2, 7, 2, 5, 1], [0, 1, 3, 1, 7]])
    correlated, convolved = (function(image, *case) for function in (scipy.signal.correlate2d, scipy.signal.convolve2d))
    assert exercises.can_tell_right(*case) == (not np.array_equal(correlated, convolved))


def test_can_tell_by_hand():
    """The question's kernel looks the same after half a turn, 0 … 3 does not: 19 and 5 are their first outputs."""
    assert not exercises.can_tell_right(np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]]))
    assert exercises.can_tell_right(COUNTING[1])


def test_kernels_that_cannot_tell_and_kernels_that_can():
    """Kernels that equal their transpose and can tell, and those that change in each mirror and cannot."""
    seen = {(exercises.can_tell_right(kernel), changes(kernel)[1]) for (kernel,) in exercises.can_tell.cases}
    assert seen == {(True, True), (True, False), (False, True), (False, False)}
    shapes = [kernel.shape for (kernel,) in exercises.can_tell.cases]
    assert any(kh != kw for kh, kw in shapes)
    cannot = [kernel for (kernel,) in exercises.can_tell.cases if not exercises.can_tell_right(kernel)]
    assert any((kernel != kernel[::-1]).any() and (kernel != kernel[:, ::-1]).any() for kernel in cannot)


@pytest.mark.parametrize(
    "way",
    [
        lambda kernel: kernel[0, 0] != kernel[-1, -1],
        lambda kernel: not np.array_equal(kernel[0], kernel[-1][::-1]),
        lambda kernel: not np.array_equal(kernel[:, 0], kernel[::-1, -1]),
        lambda kernel: kernel.ravel() @ np.arange(kernel.size) != kernel.ravel()[::-1] @ np.arange(kernel.size),
        lambda kernel: any(not np.array_equal(sums, sums[::-1]) for sums in (kernel.sum(axis=axis) for axis in (0, 1))),
    ],
    ids=["corners", "outer rows", "outer columns", "balance", "sums of rows and columns"],
)
def test_less_than_the_whole_kernel_does_not_tell(way):
    assert exercises.can_tell.check(way).status is Status.WRONG


def test_an_if_that_compares_weight_by_weight_is_recognised():
    def can_tell(kernel):
        answer = True
        if kernel == np.rot90(kernel, 2):
            answer = False
        return answer

    assert told(exercises.can_tell, can_tell) == sentence_of(exercises.can_tell_by_if)


def test_trying_it_out_on_an_image_that_rises_evenly_does_not_tell():
    def can_tell(kernel):
        image = np.arange(36).reshape(6, 6)
        correlated = scipy.signal.correlate2d(image, kernel, "valid")
        return not np.array_equal(correlated, scipy.signal.convolve2d(image, kernel, "valid"))

    assert exercises.can_tell.check(can_tell).status is Status.WRONG


def test_trying_it_out_with_scipy_is_right():
    def can_tell(kernel):
        image = np.arange(30).reshape(5, 6) ** 2
        return (scipy.signal.correlate2d(image, kernel) != scipy.signal.convolve2d(image, kernel)).any()

    assert exercises.can_tell.check(can_tell).status is Status.RIGHT


# The exercises of the lesson


def test_progress_counts_the_exercises_of_this_lesson():
    note = exercises.progress()
    assert note.word.endswith(f"of {len(exercises.EXERCISES)} right")
    for (name, _), exercise in zip(note.details, exercises.EXERCISES, strict=True):
        assert name.endswith(exercise.title)
