"""With this module one can turn the knobs: a stepper, or a photograph, with controls that Python answers.

`convolution` has kernel, padding, stride, dilation and flip; `products` has the three operations of lesson 1;
`photograph` has the kernel alone. A combination that cannot work is said in a sentence, and the last picture that
works stays. The numbers in the cells can be edited in place; see `stepper`.
"""

import base64
import contextlib
import html

import ipywidgets
import numpy as np

from convhelpers import pairing, pictures, signals
from convhelpers.arithmetic import correlate2d
from convhelpers.geometry import place_window, whole_number
from convhelpers.operands import real_array
from convhelpers.stepper import Stepper
from convhelpers.trace import record
from convhelpers.wording import number

OWN = "your own"
LAST_GOOD = "The picture still shows the last choice that works."
PRODUCTS = {
    "element-wise product": lambda left, right: pairing.elementwise(_common_shape(left, right)),
    "sum of products": lambda left, right: pairing.sum_of_products(_common_shape(left, right)),
    "matrix product": pairing.matrix_product,
}


def convolution(x, kernel="question", *, padding="valid", stride=1, dilation=1, flip=False, step=0, size="normal"):
    """Show a kernel sliding over an image `x` (H, W), with controls for all that can be chosen about it.

    `kernel` is a name from `signals.kernels()` or an array (kh, kw); `padding` is "valid", "same", "full" or a whole
    number; `flip=True` turns the kernel by 180 degrees (convolution instead of cross-correlation).

    Raises `ValueError` or `TypeError` for a first choice that cannot work; later ones are answered in the view.

    >>> convolution([[1, 2], [3, 4]], [[1, 0], [0, 1]], step=4)
    Stepper: Window rows 0–1, columns 0–1. Product 4 of 4: ... gives 4; the sum becomes 5. Output = 5.
    """
    return ConvolutionExplorer(x, kernel, padding, stride, dilation, flip, step, size)


def products(left, right, operation="sum of products", *, names=None, step=0, size="normal"):
    """Show two arrays under the element-wise product, the sum of products or the matrix product, to choose from.

    `left` and `right` are 2-D; the first two operations need equal shapes, the third fitting ones. `names` are their
    titles, "A" and "B" if none are given.

    >>> products([[1, 2], [3, 4]], [[5, 6], [7, 8]], "matrix product", step=2)
    Stepper: Row 0 of A with column 0 of B. Product 2 of 2: ... gives 14; the sum becomes 19. Output (0, 0) = 19.
    """
    return ProductsExplorer(left, right, operation, names, step, size)


def photograph(image=None, kernel="vertical edges"):
    """Show an image (H, W), grey from 0 to 1, under a named kernel of choice; by default the portrait of `signals`.

    >>> photograph(np.eye(4), "identity")
    The photograph, and beside it its cross-correlation with the kernel "identity": values from 0 to 1.
    """
    return PhotographExplorer(image, kernel)


class _Explorer(ipywidgets.VBox):
    """Controls above a view, which also stands still where no view can be shown."""

    def __init__(self, controls, view):
        row = ipywidgets.HBox(controls, layout=ipywidgets.Layout(flex_flow="row wrap", grid_gap="4px 12px"))
        super().__init__([row, view])
        for control in controls:
            control.observe(self._choose, "value")

    def _repr_mimebundle_(self, **kwargs):
        still, metadata = self._still()._repr_mimebundle_()
        return super()._repr_mimebundle_(**kwargs) | still | {"text/plain": repr(self)}, metadata


class _StepperExplorer(_Explorer):
    """A stepper whose controls choose among traces; `_trace` makes the one that they stand for."""

    def __init__(self, controls, trace, **options):
        self._quiet = False
        self._refusal = ""
        self.stepper = Stepper(trace, **options)
        super().__init__(controls, self.stepper)
        self.stepper.observe(self._after_edit, "n_edits")
        if self.stepper.size == "large":
            self.add_class("chs-explorer-large")

    @contextlib.contextmanager
    def _quietly(self):
        """Set controls without answering them."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _choose(self, change):
        if self._quiet:
            return
        try:
            self._prepare(change)
            self.stepper.show(*self._trace())
            self._refusal = ""
        except (ValueError, TypeError) as error:
            self._refusal = self.stepper.notice = f"{error}. {LAST_GOOD}"

    def _after_edit(self, _):
        """Say again what is refused: the controls still stand for it, and the picture with its new number does not."""
        self.stepper.notice = self._refusal

    def _prepare(self, change):
        """Bring other controls in line with the one that changed."""

    def _still(self):
        stepper = self.stepper
        return pictures.step_picture(stepper.trace, stepper.step, stepper.by, stepper.names)

    def __repr__(self):
        return repr(self.stepper)


class ConvolutionExplorer(_StepperExplorer):
    """The explorer of `convolution`; its controls are attributes, its stepper is `stepper`."""

    def __init__(self, x, kernel, padding, stride, dilation, flip, step, size):
        x = real_array(x, "x", ndim=2, axes="(H, W)")
        self._kernels = signals.kernels()
        if not isinstance(flip, bool):
            raise TypeError(f"flip must be True or False; received {flip!r}")
        own = None if isinstance(kernel, str) else real_array(kernel, "kernel", ndim=2, axes="(kh, kw)")
        if own is None:
            _check_choice(kernel, "kernel", self._kernels, ", or an array")
        first = self._kernels[kernel] if own is None else own
        # Before the controls take them: their fields would make 1 of 1.5 without a word.
        stride = whole_number(stride, "stride", minimum=1)
        dilation = whole_number(dilation, "dilation", minimum=1)
        if not isinstance(padding, str):
            padding = whole_number(padding, "padding", minimum=0)
        place_window(x.shape, first.shape, stride=stride, padding=padding, dilation=dilation)
        word = padding if isinstance(padding, str) else "number"
        self.kernel = _dropdown("kernel", [*self._kernels, OWN], kernel if own is None else OWN)
        self.rows = _whole("rows", first.shape[0])
        self.columns = _whole("columns", first.shape[1])
        self.padding = _dropdown("padding", ["valid", "same", "full", "number"], word)
        self.padding_number = _whole("on each side", 1 if word != "number" else padding)
        self.padding_number.disabled = word != "number"
        self.stride = _whole("stride", stride)
        self.dilation = _whole("dilation", dilation)
        self.flip = ipywidgets.Checkbox(flip, description="turn the kernel (convolution)", indent=False)
        self.flip.layout.width = "auto"
        controls = [self.kernel, self.rows, self.columns, self.padding, self.padding_number]
        controls += [self.stride, self.dilation, self.flip]
        trace = self._record(x, first)
        self._uncut = self._uncut_original = first
        super().__init__(controls, trace, step=step, size=size)

    def _record(self, x, kernel):
        build = pairing.convolution if self.flip.value else pairing.cross_correlation
        padding = self.padding_number.value if self.padding.value == "number" else self.padding.value
        sizes = {"stride": self.stride.value, "dilation": self.dilation.value, "padding": padding}
        return record(build(x.shape, kernel.shape, **sizes), x, kernel)

    def _prepare(self, change):
        self.padding_number.disabled = self.padding.value != "number"
        with self._quietly():
            if change.owner in (self.rows, self.columns):
                self.kernel.value = OWN
            elif change.owner is self.kernel and self.kernel.value != OWN:
                self.rows.value, self.columns.value = self._kernels[self.kernel.value].shape

    def _trace(self):
        x, kernel = self.stepper.trace.left, self.stepper.trace.right
        original_x, original = self.stepper.original
        if self.kernel.value != OWN:
            kernel = original = self._uncut = self._uncut_original = self._kernels[self.kernel.value]
        elif kernel.shape != (size := (self.rows.value, self.columns.value)):
            kernel, original = _resized(self._uncut, *size), _resized(self._uncut_original, *size)
        return self._record(x, kernel), (original_x, original)

    def _after_edit(self, _):
        """Say whose kernel it is now: an edited one is the learner's own, a reset one has its name back."""
        shown = self.stepper.trace.right
        if not np.array_equal(shown, _resized(self._uncut, *shown.shape)):
            self._uncut = shown
        names = [name for name, kernel in self._kernels.items() if np.array_equal(kernel, shown)]
        if self.kernel.value not in (OWN, *names) or not self.stepper.edited:
            with self._quietly():
                self.kernel.value = names[0] if names else OWN
        super()._after_edit(None)


class ProductsExplorer(_StepperExplorer):
    """The explorer of `products`; its control is `operation`, its stepper is `stepper`."""

    def __init__(self, left, right, operation, names, step, size):
        left, right = real_array(left, "left", ndim=2), real_array(right, "right", ndim=2)
        _check_choice(operation, "operation", PRODUCTS)
        self.operation = ipywidgets.ToggleButtons(options=list(PRODUCTS), value=operation)
        self.operation.style.button_width = "auto"
        trace = record(PRODUCTS[operation](left.shape, right.shape), left, right)
        super().__init__([self.operation], trace, step=step, size=size, names=names)

    def _trace(self):
        left, right = self.stepper.trace.left, self.stepper.trace.right
        return record(PRODUCTS[self.operation.value](left.shape, right.shape), left, right), self.stepper.original


class PhotographExplorer(_Explorer):
    """The explorer of `photograph`; its control is `kernel`, its view the PNG of both images with a caption."""

    def __init__(self, image, kernel):
        self._image = (
            signals.photograph(shrink=3) if image is None else real_array(image, "image", ndim=2, axes="(H, W)")
        )
        self._kernels = signals.kernels()
        _check_choice(kernel, "kernel", self._kernels)
        for named in self._kernels.values():
            place_window(self._image.shape, named.shape)  # refuses an image that a later choice would not fit
        self.kernel = _dropdown("kernel", list(self._kernels), kernel)
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


def _check_choice(value, name, choices, other=""):
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}{other}; received {value!r}")


def _dropdown(description, options, value):
    control = ipywidgets.Dropdown(options=options, value=value, description=description)
    control.style.description_width = "auto"
    control.layout.width = "auto"
    return control


def _whole(description, value):
    """A field for any whole number: one that makes no sense is answered by the package's own sentence."""
    control = ipywidgets.IntText(value=value, description=description)
    control.style.description_width = "auto"
    control.layout.width = f"{5 + 0.55 * len(description):.1f}em"
    return control


def _resized(kernel, rows, columns):
    """The kernel cut, or filled up with zeros, to another size."""
    if min(rows, columns) < 1:
        raise ValueError(f"a kernel must have 1 or more rows and columns; received ({rows}, {columns})")
    if rows * columns > pairing.MAX_PAIRS:
        raise ValueError(f"a kernel of ({rows}, {columns}) is too large to look at")
    resized = np.zeros((rows, columns), kernel.dtype)
    kept = kernel[:rows, :columns]
    resized[: kept.shape[0], : kept.shape[1]] = kept
    return resized


def _common_shape(left, right):
    if left != right:
        raise ValueError(f"element by element, both arrays must have the same shape; received {left} and {right}")
    return left
