"""What comes is hidden and asked for: alone in a blank page, then in JupyterLab, with its kernel and without."""

import functools

import numpy as np
import pytest
from lab import Notebook
from mounted import assign, blank, mount, plain, too_pale

from convhelpers import signals
from convhelpers.pairing import conv_layer, cross_correlation, elementwise, fully_connected, matrix_product
from convhelpers.predictions import mistakes, questions
from convhelpers.scene import numbers_of
from convhelpers.stepper import Stepper
from convhelpers.trace import record
from convhelpers.wording import number

QUESTION = record(cross_correlation((5, 5), (3, 3)), signals.question_image(), signals.question_kernel())
ENTRIES = mistakes(QUESTION, "output")[0].sentence
HOW = "Type a number, Enter checks it. → goes on without it."
AGAIN = "Try again, or go on with →."


@pytest.fixture
def page(shared_page):
    return blank(shared_page)


def drawn(pairing, bias=None):
    draw = np.random.default_rng(5)
    return record(pairing, draw.integers(-9, 10, pairing.left_shape), draw.integers(-9, 10, pairing.right_shape), bias)


TRACES = {
    "question": (QUESTION, "window"),
    "layer": (drawn(conv_layer((3, 4, 3), (2, 3, 3, 3)), [7, -8]), "window"),
    "elementwise": (drawn(elementwise((2, 3))), "window"),
    "matrix product": (drawn(matrix_product((2, 3), (3, 4))), "window"),
    "connected": (drawn(fully_connected(20, 3), [1, 2, 3]), "window"),
    "one input": (drawn(fully_connected(1, 2), [5, 6]), "window"),
    "shades": (drawn(cross_correlation((4, 20), (2, 3))), "window"),
    "im2col": (drawn(conv_layer((1, 3, 4), (2, 1, 2, 2)), [1, -2]), "im2col"),
    "im2col, shades": (drawn(cross_correlation((4, 9), (3, 3))), "im2col"),
    "matrix": (drawn(cross_correlation((3, 4), (2, 2))), "matrix"),
    "matrix, shades": (drawn(cross_correlation((4, 5), (2, 2))), "matrix"),
}


def predicting(page, name="question", **options):
    """Mount a trace of `TRACES` that is to be predicted, with the focus on it."""
    trace, layout = TRACES[name]
    root = mount(page, Stepper(trace, layout=layout, **{"predict": True, "by": "output"} | options))
    root.focus()
    return root


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def text(root, name):
    return root.locator(f".chs-{name}").text_content()


def step(page):
    return page.evaluate("view.model.get('step')")


ANSWER = """(texts) => texts.map((text) => {
    const field = document.querySelector('.chs-field');
    field.value = text;
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    return document.querySelector('.chs-verdict').textContent;
})"""


def answer(page, *texts):
    """The verdicts on these texts, each with Enter, as fast as the page can; a test of typing types."""
    return page.evaluate(ANSWER, texts)


def has_focus(root, selector):
    return root.locator(selector).evaluate("(node) => node === document.activeElement")


# Answering


def test_a_wrong_prediction_is_named_and_the_right_one_goes_on(page):
    root = predicting(page)
    assert text(root, "question") == "Predict output (0, 0). Window rows 0–2, columns 0–2."
    assert text(root, "verdict") == HOW
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    assert text(root, "verdict") == f"✗ 10 is not it. {ENTRIES}"
    assert (step(page), text(root, "score")) == (0, "0 right in 1 try")
    page.keyboard.type("4")  # what is wrong is selected, and typed over
    page.keyboard.press("Enter")
    assert text(root, "verdict") == "✓ 4 is right."
    assert (step(page), text(root, "score")) == (9, "1 right in 2 tries")
    assert text(root, "question") == "Predict output (0, 1). Window rows 0–2, columns 1–3."
    assert root.locator(".chs-field").input_value() == ""
    assert has_focus(root, ".chs-field")


def test_number_enter_number_enter_to_the_end(page):
    root = predicting(page)
    for value in QUESTION.output.ravel():
        page.keyboard.type(str(value))
        page.keyboard.press("Enter")
    assert text(root, "question") == "Nothing is left to predict."
    assert text(root, "score") == "9 right in 9 tries"
    assert text(root, "verdict") == "✓ 4 is right."
    press(page, "5", "Enter")
    assert (text(root, "score"), step(page)) == ("9 right in 9 tries", 81)
    press(page, "Control+a", "Delete", "ArrowLeft")
    assert text(root, "question") == "Predict output (2, 2). Window rows 2–4, columns 2–4."
    assert text(root, "score") == "9 right in 9 tries"


def test_by_product_asks_for_products_and_for_the_sum_with_the_bias(page):
    trace, _ = TRACES["layer"]
    root = predicting(page, "layer", by="product", step=25)
    product, bias = trace.products[0], trace.bias[0]
    assert text(root, "question") == "Predict product 26 of 27. Filter 0. Window rows 0–2, columns 0–2."
    for asked, answer in [
        ("Predict product 27 of 27.", product[25]), ("Predict the sum with the bias.", product[26]),
        ("Predict product 1 of 27.", product.sum() + bias),
    ]:  # fmt: skip
        page.keyboard.type(str(answer))
        page.keyboard.press("Enter")
        assert text(root, "verdict") == f"✓ {answer} is right."
        assert text(root, "question").startswith(asked)
    assert text(root, "question").endswith("Filter 0. Window rows 1–3, columns 0–2.")


def known(name, asked, index):
    """What the view should say to the number of each known mistake, where it is wrong: the first that gives it."""
    trace, _ = TRACES[name]
    right = trace.products.ravel() if asked == "product" else trace.running_sums[:, -1]
    said = {}
    for sentence, values in mistakes(trace, asked):
        if number(values[index]) != number(right[index]):
            said.setdefault(number(values[index]), sentence)
    return said


@pytest.mark.parametrize("name", TRACES)
def test_every_known_mistake_is_named(page, name):
    trace, _ = TRACES[name]
    per, terms = trace.steps_per_output, trace.pairing.n_terms
    starts = {"output": (per, 1), "product": (per + terms // 2, terms + terms // 2), "bias": (per + terms, 1)}
    for asked in questions(trace):
        at, index = starts[asked]
        predicting(page, name, by="output" if asked == "output" else "product", step=at)
        mistaken = known(name, asked, index)
        said = [f"✗ {shown} is not it. {sentence}" for shown, sentence in mistaken.items()]
        assert answer(page, *mistaken) == said
        assert step(page) == at


@pytest.mark.parametrize(
    ("by", "at", "typed", "said"),
    [
        ("output", 0, "16", "That is the sum after product 3 of 4: go on."),
        ("product", 2, "16", "That is the running sum, not this product."),
        ("product", 4, "19", "That is the sum before the bias. Now add the bias."),
        ("output", 0, "19", "That is the sum before the bias. The bias comes last."),
        ("product", 2, "2", AGAIN),  # the sum after product 1, which is long past
    ],
)
def test_a_running_sum_is_named(page, by, at, typed, said):
    """2·1 + 3·2 + 4·2 + 1·3 = 2, 8, 16, 19, and 24 with the bias."""
    trace = record(conv_layer((1, 2, 2), (1, 1, 2, 2)), [[[2, 3], [4, 1]]], [[[[1, 2], [2, 3]]]], [5])
    root = mount(page, Stepper(trace, predict=True, by=by, step=at))
    root.focus()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    assert text(root, "verdict") == f"✗ {typed} is not it. {said}"


@pytest.mark.parametrize(
    ("value", "right", "wrong"),
    [
        (4, ["4", "4.0", "+4", "4,0", " 4 ", "4e0", "8/2"], ["4.3", "-4", "40", "5"]),
        (-4, ["-4", "−4", "-4.0", "-8/2"], ["4", "+4"]),
        (0.5, ["0.5", "0,5", ".5", "1/2", "5e-1"], ["0.54", "0.6", "5"]),
        (1 / 9, ["0.111", "0.1111", "1/9", "0,11111"], ["0.11", "0.112", "0.1"]),
        (0.0625, ["0.0625", "0.062", "1/16"], ["0.06", "0.064", "0.061"]),
        (0.0996, ["0.0996", "0.1"], ["0.098"]),
        (2 / 3, ["0.667", "0.66667", "2/3"], ["0.66", "0.7"]),
        (1234.5, ["1234.5", "1234"], ["1236", "1230"]),
        (12345.5, ["12345.5", "12346"], ["12345", "12350"]),
        (20000003, ["20000003", "2e7"], ["2.01e7", "3"]),
        (0.0000123456, ["0.0000123456", "1.235e-5", "1.2346e−5"], ["1.2e-5", "0"]),
        (0, ["0", "-0", "0.0"], ["0.001", "1"]),
        (np.nan, ["NaN"], ["0"]),
        (-np.inf, ["-inf", "−inf"], ["0", "1e400"]),
    ],
)
def test_a_number_may_be_written_in_many_ways(page, value, right, wrong):
    trace = record(elementwise((1, 2)), [[value, 0]], [[1, 0]])
    mount(page, Stepper(trace, predict=True))
    for typed in [*wrong, *right]:
        assign(page, step=0)
        answer(page, typed)
        assert step(page) == (typed in right), typed


NO_NUMBERS = ["four", "1.2.3", "--1", "1/0", "1/", "/4", "8/2/1", "0/0", "∞", "4;4", "0x4", "0b100", "<b>4</b>"]


def test_what_is_no_number_is_not_counted(page):
    root = predicting(page)
    said = [f"“{typed}” is not a number; write something like 3, −0.5 or 1/9." for typed in NO_NUMBERS]
    assert answer(page, *NO_NUMBERS) == said
    assert text(root, "score") == "0 right in 0 tries"
    assert root.locator("b").count() == 0
    page.keyboard.type("4")  # what is wrong is selected, and typed over
    page.keyboard.press("Enter")
    assert text(root, "score") == "1 right in 1 try"


def test_enter_on_nothing_leaves_what_stands(page):
    root = predicting(page)
    root.locator(".chs-field").focus()
    press(page, "Enter")
    assert text(root, "verdict") == HOW
    press(page, "7", "Enter", "Delete", "Enter")
    assert text(root, "verdict") == f"✗ 7 is not it. {AGAIN}"
    assert text(root, "score") == "0 right in 1 try"
    press(page, "4", "Enter", "Enter")
    assert text(root, "verdict") == "✓ 4 is right."


@pytest.mark.parametrize("how", ["repeat", "isComposing"])
def test_enter_held_or_of_a_composition_answers_nothing(page, how):
    root = predicting(page)
    press(page, "4")
    enter = "new KeyboardEvent('keydown', { key: 'Enter', [how]: true, bubbles: true })"
    root.locator(".chs-field").evaluate(f"(field, how) => field.dispatchEvent({enter})", how)
    assert text(root, "verdict") == HOW
    press(page, "Enter")
    assert text(root, "verdict") == "✓ 4 is right."


def test_enter_pressed_twice_is_one_try(page):
    root = predicting(page)
    press(page, "7", "Enter", "Enter")
    assert text(root, "verdict") == f"✗ 7 is not it. {AGAIN}"
    assert text(root, "score") == "0 right in 1 try"


def test_the_button_checks_and_gives_the_focus_back(page):
    root = predicting(page)
    root.locator(".chs-field").fill("4")
    root.get_by_role("button", name="Check").click()
    assert text(root, "verdict") == "✓ 4 is right."
    assert has_focus(root, ".chs-field")


# Going on without an answer


@pytest.mark.parametrize("typed", ["", "7"])
@pytest.mark.parametrize("way", ["ArrowRight", "PageDown", "forward", "slider", "play"])
def test_going_on_without_an_answer_is_no_try(page, way, typed):
    root = predicting(page, interval_ms=60_000)
    root.locator(".chs-field").focus()
    page.keyboard.type(typed)
    if way == "forward":
        root.get_by_label("Forward (→)").click()
    elif way == "slider":
        root.locator(".chs-slider").fill("1")
    elif way == "play":
        root.get_by_label("Play (Space)").click()
        assert text(root, "question") == "Pause to predict what comes."
        assign(page, step=9, playing=False)
    else:
        press(page, way)
    assert step(page) == 9
    assert text(root, "score") == "0 right in 0 tries"
    assert (text(root, "verdict"), root.locator(".chs-field").input_value()) == (HOW, "")
    assert text(root, "question").startswith("Predict output (0, 1).")


def test_after_a_wrong_answer_the_arrow_goes_on(page):
    root = predicting(page)
    press(page, "7", "Enter", "ArrowRight")
    assert step(page) == 9
    assert has_focus(root, ".chs-field")
    assert text(root, "score") == "0 right in 1 try"


def test_the_caret_moves_while_it_can(page):
    root = predicting(page)
    page.keyboard.type("124")
    for key, expected in [("ArrowLeft", 2), ("Home", 0), ("ArrowRight", 1), ("End", 3)]:
        press(page, key)
        assert root.locator(".chs-field").evaluate("(field) => field.selectionStart") == expected, key
    assert step(page) == 0
    press(page, "Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowLeft", "4", "Enter")
    assert text(root, "verdict") == "✓ 4 is right."


@pytest.mark.parametrize(("key", "reached"), [("ArrowLeft", 9), ("PageUp", 9), ("Home", 0), ("End", 81)])
def test_an_empty_field_gives_its_keys_to_the_view(page, key, reached):
    root = predicting(page, step=18)
    root.locator(".chs-field").focus()
    press(page, key)
    assert step(page) == reached


def test_space_plays_from_the_field_and_nothing_is_asked_meanwhile(page):
    root = predicting(page, interval_ms=30)
    root.locator(".chs-field").focus()
    press(page, "Space")
    page.wait_for_function("view.model.get('step') >= 18")
    assert text(root, "verdict") == ""
    assert root.locator(".is-asked, .is-next").count() == 0
    page.wait_for_function("view.model.get('step') === 81")
    assert text(root, "question") == "Nothing is left to predict."
    assert text(root, "score") == "0 right in 0 tries"


def test_space_inside_a_number_is_typed(page):
    root = predicting(page)
    press(page, "8", "Space", "/", "2")
    assert root.locator(".chs-field").input_value() == "8 /2"
    assert not page.evaluate("view.model.get('playing')")
    press(page, "Enter")
    assert text(root, "verdict") == "✓ 8 /2 is right."


# Keys


@pytest.mark.parametrize("key", ["4", "-", "−", ".", "+", ","])
def test_a_digit_anywhere_in_the_view_begins_an_answer(page, key):
    root = predicting(page)
    for selector in (".chs-icon >> nth=3", ".chs-slider"):
        root.locator(selector).focus()
        page.keyboard.press(key) if key != "−" else page.keyboard.insert_text(key)
        if key != "−":
            assert root.locator(".chs-field").input_value() == key
            assert has_focus(root, ".chs-field")
            press(page, "Backspace")


def test_a_digit_on_a_cell_edits_the_cell(page):
    root = predicting(page)
    root.locator(".chs-left .chs-cell").first.focus()
    press(page, "8", "Enter")
    assert page.evaluate("view.sent") == [{"role": "left", "id": 0, "text": "8"}]
    assert text(root, "score") == "0 right in 0 tries"


def test_escape_leaves_the_field(page):
    root = predicting(page)
    press(page, "7", "Escape")
    assert root.evaluate("(root) => root === document.activeElement")
    press(page, "ArrowRight")
    assert step(page) == 9


def test_no_plain_key_leaves_the_field_but_those_that_run_a_cell_or_move_on(page):
    root = predicting(page)
    page.evaluate("""() => {
        window.heard = [];
        document.addEventListener('keydown', (event) => heard.push(event.key));
    }""")
    root.locator(".chs-field").focus()
    press(page, "d", "d", "x", "1", "Enter", "ArrowUp", "ArrowDown", "Delete", "PageDown", "Escape")
    assert page.evaluate("heard") == []
    root.locator(".chs-field").focus()
    press(page, "Shift+Enter", "Control+s", "Tab")
    assert [key for key in page.evaluate("heard") if key not in ("Shift", "Control")] == ["Enter", "s", "Tab"]
    assert has_focus(root, ".chs-answer button")


# What is seen before


@functools.cache
def all_numbers(name):
    return numbers_of(*TRACES[name], predict=True)


def future_hidden(name, reached):
    """The numbers of a trace where all that comes after a step reads LEAK, and is grey as nothing else is."""
    trace, numbers = TRACES[name][0], dict(all_numbers(name))
    per, terms = trace.steps_per_output, trace.pairing.n_terms
    output, term = divmod(reached, per)
    texts = [*numbers["texts"], "LEAK"]
    n_groups = len(np.frombuffer(numbers["subtotals"], "<i2")) // trace.pairing.n_outputs
    firsts = {
        "sums": reached,
        "products": output * terms + min(term, terms),
        "subtotals": (output + (term > 0)) * n_groups,
        "output_shades": output + (term > 0),
    }
    for name, first in firsts.items():
        if name in numbers:
            table = np.frombuffer(numbers[name], "<i2").copy()
            table[first:] = 251 if name == "output_shades" else len(texts) - 1
            numbers[name] = table.tobytes()
    return numbers | {"texts": texts}


LOOK = """([step, numbers]) => {
    view.model.set('step', step);
    view.model.set('numbers', view.decode(numbers));
    // Pointing at the last output, which is yet to come.
    return new Promise((done) => queueMicrotask(() => {
        const outputs = document.querySelectorAll('.chs-output .chs-cell');
        outputs[outputs.length - 1].dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
        done([view.el.innerHTML, document.querySelector('.chs-question').textContent]);
    }));
}"""


@pytest.mark.parametrize("by", ["output", "product"])
@pytest.mark.parametrize("name", TRACES)
def test_nothing_of_what_comes_can_be_read_before(page, name, by):
    """Nowhere in the page: no text, no attribute, no colour. The levels of grey that are drawn are other ones."""
    trace, _ = TRACES[name]
    per = trace.steps_per_output
    predicting(page, name, by=by)
    begin = range(min(2 * per + 1, trace.n_steps))
    steps = (
        [*begin[::per], *range(0, trace.n_steps, 3 * per)] if by == "output" else [*begin, *range(0, trace.n_steps, 13)]
    )
    for reached in steps:
        html, asked = page.evaluate(LOOK, [reached, plain(future_hidden(name, reached))])
        assert "LEAK" not in html, reached
        assert "rgb(251" not in html, reached
        assert "is-linked" in html, reached
        assert asked.startswith("Predict "), reached


ASKED = """(name) => Object.fromEntries([...document.querySelectorAll('.chs-panel')].map((panel) => [
    panel.querySelector('.chs-title').textContent,
    [...panel.querySelectorAll('.chs-cell')].flatMap((cell, at) => cell.classList.contains(name) ? [at] : []),
]).filter(([, cells]) => cells.length))"""


@pytest.mark.parametrize(
    ("name", "by", "reached", "asked", "parts"),
    [
        ("question", "output", 9, {"output": [1]}, {"input x": [1, 2, 3, 6, 7, 8, 11, 12, 13]}),
        ("question", "output", 4, {"output": [0]}, {"input x": [0, 1, 2, 5, 6, 7, 10, 11, 12]}),
        ("question", "product", 5, {"products": [5]}, {"input x": [7], "kernel k": [5]}),
        ("question", "product", 9, {"products": [0]}, {"input x": [1], "kernel k": [0]}),
        ("matrix product", "output", 15, {"A @ B": [5]}, {"A": [3, 4, 5], "B": [1, 5, 9]}),
        ("elementwise", "product", 2, {"A * B": [2]}, {"A": [2], "B": [2]}),
        ("one input", "product", 2, {"output": [1]}, {"weights w": [1]}),
        ("one input", "product", 3, {"output": [1]}, {"bias b": [1]}),
        ("layer", "product", 27, {"output": [0]}, {"bias b": [0]}),
        ("shades", "output", 6, {"output": [1]}, {"input x": [1, 2, 3, 21, 22, 23], "window": [0, 1, 2, 3, 4, 5]}),
        ("connected", "output", 21, {"output": [1]},
            {"weights w": [*range(20, 40)], "weights in use": [*range(20)], "bias b": [1]}),
        ("im2col", "output", 30, {"W_row @ X_col + b": [6]},
            {"input x": [0, 1, 4, 5], "X_col": [0, 6, 12, 18], "W_row": [4, 5, 6, 7], "bias b": [1]}),
        ("im2col", "product", 33, {}, {"input x": [5], "X_col": [18], "W_row": [7]}),
        ("im2col", "product", 30, {"W_row @ X_col + b": [6]}, {"input x": [0], "X_col": [0], "W_row": [4]}),
        ("im2col", "product", 34, {"W_row @ X_col + b": [6]}, {"bias b": [1]}),
        ("matrix", "output", 4, {"output": [1]},
            {"flattened": [1, 2, 5, 6], "input x": [1, 2, 5, 6], "matrix": [13, 14, 17, 18]}),
        ("matrix", "product", 5, {}, {"flattened": [2], "input x": [2], "matrix": [14]}),
        ("matrix, shades", "output", 4, {"output": [1]},
            {"flattened": [1, 2, 6, 7], "input x": [1, 2, 6, 7], "matrix": [21, 22, 26, 27]}),
    ],
)  # fmt: skip
def test_where_it_will_stand_and_what_it_is_made_of(page, name, by, reached, asked, parts):
    root = predicting(page, name, by=by, step=reached)
    assert page.evaluate(ASKED, "is-asked") == asked
    assert page.evaluate(ASKED, "is-next") == parts
    shown = root.locator(".is-asked .chs-value").all_text_contents()
    assert shown == (["?"] if asked and not root.locator(".chs-shaded .is-asked").count() else [""] * len(asked))


def test_the_numbers_in_use_are_those_of_what_is_asked(page):
    """Where the input is drawn in shades, its window stands enlarged beside it: the coming one."""
    trace, _ = TRACES["shades"]
    root = predicting(page, "shades", step=6)
    enlarged = root.locator(".chs-panel").nth(1).locator(".chs-value")
    assert enlarged.all_text_contents() == [number(value) for value in trace.left[:2, 1:4].ravel()]
    assert root.locator(".chs-panel").nth(1).locator(".is-window, .is-current").count() == 0
    assign(page, predict=False)
    assert enlarged.all_text_contents() == [number(value) for value in trace.left[:2, :3].ravel()]


def test_the_products_of_the_last_output_make_room_for_those_of_the_next(page):
    root = predicting(page, by="product", step=9)
    assert root.locator(".chs-products .chs-value").all_text_contents() == ["?"] + [""] * 8
    assert root.locator(".chs-products .is-current").count() == 0
    assign(page, by="output")
    assert root.locator(".chs-products .chs-value").all_text_contents() == ["1", "0", "1", "0", "1", "0", "0", "0", "1"]


def test_what_is_asked_differs_by_more_than_colour(page):
    predicting(page, step=9)
    looks = page.evaluate("""() => ['.chs-output .is-asked', '.chs-output .is-coming', '.chs-output .is-current'].map(
        (selector) => { const style = getComputedStyle(document.querySelector(selector));
            return `${style.borderTopWidth} ${style.borderTopStyle}`; })""")
    assert looks == ["3px dashed", "1px dashed", "3px solid"]
    outline = "(node) => getComputedStyle(node).outlineStyle"
    assert page.locator(".chs-left .is-next").first.evaluate(outline) == "dashed"


# Switching, swapping, sharing


def test_the_learner_switches_it_off_and_on(page):
    root = predicting(page)
    toggle = root.get_by_role("button", name="predict")
    assert toggle.get_attribute("aria-pressed") == "true"
    press(page, "4", "Enter")
    toggle.click()
    assert toggle.get_attribute("aria-pressed") == "false"
    assert page.evaluate("view.model.get('predict')") is False
    assert not root.locator(".chs-prediction").is_visible()
    assert root.locator(".is-asked, .is-next").count() == 0
    assert has_focus(root, ".chs-controls button:text-is('predict')")
    toggle.click()
    assert root.locator(".chs-prediction").is_visible()
    assert text(root, "score") == "1 right in 1 try"


def test_python_switches_it_off_under_the_learner_s_hands(page):
    root = predicting(page)
    press(page, "7")
    assign(page, predict=False)
    assert root.evaluate("(root) => root === document.activeElement")
    press(page, "ArrowRight", "5")
    assert step(page) == 9


def test_without_what_it_is_compared_with_nothing_is_asked(page):
    root = mount(page, Stepper(QUESTION))
    assert not root.get_by_text("predict", exact=True).is_visible()
    assign(page, predict=True)  # Python sends the rest in the next message
    assert not root.locator(".chs-prediction").is_visible()
    later = Stepper(QUESTION, predict=True)
    assign(page, scene=later.scene, numbers=later.numbers)
    assert root.locator(".chs-prediction").is_visible()
    assert root.locator(".is-asked").count() == 1


def test_another_unit_asks_for_something_else(page):
    root = predicting(page, step=12)
    press(page, "7", "Enter")
    root.get_by_label("step by").select_option("product")
    assert text(root, "question") == "Predict product 4 of 9. Window rows 0–2, columns 1–3."
    assert text(root, "verdict") == HOW
    assert text(root, "score") == "0 right in 1 try"
    root.get_by_label("step by").select_option("output")
    root.locator(".chs-field").fill("3")
    page.keyboard.press("Enter")
    assert (text(root, "verdict"), step(page)) == ("✓ 3 is right.", 18)


def test_the_first_output_and_the_first_product_are_two_questions(page):
    root = predicting(page)
    press(page, "7", "Enter")
    assign(page, by="product")
    assert (text(root, "verdict"), root.locator(".chs-field").input_value()) == (HOW, "")


def test_other_numbers_are_another_question(page):
    root = predicting(page)
    press(page, "7", "Enter")
    other = Stepper(record(QUESTION.pairing, QUESTION.left * 2, QUESTION.right), predict=True)
    assign(page, numbers=other.numbers)
    assert text(root, "verdict") == HOW
    assert text(root, "score") == "0 right in 1 try"
    press(page, "8", "Enter")
    assert text(root, "verdict") == "✓ 8 is right."


def test_a_shorter_trace_has_nothing_left_to_ask(page):
    root = predicting(page, step=72)
    press(page, "7")
    shorter = Stepper(TRACES["elementwise"][0], predict=True)
    assign(page, scene=shorter.scene, numbers=shorter.numbers, step=6)
    assert text(root, "question") == "Nothing is left to predict."
    assert (text(root, "verdict"), root.locator(".chs-field").input_value()) == ("", "")
    press(page, "4", "Enter")
    assert text(root, "score") == "0 right in 0 tries"


def test_text_is_never_markup(page):
    attack = "<img src=x onerror=\"document.title='broken in'\">"
    trace = record(matrix_product((2, 2), (2, 2)), [[1, 2], [3, 4]], [[5, 6], [7, 8]])
    root = mount(page, Stepper(trace, names=(attack, attack), predict=True))
    page.wait_for_timeout(100)
    assert attack in text(root, "question")
    assert (page.title(), root.locator("img").count()) == ("stepper", 0)


def test_a_removed_view_leaves_nothing_behind(page):
    predicting(page)
    page.evaluate("() => view.remove()")
    assert page.evaluate("Object.values(view.handlers).flat().length") == 0
    assert page.locator(".chs-prediction").count() == 0


def test_the_field_is_named_after_what_is_asked(page):
    root = predicting(page)
    field = root.get_by_role("textbox", name="Predict output (0, 0). Window rows 0–2, columns 0–2.")
    assert field.count() == 1


# Looks


HEIGHTS = """([steps, answers]) => steps.flatMap((step) => ['output', 'product'].flatMap((by) => {
    const height = () => document.querySelector('.chs-stepper').getBoundingClientRect().height;
    view.model.set('by', by);
    view.model.set('step', step);
    return [height(), ...answers.map((text) => { ANSWER([text]); return height(); })];
}))""".replace("ANSWER", f"({ANSWER})")
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.mark.parametrize("size", ["normal", "large"])
@pytest.mark.parametrize("name", ["question", "layer", "matrix product"])
def test_the_picture_never_jumps(page, name, size):
    trace, _ = TRACES[name]
    longest = max(mistakes(trace, "output"), key=lambda mistake: len(mistake.sentence), default=None)
    answers = ["no number at all !!!", "-1234567.12345678", number(longest.values[0]) if longest else "1"]
    predicting(page, name, size=size)
    for width in (390, 560, 700, 950, 1060, 1500):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(FRAME)
        heights = page.evaluate(HEIGHTS, [[0, trace.steps_per_output, trace.n_steps - 1, trace.n_steps], answers])
        assert len(set(heights)) == 1, width
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width


@pytest.mark.parametrize(
    ("name", "by", "at"), [("layer", "output", 28), ("layer", "product", 27), ("matrix", "output", 4)]
)
def test_text_stands_out_from_what_it_stands_on(page, name, by, at):
    predicting(page, name, by=by, step=at)
    press(page, "1", "2", "Enter")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert too_pale(page, scheme) == [], scheme


# In JupyterLab

CELL = """from convhelpers import signals
from convhelpers.pairing import cross_correlation
from convhelpers.stepper import Stepper
from convhelpers.trace import record

x, k = signals.question_image(), signals.question_kernel()
Stepper(record(cross_correlation(x.shape, k.shape), x, k), by="output", predict=True)"""


@pytest.mark.parametrize("kernel", ["alive", "shut down"])
def test_a_prediction_by_keyboard_alone(page, lab_address, scratch, kernel):
    """Its letters are not JupyterLab's either, and Shift+Enter runs the cell."""
    lab = Notebook(page, lab_address, scratch(CELL))
    lab.run_all()
    root = lab.steppers().first
    root.wait_for()
    if kernel == "shut down":
        lab.shutdown_kernel()
        page.wait_for_function("() => !jupyterapp.shell.currentWidget.sessionContext.session?.kernel")
    lab.focus(root)
    press(page, "1", "0", "d", "d", "b", "x", "Backspace", "Backspace", "Backspace", "Backspace", "ArrowUp", "Enter")
    assert page.locator(".jp-Cell").count() == 1
    assert has_focus(root, ".chs-field")
    assert text(root, "verdict") == f"✗ 10 is not it. {ENTRIES}"
    for value in QUESTION.output.ravel():
        assert text(root, "question").startswith("Predict ")
        page.keyboard.type(str(value))
        page.keyboard.press("Enter")
        assert text(root, "verdict") == f"✓ {value} is right."
    assert root.locator(".chs-output .chs-value").all_text_contents() == [
        str(value) for value in QUESTION.output.ravel()
    ]
    assert text(root, "question") == "Nothing is left to predict."
    assert text(root, "score") == "9 right in 10 tries"
    if kernel == "alive":
        press(page, "Shift+Enter")
        page.wait_for_function("() => document.querySelector('.jp-InputPrompt').textContent === '[2]:'")
    # Without a kernel, JupyterLab writes into the console that nobody was told, and no more.
    told = [failure for failure in lab.failures() if "Could not send widget sync message" not in failure]
    assert told == []
    assert kernel == "shut down" or lab.failures() == []
