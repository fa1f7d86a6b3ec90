"""`convhelpers.sizes`: how large a view is when nobody says it."""

import pytest

from convhelpers import explore, signals, sizes
from convhelpers.pairing import cross_correlation
from convhelpers.question import Choice, Question
from convhelpers.stepper import Stepper
from convhelpers.trace import record

X, K = signals.question_image(), signals.question_kernel()
TRACE = record(cross_correlation(X.shape, K.shape), X, K)
VOLUME, FILTERS = signals.depth_volume(), signals.depth_filters()
CHOICES = [Choice("5", "That is the sum."), Choice("6", "Two threes.", right=True)]
VIEWS = {
    "stepper": lambda **options: Stepper(TRACE, **options),
    "question": lambda **options: Question("What is 2 · 3?", CHOICES, **options),
    "products": lambda **options: explore.products(K, K, **options).stepper,
    "convolution": lambda **options: explore.convolution(X, **options).stepper,
    "depth": lambda **options: explore.depth(VOLUME, FILTERS, **options).stepper,
    "im2col": lambda **options: explore.im2col(X, K, **options).stepper,
    "matrix": lambda **options: explore.matrix(X, K, **options).stepper,
    "neurons": lambda **options: explore.neurons([1, 2], [[3, 4]], **options).stepper,
}
each_view = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)


@each_view
@pytest.mark.parametrize(("variable", "size"), [(None, "normal"), ("", "normal"), ("normal", "normal"), ("large",) * 2])
def test_a_view_is_as_large_as_the_variable_says(monkeypatch, view, variable, size):
    monkeypatch.delenv(sizes.VARIABLE, raising=False)
    if variable is not None:
        monkeypatch.setenv(sizes.VARIABLE, variable)
    assert view().size == view(size=None).size == size


@each_view
@pytest.mark.parametrize("size", sizes.SIZES)
def test_a_view_that_says_its_size_does_not_ask(monkeypatch, view, size):
    monkeypatch.setenv(sizes.VARIABLE, "huge")
    assert view(size=size).size == size


@each_view
@pytest.mark.parametrize("variable", ["huge", "Large", " large"])
def test_a_variable_that_says_something_else_is_refused(monkeypatch, view, variable):
    monkeypatch.setenv(sizes.VARIABLE, variable)
    said = f"the environment variable CONVHELPERS_SIZE must be normal or large; received {variable!r}"
    with pytest.raises(ValueError, match=said):
        view()


def test_a_large_explorer_has_large_controls(monkeypatch):
    monkeypatch.setenv(sizes.VARIABLE, "large")
    assert "chs-explorer-large" in explore.convolution(X)._dom_classes
    assert "chs-explorer-large" not in explore.convolution(X, size="normal")._dom_classes
