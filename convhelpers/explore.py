"""With this module one can turn the knobs: pictures to step through, with controls above them that Python answers.

Lesson 1 has `products`, lesson 2 `convolution` and `photograph`, lesson 3 `depth`, lesson 4 `im2col`, lesson 5 `matrix`
and `neurons`. A first choice that cannot work raises; a later one is answered by a sentence, and the last picture that
works stays. The numbers in the cells can be edited in place; see `stepper`. Numbers that a control hides are kept:
neither an edit nor "reset numbers" touches what is not shown.
"""

from convhelpers.image_explorers import ConvolutionExplorer, PhotographExplorer, ProductsExplorer
from convhelpers.layer_explorers import DepthExplorer, Im2colExplorer, MatrixExplorer, NeuronsExplorer


def convolution(x, kernel="question", *, padding="valid", stride=1, dilation=1, flip=False, step=0, size=None):
    """Show a kernel sliding over an image `x` (H, W), with controls for all that can be chosen about it.

    `kernel` is a name from `signals.kernels()` or an array (kh, kw); `padding` is "valid", "same", "full" or a whole
    number; `flip=True` turns the kernel by 180 degrees (convolution instead of cross-correlation).

    Raises `ValueError` or `TypeError` for a first choice that cannot work; later ones are answered in the view.

    >>> convolution([[1, 2], [3, 4]], [[1, 0], [0, 1]], step=4)
    Stepper: Window rows 0–1, columns 0–1. Product 4 of 4: ... gives 4; the sum becomes 5. Output = 5.
    """
    return ConvolutionExplorer(x, kernel, padding, stride, dilation, flip, step, size)


def products(left, right, operation="sum of products", *, names=None, step=0, size=None):
    """Show two arrays under the element-wise product, the sum of products or the matrix product, to choose from.

    `left` and `right` are 2-D; the first two operations need equal shapes, the third fitting ones. `names` are their
    titles, "A" and "B" if none are given.

    >>> products([[1, 2], [3, 4]], [[5, 6], [7, 8]], "matrix product", step=2)
    Stepper: Row 0 of A with column 0 of B. Product 2 of 2: ... gives 14; the sum becomes 19. Output (0, 0) = 19.
    """
    return ProductsExplorer(left, right, operation, names, step, size)


def photograph(image=None, kernel="vertical edges"):
    """Show an image (H, W), grey from 0 to 1, under a named kernel of choice; by default the portrait of `signals`.

    >>> photograph([[0, 0, 0], [0, 1, 1], [0, 0, 0], [0, 0, 0]], "identity")
    The photograph, and beside it its cross-correlation with the kernel "identity": values from 0 to 1.
    """
    return PhotographExplorer(image, kernel)


def depth(x, weight, bias=None, *, step=0, size=None):
    """Show the convolution layer: windows through all channels of `x` (C, H, W) with filters `weight` (K, C, kh, kw).

        out[k, i, j] = bias[k] + Σ_c Σ_u Σ_v x[c, i + u, j + v] · weight[k, c, u, v]

    The filters are **not** turned; the output is (K, oh, ow). `bias` (K,) is added last, or is None. Controls take the
    first so many channels and filters, of each slice all cells or only its middle one, padding "valid" or "same", and
    the bias or none. "each channel alone (depthwise)" is the layer with groups = C: the slices of filter 0, each now a
    filter of its own that sees one channel. Its maps add up to filter 0's map. The biases belong to the filters, and
    are left out there.

    Raises `ValueError` for a wrong number of axes, channels that do not match, a bias that is not K long, filters that
    do not fit, and a picture too large; `TypeError` for what is not real numbers.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 9.5; `groups` of `torch.nn.Conv2d`.

    >>> depth([[[1, 2]], [[3, 4]]], [[[[1, 1]], [[1, 1]]]], [100], step=5)
    Stepper: Window row 0, columns 0–1. The bias 100 is added last; the sum becomes 110. Output = 110.
    """
    return DepthExplorer(x, weight, bias, step, size)


def im2col(x, weight, *, stride=1, padding=0, step=0, size=None):
    """Show the convolution layer as a matrix product: `W_row @ X_col`, a filter a row, a window a column.

    `x` is (C, H, W) and `weight` (K, C, kh, kw); an image (H, W) is taken as one channel, a kernel (kh, kw) as one
    filter. The filters are **not** turned. `stride` and `padding` (zeros on each side) are whole numbers. Another
    number of rows or columns cuts the weights, or fills them up with zeros.

    Raises as `depth` does; also for a stride or padding out of range.

    Source: CS231n notes on convolutional networks, "Implementation as Matrix Multiplication".

    >>> im2col([[1, 2], [3, 4]], [[1, 0], [0, 1]], step=4)
    Stepper: Window rows 0–1, columns 0–1. Product 4 of 4: ... gives 4; the sum becomes 5. Output = 5.
    """
    return Im2colExplorer(x, weight, stride, padding, step, size)


def matrix(x, kernel, *, stride=1, padding=0, step=0, size=None):
    """Show a cross-correlation as a fully connected layer: its matrix times the flattened image.

    Each row of the matrix makes one output: the kernel's weights stand where that window's inputs stand, all else is 0.
    `x` is (H, W), `kernel` (kh, kw), **not** turned; `stride`, `padding` and the controls are those of `im2col`.

    Raises as `im2col` does.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 9.1, on convolution as multiplication by a
    matrix with shared entries, most of them 0.

    >>> matrix([[1, 2, 3]], [[4, 5]], step=4)
    Stepper: Window row 0, columns 1–2. Product 2 of 2: ... gives 15; the sum becomes 23. Output (0, 1) = 23.
    """
    return MatrixExplorer(x, kernel, stride, padding, step, size)


def neurons(x, weight, bias=None, *, step=0, size=None):
    """Show the fully connected layer, `weight @ x + bias`, or one neuron of it: one row of weights and its own bias.

        out[o] = bias[o] + Σ_i x[i] · weight[o, i]

    `x` is (n_in,), `weight` (n_out, n_in), `bias` (n_out,) or None.

    Raises `ValueError` for a wrong number of axes, lengths that do not match, and a picture too large; `TypeError` for
    what is not real numbers.

    Source: y = f(x·w + b) in Buduma & Locascio, "Fundamentals of Deep Learning" (2017), page 8, without f.

    >>> neurons([1, 2], [[3, 4], [5, 6]], [10, 20], step=3)
    Stepper: Neuron 0. The bias 10 is added last; the sum becomes 21. Output (0) = 21.
    """
    return NeuronsExplorer(x, weight, bias, step, size)
