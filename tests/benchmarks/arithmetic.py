"""The lessons' layers beside a plain matrix product (GEMM) of the same multiplications, PyTorch and SciPy.

One process, one BLAS thread, float32. GEMM is `np.matmul(W_row, X_col, out=...)` on ready buffers, once an image.
PyTorch comes after the others: it gives its memory back to the system, and the next one that needs memory would pay
for fetching it again.
"""

from functools import partial

import numpy as np
from measuring import Row, milliseconds, take_turns
from scipy import signal

from convhelpers import arithmetic

# what the layer is: x (N, C, H, W), weight (K, C, kh, kw), stride, padding, rounds
LAYERS = {
    "conv2d, 3 × 3 on (3, 32, 32), 16 filters": ((1, 3, 32, 32), (16, 3, 3, 3), 1, 0, 1000),
    "conv2d, 3 × 3 on 8 × (64, 56, 56), 64 filters": ((8, 64, 56, 56), (64, 64, 3, 3), 1, 1, 15),
    "conv2d, 11 × 11, stride 4 on (3, 227, 227), 96 filters": ((1, 3, 227, 227), (96, 3, 11, 11), 4, 0, 50),
    "conv2d, 1 × 1 on (256, 28, 28), 512 filters": ((1, 256, 28, 28), (512, 256, 1, 1), 1, 0, 50),
}
GEMM = "matrix product (GEMM) alone"


def rows():
    """Measure all layers, the smallest one beside nested loops, and correlate2d beside SciPy's."""
    yield loop_row()
    torch = pytorch()
    for what, layer in LAYERS.items():
        yield from layer_rows(torch, what, *layer)
    for dtype in ("float32", "int64"):
        yield scipy_row(dtype)


def pytorch():
    """Return PyTorch, with one thread, or None where it is not installed."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    return torch


def operands(x_shape, weight_shape):
    generator = np.random.default_rng(0)
    return [generator.standard_normal(shape, dtype=np.float32) for shape in (x_shape, weight_shape)]


def layer_rows(torch, what, x_shape, weight_shape, stride, padding, n_rounds):
    """Measure one layer beside GEMM, and beside PyTorch where it is installed."""
    x, weight = operands(x_shape, weight_shape)
    ours = milliseconds(partial(arithmetic.conv2d, x, weight, stride=stride, padding=padding))
    n_positions = arithmetic.conv2d(x, weight, stride=stride, padding=padding)[0, 0].size
    candidates = {"conv2d": ours, "gemm": milliseconds(gemm(x, weight, n_positions))}
    measured = take_turns(candidates, n_rounds, n_warm_up=3)
    yield Row(what, measured["conv2d"], GEMM, measured["gemm"], "ms")
    if torch is not None:
        tensors = torch.from_numpy(x), torch.from_numpy(weight)
        theirs = milliseconds(partial(torch.nn.functional.conv2d, *tensors, stride=stride, padding=padding))
        theirs = take_turns({"torch": theirs}, n_rounds, n_warm_up=3)["torch"]
        yield Row(what, measured["conv2d"], "PyTorch's conv2d", theirs, "ms")


def gemm(x, weight, n_positions):
    """Return the matrix product of a layer with `n_positions` of the window, on ready buffers."""
    W_row = weight.reshape(len(weight), -1)
    X_col = np.random.default_rng(1).standard_normal((W_row.shape[1], n_positions), dtype=np.float32)
    out = np.empty((len(x), len(weight), n_positions), np.float32)

    def multiply():
        for image in range(len(x)):
            np.matmul(W_row, X_col, out=out[image])

    return multiply


def loop_row():
    """Measure the smallest layer beside the same layer as a beginner writes it."""
    what, (x_shape, weight_shape, *_) = next(iter(LAYERS.items()))
    x, weight = operands(x_shape, weight_shape)
    # Not in turns: after two seconds of loops, the operands of conv2d would have to be fetched anew.
    ours = take_turns({"conv2d": milliseconds(partial(arithmetic.conv2d, x, weight))}, 1000, n_warm_up=3)["conv2d"]
    theirs = take_turns({"loops": milliseconds(partial(nested_loops, x[0], weight))}, 3)["loops"]
    return Row(what, ours, "nested loops in Python", theirs, "ms")


def nested_loops(x, weight):
    """The layer as a beginner writes it: filter, row, column, and the loops of the sum."""
    n_filters, n_channels, kh, kw = weight.shape
    oh, ow = (size - kernel + 1 for size, kernel in zip(x.shape[1:], (kh, kw), strict=True))
    out = np.zeros((n_filters, oh, ow), x.dtype)
    for k in range(n_filters):
        for i in range(oh):
            for j in range(ow):
                for c, u, v in np.ndindex(n_channels, kh, kw):
                    out[k, i, j] += x[c, i + u, j + v] * weight[k, c, u, v]
    return out


def scipy_row(dtype):
    """Measure correlate2d beside SciPy's, on an image and a kernel of the lessons' sizes."""
    generator = np.random.default_rng(0)
    image, kernel = ((9 * generator.standard_normal(shape)).astype(dtype) for shape in ((64, 64), (3, 3)))
    candidates = {
        "ours": milliseconds(partial(arithmetic.correlate2d, image, kernel)),
        "scipy": milliseconds(partial(signal.correlate2d, image, kernel, "valid")),
    }
    measured = take_turns(candidates, 1000, n_warm_up=3)
    what = f"correlate2d, 3 × 3 on (64, 64), {dtype}"
    return Row(what, measured["ours"], "SciPy's correlate2d", measured["scipy"], "ms")
