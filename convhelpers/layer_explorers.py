"""With this module one can turn the knobs of lessons 3 to 5: depth, a convolution as a matrix product, neurons.

Each class is the explorer of the function in `explore` that makes it.
"""

import numpy as np

from convhelpers import pairing
from convhelpers.controls import StepperExplorer, checkbox, dropdown, number_field
from convhelpers.geometry import check_groups, whole_number
from convhelpers.operands import real_array, real_bias

ONE_BY_ONE = "1 × 1"
SUMMED, DEPTHWISE = "summed over depth", "each channel alone (depthwise)"
ALL = "all"


class DepthExplorer(StepperExplorer):
    """The explorer of `depth`; its controls are attributes, its stepper is `stepper`.

    `filters` and `add_bias` belong to filters that sum over depth; in the depthwise layer they are disabled. Without
    biases `add_bias` is not shown.
    """

    def __init__(self, x, weight, bias, step, size):
        x = real_array(x, "x", ndim=3, axes="(C, H, W)")
        weight = real_array(weight, "weight", ndim=4, axes="(K, C, kh, kw)")
        n_filters, n_channels, kh, kw = weight.shape
        check_groups(1, channels=len(x), filters=n_filters, depth=n_channels)
        bias = real_bias(bias, n_filters)
        middle = np.s_[kh // 2 : kh // 2 + 1, kw // 2 : kw // 2 + 1]
        self._kernel_cells = {f"{kh} × {kw}": np.s_[:, :]} | {ONE_BY_ONE: middle}
        self.channels = dropdown("channels", list(range(1, n_channels + 1)), n_channels)
        self.filters = dropdown("filters", list(range(1, n_filters + 1)), n_filters)
        self.kernel = dropdown("kernel", list(self._kernel_cells), f"{kh} × {kw}")
        self.groups = dropdown("groups", [SUMMED, DEPTHWISE], SUMMED)
        self.padding = dropdown("padding", ["valid", "same"], "valid")
        self.add_bias = checkbox("add the bias", bias is not None)
        controls = [self.channels, self.filters, self.kernel, self.groups, self.padding]
        if bias is not None:
            controls.append(self.add_bias)
        super().__init__(controls, x, weight, bias, step=step, size=size)

    def _pairing(self, left_shape, right_shape):
        groups = left_shape[0] if self.groups.value == DEPTHWISE else 1
        return pairing.conv_layer(left_shape, right_shape, padding=self.padding.value, groups=groups)

    def _select(self, left, right, bias):
        channels, cells = slice(self.channels.value), self._kernel_cells[self.kernel.value]
        if self.groups.value == DEPTHWISE:  # the slices of filter 0, each a filter of its own
            return left.part(channels), right.part((0, channels, np.newaxis, *cells)), bias.part(None)
        filters = slice(self.filters.value)
        biases = filters if self.add_bias.value else None
        return left.part(channels), right.part((filters, channels, *cells)), bias.part(biases)

    def _prepare(self, _):
        self.filters.disabled = self.add_bias.disabled = self.groups.value == DEPTHWISE


class MatrixFormExplorer(StepperExplorer):
    """A convolution as a matrix product, drawn in the layout "im2col" or "matrix"; the stepper is `stepper`.

    The controls are attributes: `rows` and `columns` of the kernel, `stride`, `padding` on each side.
    """

    def __init__(self, layout, x, weight, stride, padding, step, size):
        self._build = {"im2col": pairing.conv_layer, "matrix": pairing.cross_correlation}[layout]
        rows, columns = weight.shape[-2:]
        self.rows = number_field("rows", rows)
        self.columns = number_field("columns", columns)
        self.stride = number_field("stride", whole_number(stride, "stride", minimum=1))
        self.padding = number_field("padding", whole_number(padding, "padding", minimum=0))
        controls = [self.rows, self.columns, self.stride, self.padding]
        super().__init__(controls, x, weight, step=step, size=size, layout=layout)

    def _pairing(self, left_shape, right_shape):
        return self._build(left_shape, right_shape, stride=self.stride.value, padding=self.padding.value)

    def _select(self, left, right, bias):
        return left, right.resized(self.rows.value, self.columns.value), bias


class Im2colExplorer(MatrixFormExplorer):
    """The explorer of `im2col`."""

    def __init__(self, x, weight, stride, padding, step, size):
        x = real_array(x, "x", ndim=(2, 3), axes=("(H, W)", "(C, H, W)"))
        weight = real_array(weight, "weight", ndim=(2, 4), axes=("(kh, kw)", "(K, C, kh, kw)"))
        x, weight = x.reshape(-1, *x.shape[-2:]), weight.reshape((1, 1, *weight.shape)[-4:])
        super().__init__("im2col", x, weight, stride, padding, step, size)


class MatrixExplorer(MatrixFormExplorer):
    """The explorer of `matrix`."""

    def __init__(self, x, kernel, stride, padding, step, size):
        x, kernel = real_array(x, "x", ndim=2, axes="(H, W)"), real_array(kernel, "kernel", ndim=2, axes="(kh, kw)")
        super().__init__("matrix", x, kernel, stride, padding, step, size)


class NeuronsExplorer(StepperExplorer):
    """The explorer of `neurons`; its control is `neuron`, its stepper is `stepper`."""

    def __init__(self, x, weight, bias, step, size):
        x = real_array(x, "x", ndim=1, axes="(n_in,)")
        weight = real_array(weight, "weight", ndim=2, axes="(n_out, n_in)")
        n_out, n_in = weight.shape
        if n_in != len(x):
            raise ValueError(
                f"weight must be (n_out, n_in) with n_in = {len(x)}, the length of x; received shape {weight.shape}"
            )
        bias = real_bias(bias, n_out)
        self.neuron = dropdown("neuron", [ALL, *map(str, range(n_out))], ALL)
        super().__init__([self.neuron], x, weight, bias, step=step, size=size)

    def _pairing(self, left_shape, right_shape):
        return pairing.fully_connected(*left_shape, n_outputs=right_shape[0])

    def _select(self, left, right, bias):
        rows = slice(None)
        if self.neuron.value != ALL:
            rows = slice(int(self.neuron.value), int(self.neuron.value) + 1)
        return left, right.part(rows), bias if bias.shown is None else bias.part(rows)
