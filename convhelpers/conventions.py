"""With this module one can look up each convention of the course, and where libraries differ.

It is a page to read, without code: `help("convhelpers.conventions")`.

Axes
----
    image    (H, W)                 rows, columns; (0, 0) is the cell at the top left
    volume   (C, H, W)              channels first
    batch    (N, C, H, W)
    kernel   (kh, kw)
    filters  (K, C/groups, kh, kw)  K filters, each as deep as the channels that it sees
    weights  (n_out, n_in)          of a fully connected layer

A pair is (row, column) or (vertical, horizontal), never (x, y); an int stands for both. A bias
is one number a filter, (K,), or a neuron, (n_out,): added once to each output, after its sum.

Which way the kernel lies
-------------------------
Cross-correlation lays the kernel on the image as it is: `correlate2d` and `conv2d`. Deep
learning calls this convolution [1]. The convolution of mathematics turns the kernel by
180 degrees first: `convolve2d`.

>>> import numpy as np
>>> from convhelpers.arithmetic import convolve2d, correlate2d
>>> x, k = [[1, 2, 3, 4]], [[1, 10]]
>>> correlate2d(x, k).tolist(), convolve2d(x, k).tolist()
([[21, 32, 43]], [[12, 23, 34]])

Padding
-------
`padding` counts the zeros on each side, never in total: an int (0 if not given), (vertical,
horizontal), ((top, bottom), (left, right)), or a word. For n cells under k cells of kernel:

    word     zeros                         outputs    windows
    "valid"  none                          n - k + 1  all that lie inside the image
    "same"   k - 1 in all, half on a side  n          one for each cell; with stride 1 only
    "full"   k - 1 on each side            n + k - 1  all that touch the image

With dilation d, k stands for d * (k - 1) + 1. For "same", an even k leaves one odd zero, and
there are two camps: `correlate2d` and `conv2d` put it after, `convolve2d` puts it before (ONNX
has a word for each, SAME_UPPER and SAME_LOWER [3]). Zeros take part in the sum like any number:
0 * NaN is NaN. A kernel larger than the padded image is an error.

>>> correlate2d(x, k, padding="same").tolist(), convolve2d(x, k, padding="same").tolist()
([[21, 32, 43, 4]], [[1, 12, 23, 34]])

Sizes
-----
    floor((n + before + after - d * (k - 1) - 1) / stride) + 1

What the stride does not divide is rounded down. The last rows and columns, which no window
reaches then, are counted in `Window.leftover`.

>>> from convhelpers.geometry import place_window
>>> window = place_window((5, 6), (2, 2), stride=2)
>>> window.output_size, window.leftover
((2, 3), (1, 0))

Order of flattening
-------------------
Channel, row, column, the column fastest: row-major, as `ravel` does it. In im2col's X_col one
column is one window, flattened so; the columns follow the outputs, row by row. W_row has one
filter a row, flattened so, and `W_row @ X_col` is the layer without its bias. Two channels of
2 x 3 cells, numbered 0 to 5 and 6 to 11, under a kernel of 1 x 2:

>>> from convhelpers.im2col import im2col
>>> im2col(np.arange(12).reshape(2, 2, 3), (1, 2))
array([[ 0,  1,  3,  4],
       [ 1,  2,  4,  5],
       [ 6,  7,  9, 10],
       [ 7,  8, 10, 11]])

Numbers
-------
Whole numbers of any width become int64 and stay exact; sums that might not fit are refused.
Floats keep their width; float16 is added up in float32. Two kinds meet as in `np.result_type`:
float32 with whole numbers makes float64. Nothing that is passed in is modified.

>>> correlate2d(np.array([[255, 255]], np.uint8), np.array([[255, 255]], np.uint8)).item()
130050

Elsewhere
---------
tests/test_conventions.py runs NumPy, SciPy and PyTorch [2]; the rest is from documentation.
"Layer" is MATLAB's convolution2dLayer [9]; "-" is what a library does not have.

             NumPy, SciPy          PyTorch           TensorFlow, Keras    MATLAB
-----------  --------------------  ----------------  -------------------  -------------------
batch        (H, W) only           as here           (N, H, W, C) [5]     (H, W, C, N)
filters      (kh, kw) only         as here           (kh, kw, C, K) [5]   (kh, kw, C, K)
flattening   as the axes stand     as here           row, column,         column-major: the
                                                     channel              row fastest
im2col       -                     unfold: as here   one row a window,    (H, W) only; the row
                                                     flattened so [5]     fastest [8]
turned       convolve2d,           -                 -                    conv2 [7]
             np.convolve
not turned   correlate2d,          conv2d            conv2d, Conv2D [6]   filter2 [7]
             np.correlate
"same":      correlate2d: after;   after             after [4]            after: conv2,
odd zero     convolve2d, both of                                          filter2, layer
             NumPy: before
"same" and   no stride             refused           ceil(n / stride)     layer: likewise
stride > 1                                           outputs [4]
padding not  "full";               0                 Conv2D: "valid"      conv2: "full";
given        np.correlate:                                                filter2: "same";
             "valid"                                                      layer: 0
padding in   words only            as here, but not  conv2d: a pair an    layer: int, [v h],
numbers                            top and bottom    axis, for batch      [top bottom left
                                   apart             and channels too     right]
sizes        no stride             floor             "VALID": floor [4]   layer: floor
"valid", a   the two change        error             error                conv2: empty
kernel too   places
large

- For "same" and an even kernel, MATLAB's conv2 and SciPy's convolve2d are one cell apart,
  though both turn the kernel.
- `filter2(h, x)` takes the kernel first. NumPy's "same" is as long as the longer of the two.
- TensorFlow's "SAME" has max((ceil(n / stride) - 1) * stride + k - n, 0) zeros in all, so that
  with a stride an odd k can have an odd zero too.
- Weights for one order of flattening give wrong numbers in another, without an error.

Sources
-------
[1] Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 9.1
[2] docs.scipy.org/doc/scipy/reference/generated/scipy.signal.correlate2d.html
    numpy.org/doc/stable/reference/generated/numpy.convolve.html
    docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
[3] onnx.ai/onnx/operators/onnx__Conv.html: auto_pad
[4] www.tensorflow.org/api_docs/python/tf/nn: "Notes on padding"
[5] www.tensorflow.org/api_docs/python/tf/nn/conv2d, with its default data_format
[6] www.tensorflow.org/api_docs/python/tf/nn/convolution: "actually cross-correlation"
[7] www.mathworks.com/help/matlab/ref/conv2.html, .../filter2.html
[8] www.mathworks.com/help/images/ref/im2col.html
[9] www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.convolution2dlayer.html
"""
