"""What the lessons say and no cell prints: folded answers, lecturer's notes, and remarks beside the cells."""

import numpy as np
import peers
import pytest
from test_lessons import ROOT, cells

from convhelpers import signals
from convhelpers.arithmetic import conv2d, convolve2d, correlate2d, linear, output_size
from convhelpers.geometry import place_window
from convhelpers.im2col import col2im, im2col
from convhelpers.pairing import conv_layer, cross_correlation
from convhelpers.trace import record

torch = peers.torch


def test_answers_of_lesson_1():
    window, kernel = signals.question_image()[:3, :3], signals.question_kernel()
    changed, hidden = kernel.copy(), kernel.copy()
    changed[2, 2] = hidden[2, 0] = 5
    assert ((window * changed) != (window * kernel)).sum() == 1
    assert np.argwhere((window @ changed) != (window @ kernel)).tolist() == [[0, 2], [1, 2], [2, 2]]
    assert ((window * kernel).sum(), (window * changed).sum()) == (4, 8)
    assert np.array_equal(window * hidden, window * kernel)
    middle = np.zeros((3, 3), dtype=int)
    middle[1, 1] = 1
    assert (middle @ kernel).sum() == (middle * kernel).sum() == 1
    tall, wide = np.ones((4, 5)), np.ones((5, 4))
    assert (tall @ wide).shape == (4, 4)
    assert np.vdot(tall, wide) == 20
    with pytest.raises(ValueError, match="broadcast"):
        tall * wide


def test_answers_of_lesson_2():
    assert output_size(6, 3, stride=2, padding=1) == 3
    assert (6 + 2 - 3) / 2 + 1 == 3.5
    assert place_window((6, 6), (3, 3), stride=2, padding=1).leftover == (1, 1)
    assert output_size(6, 3, stride=2) == 2
    image, kernels = signals.oblong_image(), signals.kernels()
    assert np.array_equal(correlate2d(image, kernels["shift"]), image[1:-1, 2:])
    assert np.array_equal(convolve2d(image, kernels["shift"]), image[1:-1, :-2])
    same = {name for name, kernel in kernels.items() if np.array_equal(kernel, kernel[::-1, ::-1])}
    negative = {name for name, kernel in kernels.items() if np.array_equal(-kernel, kernel[::-1, ::-1])}
    assert same == {"question", "identity", "sharpen", "box blur", "Gaussian blur"}
    assert negative == {"vertical edges", "horizontal edges"}


def test_lecturer_s_moves_in_lesson_2():
    image = signals.question_image()
    assert correlate2d(image, signals.question_kernel(), stride=2).size == 4
    assert correlate2d(image, np.ones((5, 5))).size == 1
    with pytest.raises(ValueError, match=r"6 rows > 5"):
        correlate2d(image, np.ones((6, 5)))


def test_answers_of_lesson_3():
    x, filters, bias = signals.depth_volume(), signals.depth_filters(), signals.depth_bias()
    image, weight = np.ones((3, 32, 48)), np.ones((8, 3, 5, 2))
    assert conv2d(image, weight, np.ones(8)).shape == (8, 28, 47)
    assert conv_layer(image.shape, weight.shape).n_terms == 30
    assert weight.size + 8 == 248

    changed = x.copy()
    changed[2, 1, 1] += 1
    cell = np.ravel_multi_index((2, 1, 1), x.shape)
    assert (conv_layer(x.shape, filters.shape).left == cell).any(axis=1).sum() == 8
    assert (conv2d(changed, filters, bias) != conv2d(x, filters, bias)).sum() == 6
    one = np.array([2, -1, 3]).reshape(1, 3, 1, 1)
    assert np.argwhere(conv2d(changed, one) != conv2d(x, one)).tolist() == [[0, 1, 1]]

    A, B = np.array([[2, -1, 3], [0, 1, -2]]), np.array([[1, 4], [-2, 0], [3, 5], [0, 1]])
    both = conv2d(conv2d(x, A.reshape(2, 3, 1, 1)), B.reshape(4, 2, 1, 1))
    assert np.array_equal(both, conv2d(x, (B @ A).reshape(4, 3, 1, 1)))

    grey = np.broadcast_to(np.arange(20).reshape(4, 5), (3, 4, 5))
    difference = np.array([1, 0, -1]).reshape(1, 3, 1, 1)
    assert not conv2d(grey, difference).any()
    assert conv2d(grey, one).any()  # its weights add to 4


def test_lecturer_s_moves_in_lesson_3():
    """What the lecturer's notes and the text beside the cells say of the explorer's choices."""
    x, filters, bias = signals.depth_volume(), signals.depth_filters(), signals.depth_bias()
    maps = conv2d(x, filters, bias)
    assert np.array_equal(conv2d(x, filters[:1], bias[:1])[0], maps[0])
    assert conv_layer((2, 4, 5), (2, 2, 3, 3)).n_terms == 18
    assert conv2d(x, filters, bias, padding="same").shape == (2, 4, 5)
    assert (maps - conv2d(x, filters))[:, 0, 0].tolist() == [1, -2]
    changed = x.copy()
    changed[2, 1, 2] += 1
    assert (conv2d(changed, filters) != conv2d(x, filters)).any(axis=(1, 2)).all()
    # "They all stay as they are only if ... filter 0 takes channel 0 alone, filter 1 channel 1, and so on."
    assert np.array_equal(conv2d(x, np.eye(3, dtype=int).reshape(3, 3, 1, 1)), x)
    # "With as many filters as channels, the mistake would go unnoticed."
    conv2d(x, np.concatenate([filters, filters[:1]]), [1, 1, 1])
    with pytest.raises(ValueError, match="bias must hold 2 numbers"):
        conv2d(x, filters, [1, 1, 1])


def test_photograph_of_lesson_3():
    """What the text says of the colours and no cell prints."""
    colour = signals.photograph(gray=False, shrink=3)
    difference = colour[0] - colour[2]
    wall, cord, stripe, collar, jacket = (30, 160), (112, 47), (110, 30), (125, 70), (180, 120)
    assert difference[wall] < -0.3
    assert difference[cord] > 0.3
    assert difference[stripe] > 0.3
    assert abs(difference[collar]) < 0.1
    assert abs(difference[jacket]) < 0.1
    exchange = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]]).reshape(3, 3, 1, 1)
    red, green, blue = conv2d(colour, exchange)[(slice(None), *stripe)]
    assert green > 3 * max(red, blue)


def test_answers_of_lesson_4():
    rng = np.random.default_rng(0)
    # 1
    image, filters = rng.integers(0, 10, (3, 10, 12)), rng.integers(-3, 4, (5, 3, 3, 4))
    X_col, W_row = im2col(image, (3, 4)), filters.reshape(5, -1)
    assert (X_col.shape, W_row.shape, conv2d(image, filters).shape) == ((36, 72), (5, 36), (5, 8, 9))
    copies = np.bincount(im2col(np.arange(120).reshape(1, 10, 12), (3, 4)).ravel()).reshape(10, 12)
    assert copies[5, 6] == copies.max() == 12
    # 2
    right = W_row @ X_col
    columns, rows = rng.permutation(72), rng.permutation(36)
    assert np.array_equal(W_row @ X_col[:, columns], right[:, columns])
    assert not np.array_equal(W_row @ X_col[:, columns], right)
    assert not np.array_equal(W_row @ X_col[rows], right)
    assert np.array_equal(W_row[:, rows] @ X_col[rows], right)
    # 3
    one = filters[:, :1]
    assert np.array_equal(one.reshape(5, -1)[:, ::-1], one[:, :, ::-1, ::-1].reshape(5, -1))
    assert not np.array_equal(W_row[:, ::-1], filters[:, :, ::-1, ::-1].reshape(5, -1))
    assert np.array_equal(W_row[:, ::-1], filters[:, ::-1, ::-1, ::-1].reshape(5, -1))
    # 4
    oblong = signals.oblong_image()[np.newaxis]
    there_and_back = col2im(im2col(oblong, (2, 2), stride=2), (4, 6), (2, 2), stride=2)
    assert np.array_equal(there_and_back, oblong)
    for size, stride, lost in [(3, 3, True), (2, 3, True), (3, 2, True), (3, 1, False), (2, 1, False)]:
        ones = np.ones((1, 4, 6), int)
        counts = col2im(im2col(ones, (size, size), stride=stride), (4, 6), (size, size), stride=stride)
        assert (counts.min() == 0) == lost


def test_lecturer_s_question_in_lesson_4():
    """The question's pair shows none of the wrong orders but MATLAB's, and that one as the transposed output."""
    x, k = signals.question_image()[np.newaxis], signals.question_kernel()[np.newaxis, np.newaxis]
    X_col, W_row, right = im2col(x, (3, 3)), k.reshape(1, 9), conv2d(x, k)
    assert np.array_equal((k[:, :, ::-1, ::-1].reshape(1, 9) @ X_col).reshape(1, 3, 3), right)
    assert np.array_equal((k.transpose(0, 2, 3, 1).reshape(1, 9) @ X_col).reshape(1, 3, 3), right)
    assert np.array_equal((X_col.T @ W_row.T).reshape(1, 3, 3), right)
    assert np.array_equal((k.reshape(9, 1).T @ X_col).reshape(1, 3, 3), right)
    matlab = im2col(x.transpose(0, 2, 1), (3, 3))
    assert np.array_equal((W_row @ matlab).reshape(3, 3), right[0].T)
    assert not np.array_equal(right[0], right[0].T)


def test_matlab_s_own_example():
    """The numbers on MATLAB's page on im2col: A = reshape(linspace(0,1,16),[4 4])', B = im2col(A,[2 2])."""
    A = np.linspace(0, 1, 16).reshape(4, 4)
    patches = [A[i : i + 2, j : j + 2].ravel(order="F") for j in range(3) for i in range(3)]
    B = np.stack(patches, axis=1)
    assert np.allclose(B[:, 0], [0, 0.2667, 0.0667, 0.3333], atol=5e-5)
    assert np.allclose(B[0], [0, 0.2667, 0.5333, 0.0667, 0.3333, 0.6, 0.1333, 0.4, 0.6667], atol=5e-5)
    assert np.allclose(B, im2col(A.T[np.newaxis], (2, 2)))


def test_gradient_with_respect_to_the_input_is_col2im(torch):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((3, 5, 7)), rng.standard_normal((2, 3, 3, 2))
    G = rng.standard_normal((2, 3, 6))
    x_torch = torch.tensor(x, requires_grad=True)
    torch.nn.functional.conv2d(x_torch[None], torch.tensor(w))[0].backward(torch.tensor(G))
    ours = col2im(w.reshape(2, -1).T @ G.reshape(2, -1), (5, 7), (3, 2))
    assert np.allclose(ours, x_torch.grad.numpy())


def matrix_of(shape, kernel, **places):
    return record(cross_correlation(shape, kernel.shape, **places), np.ones(shape), kernel).fully_connected_matrix()


def test_answers_of_lesson_5():
    kernel = signals.kernels()["one to nine"]
    matrix, strided = matrix_of((5, 6), kernel), matrix_of((5, 6), kernel, stride=2)
    assert (matrix.shape, np.count_nonzero(matrix)) == ((12, 30), 108)
    assert (strided.shape, np.count_nonzero(strided)) == ((4, 30), 36)
    assert np.flatnonzero((strided == 0).all(axis=0)).tolist() == [5, 11, 17, 23, 29]
    window, changed = signals.question_image()[:3, :3], signals.question_kernel()
    changed[2, 0] = 0
    assert ((window * changed).sum(), (window @ changed).sum(), window[2, 0]) == (4, 7, 0)
    assert not np.array_equal(changed, changed[::-1, ::-1])
    image = signals.question_image()
    assert not np.array_equal(correlate2d(image, changed), convolve2d(image, changed))
    assert correlate2d(image, changed)[0, 0] == np.trace(window.T @ changed) == 4


def test_no_change_of_one_weight_leaves_a_convolution():
    """Answer 2: with a 1 outside the window in row 0, no kernel makes the matrix."""
    kernel = np.array([[1, 2], [3, 4]])
    matrix = matrix_of((3, 4), kernel)
    matrix[0, 11] = 1
    assert np.flatnonzero(matrix[0]).tolist() == [0, 1, 4, 5, 11]  # row 0's window is pixels 0, 1, 4 and 5
    assert [np.count_nonzero(row) for row in matrix[1:]] == [4] * 5


def test_prose_of_lesson_5():
    weight, batch = np.ones((3, 4)), np.ones((2, 4))
    for first, second in ((weight, batch), (batch, weight)):
        with pytest.raises(ValueError, match="matmul"):
            first @ second
    with pytest.raises(ValueError, match="n_in = 40"):
        linear(np.ones(40), np.ones((3, 12)))


def test_verdicts_that_fall_with_another_kernel():
    """Answer 3 of lesson 5: run its verdicts again with one number of B changed."""
    names, end = {}, "B = signals.question_kernel()\n"
    sources = cells(ROOT / "notebooks" / "05_fully_connected.ipynb", "code")
    assert sum(end in source for source in sources) == 1
    for source in sources:
        exec(source.replace(end, f"{end}B[2, 0] = 0\n"), names)
    fallen = [who for who, (_, _, stands) in names["verdicts"].items() if not stands]
    assert (fallen, len(names["verdicts"])) == (["3 question", "6 answer"], 10)
