"""With this module one can turn the knobs of lessons 1 and 2: of a convolution, of three products, of a photograph.

Each class is the explorer of the function in `explore` that makes it.
"""

import base64
import html

import ipywidgets
import numpy as np

from convhelpers import pairing, pictures, signals
from convhelpers.arithmetic import correlate2d
from convhelpers.controls import Explorer, Operand, StepperExplorer, check_choice, checkbox, dropdown, number_field
from convhelpers.geometry import place_window, whole_number
from convhelpers.operands import real_array
from convhelpers.wording import number

OWN = "your own"
PRODUCTS = {
    "element-wise product": lambda left, right: pairing.elementwise(_common_shape(left, right)),
    "sum of products": lambda left, right: pairing.sum_of_products(_common_shape(left, right)),
    "matrix product": pairing.matrix_product,
}


class ConvolutionExplorer(StepperExplorer):
    """The explorer of `convolution`; its controls are attributes, its stepper is `stepper`."""

    def __init__(self, x, kernel, padding, stride, dilation, flip, step, size):
        x = real_array(x, "x", ndim=2, axes="(H, W)")
        self._kernels = signals.kernels()
        if not isinstance(flip, bool):
            raise TypeError(f"flip must be True or False; received {flip!r}")
        own = None if isinstance(kernel, str) else real_array(kernel, "kernel", ndim=2, axes="(kh, kw)")
        if own is None:
            check_choice(kernel, "kernel", self._kernels, ", or an array")
        first = self._kernels[kernel] if own is None else own
        # Before the controls take them: their fields would make 1 of 1.5 without a word.
        stride = whole_number(stride, "stride", minimum=1)
        dilation = whole_number(dilation, "dilation", minimum=1)
        if not isinstance(padding, str):
            padding = whole_number(padding, "padding", minimum=0)
        place_window(x.shape, first.shape, stride=stride, padding=padding, dilation=dilation)
        word = padding if isinstance(padding, str) else "number"
        self.kernel = dropdown("kernel", [*self._kernels, OWN], kernel if own is None else OWN)
        self.rows = number_field("rows", first.shape[0])
        self.columns = number_field("columns", first.shape[1])
        self.padding = dropdown("padding", ["valid", "same", "full", "number"], word)
        self.padding_number = number_field("on each side", 1 if word != "number" else padding)
        self.padding_number.disabled = word != "number"
        self.stride = number_field("stride", stride)
        self.dilation = number_field("dilation", dilation)
        self.flip = checkbox("turn the kernel (convolution)", flip)
        controls = [self.kernel, self.rows, self.columns, self.padding, self.padding_number]
        controls += [self.stride, self.dilation, self.flip]
        super().__init__(controls, x, first, step=step, size=size)

    def _pairing(self, left_shape, right_shape):
        build = pairing.convolution if self.flip.value else pairing.cross_correlation
        padding = self.padding_number.value if self.padding.value == "number" else self.padding.value
        sizes = {"stride": self.stride.value, "dilation": self.dilation.value, "padding": padding}
        return build(left_shape, right_shape, **sizes)

    def _select(self, left, right, bias):
        if self.kernel.value != OWN:
            return left, Operand.unedited(self._kernels[self.kernel.value]), bias
        return left, right.resized(self.rows.value, self.columns.value), bias

    def _prepare(self, change):
        self.padding_number.disabled = self.padding.value != "number"
        with self._quietly():
            if change.owner in (self.rows, self.columns):
                self.kernel.value = OWN
            elif change.owner is self.kernel and self.kernel.value != OWN:
                self.rows.value, self.columns.value = self._kernels[self.kernel.value].shape

    def _after_edit(self, _):
        """Say whose kernel it is now: an edited one is the learner's own, a reset one has its name back."""
        _, before, _ = self._operands
        if self.kernel.value in (OWN, self._name(before.shown)):  # else it names one that is refused
            with self._quietly():
                self.kernel.value = self._name(self.stepper.trace.right)
        super()._after_edit(None)

    def _name(self, kernel):
        """The name of a kernel that is as large as the controls say, or `OWN`."""
        same = [name for name, named in self._kernels.items() if np.array_equal(named, kernel)]
        return same[0] if same and kernel.shape == (self.rows.value, self.columns.value) else OWN


class ProductsExplorer(StepperExplorer):
    """The explorer of `products`; its control is `operation`, its stepper is `stepper`."""

    def __init__(self, left, right, operation, names, step, size):
        left, right = real_array(left, "left", ndim=2), real_array(right, "right", ndim=2)
        check_choice(operation, "operation", PRODUCTS)
        self.operation = ipywidgets.ToggleButtons(options=list(PRODUCTS), value=operation)
        self.operation.style.button_width = "auto"
        super().__init__([self.operation], left, right, step=step, size=size, names=names)

    def _pairing(self, left_shape, right_shape):
        return PRODUCTS[self.operation.value](left_shape, right_shape)


class PhotographExplorer(Explorer):
    """The explorer of `photograph`; its control is `kernel`, its view the PNG of both images with a caption."""

    def __init__(self, image, kernel):
        self._image = (
            signals.photograph(shrink=3) if image is None else real_array(image, "image", ndim=2, axes="(H, W)")
        )
        self._kernels = signals.kernels()
        check_choice(kernel, "kernel", self._kernels)
        for named in self._kernels.values():
            place_window(self._image.shape, named.shape)  # refuses an image that a later choice would not fit
        self.kernel = dropdown("kernel", list(self._kernels), kernel)
        # Not `ipywidgets.Image`, which has no room for the text that stands in for a picture.
        self.picture = ipywidgets.HTML()
        self.caption = ipywidgets.Label()
        super().__init__([self.kernel], ipywidgets.VBox([self.picture, self.caption]))
        self._choose(None)

    def _choose(self, _):
        self._shown = self._draw()
        source, text = base64.b64encode(self._shown.png).decode("ascii"), html.escape(self._shown.alt)
        self.picture.value = f'<img src="data:image/png;base64,{source}" alt="{text}" style="max-width: 100%">'
        self.caption.value = self._shown.alt

    def _still(self):
        return self._shown

    def _draw(self):
        kernel = self._kernels[self.kernel.value]
        result = correlate2d(self._image, kernel)
        # Weights that add to 0 leave edges, dark on one side and light on the other; all else is an image again.
        strongest = float(np.abs(result).max())
        edges = abs(kernel.sum()) < 1e-9
        value_range = (-strongest, strongest) if edges else (0, 1)
        alt = (
            f'The photograph, and beside it its cross-correlation with the kernel "{self.kernel.value}": values from '
            f"{number(result.min())} to {number(result.max())}{', mid-grey is 0' if edges else ''}."
        )
        return pictures.image_row(
            [self._image, result],
            ["photograph", self.kernel.value],
            alt=alt,
            value_range=[(0, 1), value_range],
            inches=3.4,
        )

    def __repr__(self):
        return self.caption.value


def _common_shape(left, right):
    if left != right:
        raise ValueError(f"element by element, both arrays must have the same shape; received {left} and {right}")
    return left
