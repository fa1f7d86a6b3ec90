"""What the lessons say and no cell prints: lecturer's notes, and remarks beside the cells."""

import numpy as np
import peers
import pytest
from test_lessons import ROOT, cells

from convhelpers import signals
from convhelpers.arithmetic import conv2d, convolve2d, correlate2d, linear
from convhelpers.geometry import place_window
from convhelpers.im2col import col2im, im2col
from convhelpers.pairing import conv_layer

torch = peers.torch


def test_lecturer_s_moves_in_lesson_2():
    image = signals.question_image()
    assert correlate2d(image, signals.question_kernel(), stride=2).size == 4
    assert correlate2d(image, np.ones((5, 5))).size == 1
    with pytest.raises(ValueError, match=r"6 rows > 5"):
        correlate2d(image, np.ones((6, 5)))
    kernels = signals.kernels()
    same = {name for name, kernel in kernels.items() if np.array_equal(kernel, kernel[::-1, ::-1])}
    negative = {name for name, kernel in kernels.items() if np.array_equal(-kernel, kernel[::-1, ::-1])}
    assert same == {"question", "identity", "sharpen", "box blur", "Gaussian blur"}
    assert negative == {"vertical edges", "horizontal edges"}


def test_prose_of_lesson_2():
    """The example below the formula of all sizes, and a sum of the books' formula, which stands at another place."""
    assert 8 + 2 * 1 - 1 * (3 - 1) - 1 == 7
    assert place_window((8, 8), (3, 3), padding=1, stride=2).leftover == (1, 1)
    image, kernel = signals.counting_image(), signals.counting_kernel()
    long, (kh, kw) = convolve2d(image, kernel), kernel.shape
    assert sum(image[kh - 1 - u, kw - 1 - v] * kernel[u, v] for u, v in np.ndindex(kh, kw)) == long[0, 0]


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


def test_prose_of_lesson_4():
    """The image's side of the table of pairs is X_col, for every filter; `reshape` beside the transpose."""
    table = conv_layer((1, 3, 4), (2, 1, 2, 2)).left
    X_col = im2col(np.arange(12).reshape(1, 3, 4), (2, 2))
    assert np.array_equal(table[:6].T, X_col)
    assert np.array_equal(table[6:], table[:6])
    rows = np.array([[1, 2, 3], [4, 5, 6]])
    assert rows.reshape(3, 2).tolist() == [[1, 2], [3, 4], [5, 6]]
    assert rows.T.tolist() == [[1, 4], [2, 5], [3, 6]]


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


def test_prose_of_lesson_5():
    weight, batch = np.ones((3, 4)), np.ones((2, 4))
    assert (weight @ batch.T).shape == (3, 2)
    for first, second in ((weight, batch), (batch, weight)):
        with pytest.raises(ValueError, match="matmul"):
            first @ second
    with pytest.raises(ValueError, match="n_in = 40"):
        linear(np.ones(40), np.ones((3, 12)))


def test_verdicts_whose_checks_fail_with_another_kernel():
    """What the learner finds who runs the verdicts of lesson 5 again with one number of B changed."""
    names, end = {}, "B = signals.question_kernel()\n"
    sources = cells(ROOT / "notebooks" / "05_fully_connected.ipynb", "code")
    assert sum(end in source for source in sources) == 1
    for source in sources:
        exec(source.replace(end, f"{end}B[2, 0] = 0\n"), names)
    fallen = [who for who, (_, _, stands) in names["verdicts"].items() if not stands]
    assert (fallen, len(names["verdicts"])) == (["3 question", "6 answer"], 10)
    A, B, W = names["A"], names["B"], names["W"]
    assert np.dot(W, B).sum() == 7 != (W * B).sum() == 4
    assert not np.array_equal(B, B[::-1, ::-1])
    assert names["formula"](A, B) != names["by_scipy"](A, B)
