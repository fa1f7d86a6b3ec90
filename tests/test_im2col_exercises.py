"""The exercises of lesson 4: their right answers beside PyTorch and cases worked by hand, and cases that tell."""

import numpy as np
import peers
import pytest
from answering import assert_met, sentence_of, told

from convhelpers import im2col_exercises as exercises
from convhelpers.feedback import Status

torch = peers.torch

FUNCTIONS = [exercises.im2col_one_channel, exercises.layer_from_columns]
# What recognises the mistakes of this lesson.
MET = {
    "turning the kernel for the matrix product": [
        exercises.im2col_one_channel_turned,
        exercises.layer_from_columns_turned,
    ],
    "flattening filters and windows in different orders": [
        exercises.layer_from_columns_channel_last,
        exercises.layer_from_columns_read_down,
    ],
    "reading columns in MATLAB's order": [
        exercises.im2col_one_channel_like_matlab,
        exercises.im2col_one_channel_read_down,
        exercises.im2col_one_channel_moved_down,
    ],
}


def test_every_mistake_of_the_lesson_is_met():
    assert_met(MET, "04_im2col")


# The shape of X_col


def test_columns_shape_by_hand():
    """3 · 2 · 5 = 30 numbers a window. It starts at rows 0, 2, 4, 6 and columns 0, 2, 4, 6, 8: 4 · 5 = 20 places."""
    assert exercises.columns_shape_right() == (30, 20)


def test_columns_shape_tells_three_readings_of_the_filters_apart():
    """As 3 × 2 with depth 5, rows 0 … 6 and columns 0 … 10: 4 · 6. As 5 × 2, rows 0, 2, 4 and columns 0 … 10: 3 · 6."""
    assert exercises.columns_shape_channels_last() == (30, 24)
    assert exercises.columns_shape_size_swapped() == (30, 18)


def test_columns_shape_and_its_near_misses_on_the_sizes_of_cs231n(monkeypatch):
    """CS231n notes, "Implementation as Matrix Multiplication": X_col 363 × 3025, W_row 96 × 363, product 96 × 3025."""
    monkeypatch.setattr(exercises, "INPUT_SHAPE", (3, 227, 227))
    monkeypatch.setattr(exercises, "FILTERS_SHAPE", (96, 3, 11, 11))
    monkeypatch.setattr(exercises, "STRIDE", 4)
    assert exercises.columns_shape_right() == (363, 3025)
    assert exercises.columns_shape_of_the_filters() == (96, 363)
    assert exercises.columns_shape_of_the_product() == (96, 3025)
    assert exercises.columns_shape_without_stride() == (363, 217 * 217)


def test_columns_shape_is_of_the_layer_in_the_task_and_its_stride_leaves_a_row_over():
    (n_channels, height, width), (n_filters, *filter_shape) = exercises.INPUT_SHAPE, exercises.FILTERS_SHAPE
    task = exercises.columns_shape.task
    for words in (f"{n_filters} filters of shape {tuple(filter_shape)}", f"stride {exercises.STRIDE}"):
        assert words in task
    assert f"shape {exercises.INPUT_SHAPE}" in task
    assert n_channels == filter_shape[0] > 1
    assert height != width
    assert filter_shape[1] != filter_shape[2]
    assert (height - filter_shape[1]) % exercises.STRIDE == 1


# im2col of one channel


def test_im2col_one_channel_by_hand():
    """0 … 8 in 3 × 3 with a 2 × 2 window: the docstring of `im2col`, and its product with 0 … 3 from Dive into Deep
    Learning, section "Convolutions for Images"."""
    columns = exercises.im2col_one_channel_right(np.arange(9).reshape(3, 3), (2, 2))
    assert columns.tolist() == [[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]
    assert (np.arange(4) @ columns).tolist() == [19, 25, 37, 43]


def test_im2col_one_channel_is_unfold(torch):
    for x, kernel_size in exercises.im2col_one_channel.cases:
        peer = torch.nn.functional.unfold(torch.from_numpy(x).double()[None, None], kernel_size)[0].numpy()
        np.testing.assert_array_equal(exercises.im2col_one_channel_right(x, kernel_size), peer)


def test_im2col_one_channel_cases_tell():
    """H ≠ W everywhere; windows with even, odd, more rows, more columns; the swapped window fits as well."""
    cases = exercises.im2col_one_channel.cases
    for x, (kh, kw) in cases:
        assert x.shape[0] != x.shape[1]
        assert np.unique(x).size == x.size  # so every number tells where it came from
        assert max(kh, kw) <= min(x.shape)
    assert {np.sign(kh - kw) for _, (kh, kw) in cases} == {-1, 0, 1}
    assert {kh % 2 for _, (kh, _) in cases} == {kw % 2 for _, (_, kw) in cases} == {0, 1}


def in_matlabs_order(x, kernel_size):
    """The cell of the lesson that builds X_matlab, for any size."""
    (kh, kw), (height, width) = kernel_size, x.shape
    windows = [x[i : i + kh, j : j + kw] for j in range(width - kw + 1) for i in range(height - kh + 1)]
    return np.stack([window.ravel(order="F") for window in windows], axis=1)


def turned(x, kernel_size):
    (kh, kw), (height, width) = kernel_size, x.shape
    windows = [x[i : i + kh, j : j + kw] for i in range(height - kh + 1) for j in range(width - kw + 1)]
    return np.stack([window[::-1, ::-1].ravel() for window in windows], axis=1)


def copied(x, kernel_size):
    """The lesson's first loops, word for word but for the image's name."""
    columns = []
    for i in range(2):
        for j in range(3):
            window = x[i : i + 2, j : j + 2]
            columns.append(window.ravel())
    return np.stack(columns, axis=1)


def copied_places(x, kernel_size):
    (kh, kw) = kernel_size
    columns = []
    for i in range(2):
        for j in range(3):
            columns.append(x[i : i + kh, j : j + kw].ravel())
    return np.stack(columns, axis=1)


def copied_window(x, kernel_size):
    (height, width), (kh, kw) = x.shape, kernel_size
    columns = []
    for i in range(height - kh + 1):
        for j in range(width - kw + 1):
            columns.append(x[i : i + 2, j : j + 2].ravel())
    return np.stack(columns, axis=1)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (in_matlabs_order, exercises.im2col_one_channel_like_matlab),
        (turned, exercises.im2col_one_channel_turned),
        (copied, exercises.im2col_one_channel_of_the_lesson),
        (copied_places, exercises.im2col_one_channel_lessons_places),
        (copied_window, exercises.im2col_one_channel_lessons_window),
    ],
)
def test_im2col_one_channel_names_the_lessons_mistakes(answer, mistake):
    assert told(exercises.im2col_one_channel, answer) == sentence_of(mistake)


# The layer by one matrix product


def test_layer_from_columns_by_hand():
    """On 0 … 8 in 3 × 3: the kernel of Dive into Deep Learning, and one that takes each window's last number."""
    columns = np.array([[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]])
    filters = np.array([[[[0, 1], [2, 3]]], [[[0, 0], [0, 1]]]])
    maps = exercises.layer_from_columns_right(columns, filters, (2, 2))
    assert maps.tolist() == [[[19, 25], [37, 43]], [[4, 5], [7, 8]]]


def test_layer_from_columns_is_conv2d(torch):
    """The columns of a case, folded back and divided by their counts, are its image again."""
    for X_col, filters, (oh, ow) in exercises.layer_from_columns.cases:
        _, _, kh, kw = filters.shape
        sides = {"output_size": (oh + kh - 1, ow + kw - 1), "kernel_size": (kh, kw)}
        columns = torch.from_numpy(X_col).double()[None]
        fold = torch.nn.functional.fold
        x = fold(columns, **sides) / fold(torch.ones_like(columns), **sides)
        peer = torch.nn.functional.conv2d(x, torch.from_numpy(filters).double())[0].numpy()
        np.testing.assert_allclose(exercises.layer_from_columns_right(X_col, filters, (oh, ow)), peer, rtol=1e-12)


def test_layer_from_columns_cases_tell():
    cases = exercises.layer_from_columns.cases
    for X_col, filters, (oh, ow) in cases:
        assert X_col.shape == (filters[0].size, oh * ow)
        assert oh != ow
        assert len(filters) > 1
        assert len(filters) not in filters.shape[1:]
        assert not np.array_equal(filters, filters[:, :, ::-1, ::-1])
    assert {filters.shape[1] for _, filters, _ in cases} >= {1, 2, 3}
    assert any(kh % 2 == kw % 2 == 0 and kh > 1 for _, filters, _ in cases for kh, kw in [filters.shape[2:]])
    assert any(not np.array_equal(filters, filters.swapaxes(2, 3)) for _, filters, _ in cases)
    assert any(1 < kh != kw > 1 for _, filters, _ in cases for kh, kw in [filters.shape[2:]])


def layer_with(W_row):
    """A learner's function that flattens the filters in its own way."""
    return lambda X_col, filters, map_shape: (W_row(filters) @ X_col).reshape(len(filters), *map_shape)


@pytest.mark.parametrize(
    ("W_row", "mistake"),
    [
        (lambda w: w[:, :, ::-1, ::-1].reshape(len(w), -1), exercises.layer_from_columns_turned),
        (lambda w: w.reshape(len(w), -1)[:, ::-1], exercises.layer_from_columns_backwards),
        (lambda w: np.moveaxis(w, 1, -1).reshape(len(w), -1), exercises.layer_from_columns_channel_last),
        (lambda w: w.reshape(-1, len(w)).T, exercises.layer_from_columns_filters_reshaped),
        (lambda w: np.moveaxis(w, 2, 3).reshape(len(w), -1), exercises.layer_from_columns_read_down),
        (lambda w: w, exercises.layer_from_columns_not_flattened),
        (lambda w: w.reshape(2, 4), exercises.layer_from_columns_lessons_filters),
        (lambda w: w.reshape(2, 27), exercises.layer_from_columns_lessons_deep_filters),
    ],
)
def test_layer_from_columns_names_the_lessons_mistakes(W_row, mistake):
    assert told(exercises.layer_from_columns, layer_with(W_row)) == sentence_of(mistake)


def test_layer_from_columns_names_the_lessons_output_and_its_np_dot():
    def lessons_maps(X_col, filters, map_shape):
        return (filters.reshape(len(filters), -1) @ X_col).reshape(2, 2, 3)

    for answer, mistake in [
        (lessons_maps, exercises.layer_from_columns_lessons_maps),
        (lambda X_col, filters, map_shape: np.dot(filters, X_col), exercises.layer_from_columns_not_flattened_by_dot),
    ]:
        assert told(exercises.layer_from_columns, answer) == sentence_of(mistake)


def test_layer_from_columns_with_filters_as_columns_is_not_told_to_make_a_matrix():
    feedback = exercises.layer_from_columns.check(layer_with(lambda w: w.reshape(len(w), -1).T))
    assert feedback.status is Status.RAISED
    assert "matmul" in feedback.message


# There and back


def test_row_back_by_hand():
    """Windows on columns 0 1 2 3 and 2 3 4 5, both on rows 0, 1 and 2: counts 1 1 2 2 1 1 0 in row 0.

    With rows and columns swapped, the window stands on columns 0 1 2, 2 3 4 and 4 5 6: counts 1 1 2 1 2 1 1.
    """
    assert exercises.row_back_right().tolist() == [5, 3, 8 + 8, 2 + 2, 6, 9, 0]
    assert exercises.row_back_as_counts().tolist() == [1, 1, 2, 2, 1, 1, 0]
    assert exercises.row_back_not_added().tolist() == [5, 3, 8, 2, 6, 9, 0]
    assert exercises.row_back_without_the_lost().tolist() == [5, 3, 16, 4, 6, 9, 4]
    assert exercises.row_back_without_stride().tolist() == [5, 3 * 2, 8 * 3, 2 * 4, 6 * 3, 9 * 2, 4]
    swapped = [5, 3, 8 * 2, 2, 6 * 2, 9, 4]
    assert told(exercises.row_back, swapped) == sentence_of(exercises.row_back_size_swapped)


def test_row_back_is_fold_of_unfold(torch):
    options = {"kernel_size": exercises.KERNEL_SIZE, "stride": exercises.BACK_STRIDE}
    columns = torch.nn.functional.unfold(torch.from_numpy(exercises.IMAGE).double()[None, None], **options)
    peer = torch.nn.functional.fold(columns, exercises.IMAGE.shape, **options)[0, 0].numpy()
    np.testing.assert_array_equal(exercises.row_back_right(), peer[0])


def test_row_back_is_of_the_image_in_the_task_and_its_stride_leaves_a_column_over():
    (height, width), (kh, kw) = exercises.IMAGE.shape, exercises.KERNEL_SIZE
    task = exercises.row_back.task
    for words in (
        f"{height} rows and {width} columns",
        f"{kh} rows and {kw} columns and stride {exercises.BACK_STRIDE}",
        f"row 0 was {', '.join(map(str, exercises.ROW))}.",
    ):
        assert words in task
    assert (width - kw) % exercises.BACK_STRIDE == 1
    assert np.unique(exercises.ROW).size == exercises.ROW.size


# All of them


def test_the_notes_can_be_read():
    """At most 40 numbers in an argument."""
    for exercise in FUNCTIONS:
        for case in exercise.cases:
            assert max(map(np.size, case)) <= 40
