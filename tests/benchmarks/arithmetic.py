"""Print how long the lessons' layers take, beside a plain matrix product (GEMM) of the same multiplications.

    python tests/benchmarks/arithmetic.py

One process, one BLAS thread, float32, medians; the candidates of a row take turns, so that a slow moment of
the machine meets all of them. GEMM is `np.matmul(W_row, X_col, out=...)` on ready buffers, once an image.
PyTorch comes after the others: it gives its memory back to the system, and the next one that needs memory
would pay for fetching it again. Nothing here fails on a time.
"""

import os

if __name__ == "__main__":
    for library in ("OMP", "OPENBLAS", "MKL", "VECLIB"):  # read once, when NumPy loads its BLAS
        os.environ[f"{library}_NUM_THREADS"] = "1"

import importlib
import statistics
import time
import tracemalloc
from functools import partial

import numpy as np

from convhelpers import arithmetic

# name: x (N, C, H, W), weight (K, C, kh, kw), stride, padding, repetitions
LAYERS = {
    "(a)": ((1, 3, 32, 32), (16, 3, 3, 3), 1, 0, 1000),
    "(b)": ((8, 64, 56, 56), (64, 64, 3, 3), 1, 1, 15),
    "(c)": ((1, 3, 227, 227), (96, 3, 11, 11), 4, 0, 50),
    "(d)": ((1, 256, 28, 28), (512, 256, 1, 1), 1, 0, 50),
}


def peer(name):
    """Return another library's module, None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def medians_ms(candidates, n_repetitions):
    """Return the median time of each of the functions `candidates` (name → function), in milliseconds."""
    times = {name: [] for name in candidates}
    for repetition in range(-3, n_repetitions):  # the first three warm up
        for name, function in candidates.items():
            start = time.perf_counter()
            function()
            if repetition >= 0:
                times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(of_name) for name, of_name in times.items()}


def four_loops(x, weight, stride):
    """The layer as a beginner writes it: filter, row, column, and the loops of the sum."""
    n_filters, n_channels, kh, kw = weight.shape
    oh, ow = ((size - kernel) // stride + 1 for size, kernel in zip(x.shape[1:], (kh, kw), strict=True))
    out = np.zeros((n_filters, oh, ow), x.dtype)
    for k in range(n_filters):
        for i in range(oh):
            for j in range(ow):
                for c, u, v in np.ndindex(n_channels, kh, kw):
                    out[k, i, j] += x[c, i * stride + u, j * stride + v] * weight[k, c, u, v]
    return out


def layer_row(torch, name, x_shape, weight_shape, stride, padding, n_repetitions):
    """Print one layer: times, ratios, peak of memory; return conv2d's time and the operands."""
    generator = np.random.default_rng(0)
    x = generator.standard_normal(x_shape, dtype=np.float32)
    weight = generator.standard_normal(weight_shape, dtype=np.float32)
    n_images, n_filters = x_shape[0], weight_shape[0]
    n_positions = arithmetic.conv2d(x, weight, stride=stride, padding=padding)[0, 0].size
    W_row = weight.reshape(n_filters, -1)
    X_col = generator.standard_normal((W_row.shape[1], n_positions), dtype=np.float32)
    out = np.empty((n_images, n_filters, X_col.shape[1]), np.float32)

    def gemm():
        for image in range(n_images):
            np.matmul(W_row, X_col, out=out[image])

    conv2d = partial(arithmetic.conv2d, x, weight, stride=stride, padding=padding)
    ms = medians_ms({"gemm": gemm, "conv2d": conv2d}, n_repetitions)
    if torch is not None:
        tensors = torch.from_numpy(x), torch.from_numpy(weight)
        peer_conv2d = partial(torch.nn.functional.conv2d, *tensors, stride=stride, padding=padding)
        ms |= medians_ms({"torch": peer_conv2d}, n_repetitions)

    tracemalloc.start()
    conv2d()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    is_pointwise = weight_shape[2:] == (1, 1) and stride == 1
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)]).nbytes if padding else 0
    formula = (0 if is_pointwise else X_col.nbytes) + padded + out.nbytes

    to_torch = f"{ms['conv2d'] / ms['torch']:9.2f}" if "torch" in ms else "        -"
    print(
        f"{name:6} {ms['gemm']:9.3f} {ms['conv2d']:11.3f} {ms['conv2d'] / ms['gemm']:8.2f} {to_torch} "
        f"{peak / 1e6:9.2f} {peak / formula:14.2f}"
    )
    return ms["conv2d"], x, weight


def main():
    torch, signal = peer("torch"), peer("scipy.signal")
    if torch is not None:
        torch.set_num_threads(1)
    print("layer  GEMM (ms) conv2d (ms)   × GEMM   × torch peak (MB) × memory formula")
    rows = {name: layer_row(torch, name, *layer) for name, layer in LAYERS.items()}
    conv2d_ms, x, weight = rows["(a)"]
    start = time.perf_counter()
    four_loops(x[0], weight, 1)
    print(f"\n(a) by nested loops: {1000 * (time.perf_counter() - start) / conv2d_ms:.0f} × conv2d")

    generator = np.random.default_rng(0)
    for dtype in ("float32", "float64", "int64"):
        image = (9 * generator.standard_normal((64, 64))).astype(dtype)
        kernel = (9 * generator.standard_normal((3, 3))).astype(dtype)
        candidates = {"ours": partial(arithmetic.correlate2d, image, kernel)}
        if signal is not None:
            candidates["scipy"] = partial(signal.correlate2d, image, kernel, "valid")
        ms = medians_ms(candidates, 1000)
        to_scipy = f", {ms['ours'] / ms['scipy']:.2f} × scipy" if "scipy" in ms else ""
        print(f"correlate2d, 64×64 with 3×3, {dtype}: {1000 * ms['ours']:.0f} µs{to_scipy}")

    whole = [generator.integers(-9, 10, shape) for shape in LAYERS["(b)"][:2]]
    floats = [array.astype(np.float32) for array in whole]
    ms = medians_ms({"int64": partial(arithmetic.conv2d, *whole), "float32": partial(arithmetic.conv2d, *floats)}, 5)
    print(f"conv2d on (b) with whole numbers: {ms['int64'] / ms['float32']:.2f} × float32")


if __name__ == "__main__":
    main()
