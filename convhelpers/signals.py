"""With this module one can take up the inputs and kernels of the lessons by name, and one photograph.

Every function returns a fresh array, so that changing a number in it (`image[0, 0] = 9`) changes nothing
elsewhere. Axes are those of `conventions`; kernels are written as `correlate2d` lays them on an image. Small
arrays hold whole numbers, blurs and the photograph float64.

Except for the question's own pair, which learners know, the numbers are chosen to tell a right answer from
the wrong ones: H is not W, and a kernel is not its own rotation by 180°, so that correlation and convolution
differ.
"""

import numpy as np

from convhelpers.geometry import whole_number


def question_image():
    """Return the 5×5 input of the question that this course answers.

    Source: the animation in the Stanford UFLDL tutorial, "Feature extraction using convolution", which
    lectures and forums have copied since. With `question_kernel` the first window gives 4.

    >>> question_image()
    array([[1, 1, 1, 0, 0],
           [0, 1, 1, 1, 0],
           [0, 0, 1, 1, 1],
           [0, 0, 1, 1, 0],
           [0, 1, 1, 0, 0]])
    """
    return np.array(
        [
            [1, 1, 1, 0, 0],
            [0, 1, 1, 1, 0],
            [0, 0, 1, 1, 1],
            [0, 0, 1, 1, 0],
            [0, 1, 1, 0, 0],
        ]
    )


def question_kernel():
    """Return the question's 3×3 kernel, from the same source as `question_image`.

    It is its own rotation by 180°, and therefore **cannot** tell correlation from convolution.

    >>> question_kernel()
    array([[1, 0, 1],
           [0, 1, 0],
           [1, 0, 1]])
    """
    return np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])


def counting_image():
    """Return 0 … 8 in a 3×3 image.

    Source: Zhang, Lipton, Li, Smola, "Dive into Deep Learning", section "Convolutions for Images". With
    `counting_kernel`, correlation gives 19, 25, 37, 43 and convolution 5, 11, 23, 29.

    >>> counting_image()
    array([[0, 1, 2],
           [3, 4, 5],
           [6, 7, 8]])
    """
    return np.arange(9).reshape(3, 3)


def counting_kernel():
    """Return 0 … 3 in a 2×2 kernel: even, and not its own rotation. From the same source as `counting_image`.

    >>> counting_kernel()
    array([[0, 1],
           [2, 3]])
    """
    return np.arange(4).reshape(2, 2)


def oblong_image():
    """Return a 4×6 image without symmetry: rows cannot pass for columns, no two windows are alike. Our own.

    >>> oblong_image()
    array([[3, 0, 1, 2, 7, 4],
           [1, 5, 8, 9, 3, 1],
           [2, 7, 2, 5, 1, 3],
           [0, 1, 3, 1, 7, 8]])
    """
    return np.array(
        [
            [3, 0, 1, 2, 7, 4],
            [1, 5, 8, 9, 3, 1],
            [2, 7, 2, 5, 1, 3],
            [0, 1, 3, 1, 7, 8],
        ]
    )


def kernels():
    """Return the named kernels of the lessons, a dict from name to 2-D array, in the order of teaching.

    The edge kernels are Sobel's operator (Gonzalez & Woods, "Digital Image Processing", section on the
    gradient); sharpen, blurs and emboss are the usual small ones, as in the Wikipedia article "Kernel (image
    processing)". The blurs add to 1, so that a grey surface keeps its grey.

    >>> list(kernels())[:4]
    ['question', 'identity', 'shift', 'counting']
    >>> kernels()["vertical edges"]
    array([[-1,  0,  1],
           [-2,  0,  2],
           [-1,  0,  1]])
    """
    return {
        "question": question_kernel(),
        "identity": np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
        # The image moves one column to the left; turned by 180°, to the right.
        "shift": np.array([[0, 0, 0], [0, 0, 1], [0, 0, 0]]),
        "counting": counting_kernel(),
        "one to nine": np.arange(1, 10).reshape(3, 3),
        "vertical edges": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
        "horizontal edges": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
        "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        "emboss": np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
        "box blur": np.full((3, 3), 1 / 9),
        "Gaussian blur": np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
    }


def depth_volume():
    """Return a volume of three channels, (3, 4, 5), of small whole numbers. Our own.

    >>> depth_volume()[:, 0, 0]
    array([1, 0, 2])
    """
    return np.array(
        [
            [[1, 0, 2, 1, 0], [2, 1, 0, 0, 1], [0, 2, 1, 2, 2], [1, 0, 0, 1, 2]],
            [[0, 2, 1, 0, 1], [1, 1, 2, 0, 0], [2, 0, 1, 1, 0], [0, 1, 2, 2, 1]],
            [[2, 1, 0, 2, 2], [0, 0, 1, 1, 2], [1, 2, 0, 0, 1], [2, 1, 1, 0, 0]],
        ]
    )


def depth_filters():
    """Return two filters for `depth_volume`, (2, 3, 3, 3): each has a slice for every channel.

    Our own, of -1, 0 and 1 in the style of the demo in CS231n's notes on convolutional networks.

    >>> depth_filters().shape
    (2, 3, 3, 3)
    """
    return np.array(
        [
            [
                [[1, 0, -1], [1, 1, 0], [0, -1, 1]],
                [[0, 1, 1], [-1, 0, 1], [1, 0, 0]],
                [[-1, 1, 0], [0, 1, 1], [1, -1, 0]],
            ],
            [
                [[0, 1, 0], [1, -1, 1], [-1, 0, 0]],
                [[1, 1, 0], [0, 0, -1], [1, 1, -1]],
                [[1, 0, 1], [-1, 1, 0], [0, 0, -1]],
            ],
        ]
    )


def depth_bias():
    """Return the biases of `depth_filters`: one number a filter, (2,).

    >>> depth_bias()
    array([ 1, -2])
    """
    return np.array([1, -2])


def photograph(*, gray=True, shrink=1):
    """Return a portrait of Grace Hopper: (600, 512) in grey, or (3, 600, 512) in red, green and blue.

    Values are float64 from 0 (black) to 1 (white). Grey is 0.299·red + 0.587·green + 0.114·blue (ITU-R
    BT.601). `shrink` makes the picture smaller by a whole number, each pixel the mean of `shrink` × `shrink`
    old ones; rows and columns left over at the end are dropped.

    Raises `ValueError` for a `shrink` that is less than 1 or more than 512, `TypeError` for one that is no
    whole number.

    Source: a photograph of the U.S. Navy, in the public domain, which Matplotlib ships as sample data
    (`grace_hopper.jpg`).

    >>> photograph(shrink=10).shape, photograph(gray=False, shrink=10).shape
    ((60, 51), (3, 60, 51))
    """
    shrink = whole_number(shrink, "shrink", minimum=1)
    colours = _read_photograph()
    _, height, width = colours.shape
    if shrink > min(height, width):
        raise ValueError(f"shrink must be {min(height, width)} or less; received {shrink}")
    rows, columns = height // shrink, width // shrink
    blocks = colours[:, : rows * shrink, : columns * shrink].reshape(3, rows, shrink, columns, shrink)
    smaller = blocks.mean(axis=(2, 4))
    return np.tensordot([0.299, 0.587, 0.114], smaller, axes=1) if gray else smaller


def _read_photograph():
    # Only here: the lessons' arithmetic needs no Matplotlib, and Pillow, which reads the JPEG, comes with it.
    from matplotlib.cbook import get_sample_data
    from matplotlib.image import imread

    with get_sample_data("grace_hopper.jpg") as file:
        return np.ascontiguousarray(np.moveaxis(imread(file), -1, 0)) / 255
