"""The view alone, in a blank page: what it shows at every step, its keys, its manners."""

import functools

import numpy as np
import pytest
from mounted import assign, blank, mount, state_of, too_pale, walk

from convhelpers import signals
from convhelpers.layouts import panels
from convhelpers.packing import STATIC, module, packed, sheet
from convhelpers.pairing import (
    conv_layer,
    convolution,
    cross_correlation,
    elementwise,
    fully_connected,
    matrix_product,
    one_by_one_convolution,
    sum_of_products,
)
from convhelpers.panels import NOBODY, ZERO, grey_levels, lit_cells, marks
from convhelpers.scene import FEW_GROUPS
from convhelpers.stepper import Stepper
from convhelpers.trace import record
from convhelpers.wording import number, sentence, subtotals, term_groups

QUESTION = record(cross_correlation((5, 5), (3, 3)), signals.question_image(), signals.question_kernel())
SOURCE = module("stepper")


@pytest.fixture
def page(shared_page):
    return blank(shared_page)


def numbers(shape, seed=0):
    return np.random.default_rng(seed).integers(-9, 10, shape)


TRACES = {
    "question": QUESTION,
    "padding": record(cross_correlation((3, 4), (2, 2), padding=((0, 1), (2, 0))), numbers((3, 4)), numbers((2, 2), 1)),
    "stride": record(cross_correlation((4, 6), (3, 3), stride=2), numbers((4, 6)), numbers((3, 3), 1)),
    "dilation": record(convolution((5, 5), (2, 2), dilation=3), numbers((5, 5)), numbers((2, 2), 1)),
    "elementwise": record(elementwise((2, 3)), numbers((2, 3)), numbers((2, 3), 1)),
    "sum": record(sum_of_products((2, 3)), numbers((2, 3)), numbers((2, 3), 1)),
    "matrix product": record(matrix_product((2, 3), (3, 4)), numbers((2, 3)), numbers((3, 4), 1)),
    "layer": record(
        conv_layer((3, 4, 4), (2, 3, 3, 3)), numbers((3, 4, 4)), numbers((2, 3, 3, 3), 1), signals.depth_bias()
    ),
    "groups": record(conv_layer((4, 3, 3), (2, 2, 2, 2), groups=2), numbers((4, 3, 3)), numbers((2, 2, 2, 2), 1)),
    "depthwise": record(
        conv_layer((2, 3, 3), (2, 1, 2, 2), groups=2), numbers((2, 3, 3)), numbers((2, 1, 2, 2), 1), [1, -2]
    ),
    "1×1": record(one_by_one_convolution((3, 2, 2), 2), numbers((3, 2, 2)), numbers((2, 3, 1, 1), 1)),
    "1×1, deep": record(one_by_one_convolution((17, 1, 2), 2), numbers((17, 1, 2)), numbers((2, 17, 1, 1), 1), [3, 4]),
    "connected": record(fully_connected(25, 2), numbers(25), numbers((2, 25), 1), [0.5, float("nan")]),
    "one input": record(fully_connected(1, 2), numbers(1), numbers((2, 1), 1), [5, 6]),
    "long": record(cross_correlation((6, 6), (5, 5)), numbers((6, 6)) / 7, numbers((5, 5), 1)),
    "very long": record(conv_layer((3, 7, 7), (1, 3, 7, 7)), numbers((3, 7, 7)), numbers((1, 3, 7, 7), 1)),
    "shades": record(cross_correlation((18, 5), (3, 3)), numbers((18, 5)), numbers((3, 3), 1)),
    "as im2col": record(
        conv_layer((2, 2, 2), (2, 2, 2, 2), padding=1), numbers((2, 2, 2)), numbers((2, 2, 2, 2), 1), [7, -8]
    ),
    "as im2col, stride": record(convolution((4, 5), (2, 2), stride=2), numbers((4, 5)), numbers((2, 2), 1)),
    "as im2col, shades": record(conv_layer((2, 4, 4), (2, 2, 3, 3)), numbers((2, 4, 4)), numbers((2, 2, 3, 3), 1)),
    "as matrix": record(cross_correlation((3, 4), (2, 2)), numbers((3, 4)), numbers((2, 2), 1)),
    "as matrix, padding": record(convolution((2, 3), (2, 2), padding=1), numbers((2, 3)), numbers((2, 2), 1)),
    "as matrix, 1×1": record(
        one_by_one_convolution((2, 2, 2), 2), numbers((2, 2, 2)), numbers((2, 2, 1, 1), 1), [1, 2]
    ),
    "as matrix, shades": record(
        conv_layer((2, 3, 3), (2, 1, 2, 2), groups=2), numbers((2, 3, 3)), numbers((2, 1, 2, 2), 1), [1, -2]
    ),
}


def layout_of(name):
    """The layout that a trace of `TRACES` is shown in."""
    return next((layout for layout in ("im2col", "matrix") if name.startswith(f"as {layout}")), "window")


def stepper_of(name, **options):
    return Stepper(TRACES[name], layout=layout_of(name), **options)


READ = """() => {
    const cells = {};
    for (const panel of document.querySelectorAll('.chs-panel')) {
        const role = [...panel.classList].find((name) => name !== 'chs-panel').slice(4);
        (cells[role] ??= []).push(...[...panel.querySelectorAll('.chs-cell')].map((cell) => {
            const corner = cell.querySelector('.chs-corner').textContent;
            return {
                text: cell.textContent.slice(0, cell.textContent.length - corner.length),
                corner,
                shaded: cell.closest('.chs-shaded') !== null,
                shade: cell.style.backgroundColor,
                state: [...cell.classList]
                    .filter((name) => /current|window|coming|padding|unused|idle|copy|zero|nobody/.test(name))
                    .sort().join(' '),
            };
        }));
    }
    return cells;
}"""


@functools.cache
def recorded(name):
    """What no step changes: the panels, the texts of the operands, the subtotals, the levels of grey."""
    trace = TRACES[name]
    padding = [0] * trace.pairing.n_padding
    operands = {"left": [*trace.left.ravel(), *padding], "right": trace.right.ravel()}
    operands |= {} if trace.bias is None else {"bias": trace.bias}
    texts = {role: [number(value) for value in values] for role, values in operands.items()}
    return panels(trace, layout=layout_of(name)), texts, subtotals(trace), grey_levels(trace)


def expected_cells(name, step):
    """What the view must show, worked out from the panels, the marks and the numbers of the trace."""
    lit, cells = marks(TRACES[name], step), {}
    for panel in recorded(name)[0]:
        for grid in panel.grids:
            for element, inside, current in zip(*map(np.ravel, lit_cells(panel, grid, lit)), strict=True):
                cell = expected_cell(name, step, panel, grid, int(element), bool(inside), bool(current), lit)
                cells.setdefault(panel.role, []).append({"shaded": grid.shaded} | cell)
    return cells


def expected_cell(name, step, panel, grid, element, inside, current, lit):
    """One cell: its text, the weight in its corner, its shade and its state."""
    role, is_copy, texts = panel.role, grid.pairs is not None, recorded(name)[1]
    if element in (NOBODY, ZERO):
        text = "0" if element == ZERO and not grid.shaded else ""
        return {"text": text, "corner": "", "shade": "", "state": "chs-zero" if element == ZERO else "chs-nobody"}
    is_coming = role in ("products", "subtotals", "output") and not inside
    state = {
        "is-current": current,
        "is-copy": is_copy,
        "is-window": inside and not current and (role == "left" or (role == "right" and is_copy)),
        "is-idle": role in ("right", "bias") and step > 0 and not inside,
        "is-coming": is_coming,
        "is-padding": role == "left" and element >= TRACES[name].left.size,
        "is-unused": element in panel.unused,
    }
    text, level = ("", None) if is_coming else expected_text(name, step, role, element)
    corner = lit.corners.get(element) if role == "left" and not is_copy else None
    return {
        "text": "" if grid.shaded else text,
        "corner": "" if corner is None or grid.shaded else f"×{texts['right'][corner]}",
        "shade": f"rgb({level}, {level}, {level})" if grid.shaded and not is_coming else "",
        "state": " ".join(sorted(part for part, applies in state.items() if applies)),
    }


def expected_text(name, step, role, element):
    """The number that an element shows, and its grey level."""
    trace, (_, texts, sums, levels) = TRACES[name], recorded(name)
    output, _ = trace.locate(max(step, 1))
    if role == "subtotals":
        return number(sums[output, element]), None
    if role == "products":
        return number(trace.products[output, element]), levels[role][output * trace.pairing.n_terms + element]
    if role == "output":
        last = min(step, (element + 1) * trace.steps_per_output) - 1
        return number(trace.running_sums.flat[last]), levels[role][element]
    return texts[role][element], levels[role][element]


def some_steps(trace):
    """All steps of a small trace; of a large one the first and last outputs, and a few between."""
    per = trace.steps_per_output
    if trace.n_steps <= 120:
        return range(trace.n_steps + 1)
    end = range(trace.n_steps - min(per, 40), trace.n_steps + 1)
    steps = {*range(min(per, 40) + 2), per, per + 1, *end, *range(0, trace.n_steps, 37)}
    return sorted(step for step in steps if step <= trace.n_steps)


SEEN = f"() => [({READ})(), document.querySelector('.chs-sentence').textContent]"


@pytest.mark.parametrize("name", TRACES)
def test_every_step_shows_what_python_recorded(page, name):
    trace = TRACES[name]
    mount(page, stepper_of(name))
    steps = some_steps(trace)
    for step, (cells, said) in zip(steps, walk(page, steps, SEEN), strict=True):
        assert cells == expected_cells(name, step), step
        assert said == sentence(trace, step), step


@pytest.mark.parametrize("name", ["question", "layer", "elementwise"])
def test_by_output_speaks_python_s_sentence(page, name):
    trace = TRACES[name]
    mount(page, Stepper(trace, by="output"))
    steps = range(0, trace.n_steps + 1, trace.steps_per_output)
    said = walk(page, steps, "() => document.querySelector('.chs-sentence').textContent")
    assert said == [sentence(trace, step, by="output") for step in steps]


def test_sum_is_written_out_term_by_term(page):
    root = mount(page, Stepper(QUESTION, step=42))
    assert root.locator(".chs-line").text_content() == "1·1+1·0+1·1+0·0+1·1+1·0+0·1+1·0+1·1"
    assert root.locator(".chs-term.is-done").count() == 5
    assert root.locator(".chs-term.is-coming").count() == 3
    assert root.locator(".chs-total").text_content() == "running sum = 3"


def expected_line(trace, step):
    """The groups of a long sum, written out or summed up, worked out from the products."""
    output, term = trace.locate(max(step, 1))
    groups = term_groups(trace.pairing)
    at = min(term, trace.pairing.n_terms - 1)
    active = next(index for index, (start, stop, _) in enumerate(groups) if start <= at < stop)
    few = len(groups) <= FEW_GROUPS
    line = []
    for index, (start, stop, label) in enumerate(groups):
        if index == active:
            line += ["term"] * (stop - start)
        elif few and index < active:
            line.append(f"{label}: {number(trace.products[output, start:stop].sum())}")
        elif few:
            line.append(f"{label}: {stop - start} products")
        elif index == active - 1:
            line.append(f"first {stop} products: {number(trace.products[output, :stop].sum())}")
        elif index == active + 1:
            line.append(f"{trace.pairing.n_terms - start} more products")
    return line if trace.bias is None else [*line, f"bias {number(trace.bias[trace.pairing.bias_index[output]])}"]


@pytest.mark.parametrize("name", ["layer", "long", "connected", "very long"])
def test_long_sum_says_how_much_it_leaves_out(page, name):
    trace = TRACES[name]
    mount(page, Stepper(trace))
    steps = some_steps(trace)
    shown = walk(
        page,
        steps,
        """() => [...document.querySelector('.chs-line').children].map((slot) =>
        slot.classList.contains('is-summary') ? slot.textContent.replace(/^[+]/, '').trim() : 'term')""",
    )
    for step, line in zip(steps, shown, strict=True):
        assert line == expected_line(trace, step), step


def test_more_texts_than_two_bytes_count_stand_where_they_belong(page):
    """Some 40,000 sums, of which hardly two read alike."""
    image, kernel = np.arange(30 * 30).reshape(30, 30) * 7, np.arange(1, 65).reshape(8, 8)
    trace = record(cross_correlation((30, 30), (8, 8)), image, kernel)
    stepper = Stepper(trace)
    assert len(stepper.numbers["texts"]) > 2**15
    root = mount(page, stepper)
    for step in (1, trace.n_steps // 2, trace.n_steps):
        assign(page, step=step)
        assert root.locator(".chs-sentence").text_content() == sentence(trace, step), step


def test_step_past_a_shorter_trace_is_the_end(page):
    root = mount(page, Stepper(QUESTION, step=81))
    shorter = Stepper(TRACES["elementwise"])
    assign(page, scene=shorter.scene, numbers=shorter.numbers)
    assert root.locator(".chs-position").text_content() == "output 6 of 6"


def test_numbers_swap_in_place(page):
    """Same cells, other numbers: the nodes stay, so that nothing flashes."""
    root = mount(page, Stepper(QUESTION, step=9))
    page.evaluate("() => { window.first = document.querySelector('.chs-cell'); }")
    assign(page, numbers=Stepper(record(QUESTION.pairing, QUESTION.left * 7, QUESTION.right)).numbers)
    assert root.locator(".chs-output .chs-value").first.text_content() == "28"
    assert page.evaluate("() => window.first === document.querySelector('.chs-cell')")


def position(root):
    return root.locator(".chs-position").text_content()


def test_keys(page):
    root = mount(page, Stepper(QUESTION))
    root.focus()
    for key, expected in [
        ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("PageDown", 9), ("PageDown", 18), ("ArrowRight", 19),
        ("PageUp", 18), ("PageUp", 9), ("End", 81), ("ArrowRight", 81), ("Home", 0), ("ArrowLeft", 0),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert position(root) == f"step {expected} of 81", key


@pytest.mark.parametrize("selector", [".chs-slider", ".chs-icon >> nth=3", ".chs-right .chs-cell >> nth=0"])
def test_keys_work_wherever_the_focus_is_inside(page, selector):
    root = mount(page, Stepper(QUESTION))
    root.locator(selector).focus()
    page.keyboard.press("ArrowRight")
    assert position(root) == "step 1 of 81"


def test_keys_stay_inside_and_are_left_alone_outside(page):
    root = mount(page, Stepper(QUESTION))
    page.evaluate(
        "() => { window.heard = []; document.addEventListener('keydown', (event) => heard.push(event.key)); }"
    )
    root.focus()
    for key in ("ArrowRight", "PageDown", "Space", "d", "5", "Control+s"):
        page.keyboard.press(key)
    assert page.evaluate("heard") == ["Control", "s"]
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("heard")[-1] == "ArrowRight"


def test_play_and_pause(page):
    root = mount(page, Stepper(QUESTION, interval_ms=40))
    root.focus()
    page.keyboard.press("Space")
    page.wait_for_function("view.model.get('step') >= 4")
    page.keyboard.press("Space")
    stopped = page.evaluate("view.model.get('step')")
    page.wait_for_timeout(200)
    assert page.evaluate("view.model.get('step')") == stopped
    assert page.evaluate("view.model.get('playing')") is False


def test_play_stops_at_the_end_and_starts_again_from_the_beginning(page):
    root = mount(page, Stepper(QUESTION, step=80, interval_ms=30))
    root.locator("[aria-label='Play (Space)']").click()
    page.wait_for_function("view.model.get('step') === 81 && !view.model.get('playing')")
    root.locator("[aria-label='Play (Space)']").click()
    page.wait_for_function("view.model.get('step') < 40 && view.model.get('playing')")


def test_removed_view_leaves_nothing_behind(page):
    mount(page, Stepper(QUESTION, interval_ms=20))
    page.evaluate("() => { view.model.set('playing', true); view.remove(); }")
    step = page.evaluate("view.model.get('step')")
    page.wait_for_timeout(150)
    assert page.evaluate("view.model.get('step')") == step
    assert page.evaluate("Object.values(view.handlers).flat().length") == 0
    assert page.locator(".chs-stepper").count() == 0


def test_what_travels_packed_is_the_same_to_a_browser(page):
    """The module that anywidget imports unpacks itself, and a style sheet without its spaces has the same rules."""
    mount(page, Stepper(QUESTION))
    assert page.evaluate(
        """async (source) => {
            const module = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
            return Object.keys(module.default);
        }""",
        packed("stepper"),
    ) == ["initialize", "render"]
    rules = """(text) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(text);
        return [...sheet.cssRules].map((rule) => rule.cssText.replaceAll(', ', ','));
    }"""
    for path in STATIC.glob("*.css"):
        written = page.evaluate(rules, path.read_text(encoding="utf-8"))
        assert written, path.stem
        assert page.evaluate(rules, sheet(path.stem)) == written, path.stem


def test_two_views_of_one_model_do_not_step_twice(page):
    mount(page, Stepper(QUESTION, interval_ms=100))
    page.evaluate("""async (source) => {
        const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
        const el = document.createElement('div');
        document.body.append(el);
        (await import(url)).default.render({ model: view.model, el });
        window.steps = [];
        view.model.on('change:step', () => steps.push(performance.now()));
        view.model.set('playing', true);
    }""", SOURCE)  # fmt: skip
    page.wait_for_function("steps.length >= 5")
    gaps = page.evaluate("steps.slice(1).map((time, index) => time - steps[index])")
    assert min(gaps) > 60


def test_pointing_lights_what_an_element_feeds(page):
    root = mount(page, Stepper(QUESTION, step=1))
    root.locator(".chs-right .chs-cell").nth(0).hover()
    assert root.locator(".chs-left .is-linked").count() == 9
    assert root.locator(".chs-output .is-linked").count() == 9
    assert root.locator(".chs-right .is-linked").count() == 1
    assert root.locator(".chs-pointer").text_content() == "Weight (0, 0) = 1 meets 9 cells, one for each of 9 outputs."
    root.locator(".chs-left .chs-cell").nth(0).hover()
    assert root.locator(".chs-output .is-linked").count() == 1
    root.locator(".chs-output .chs-cell").nth(8).hover()
    assert root.locator(".chs-left .is-linked").count() == 9
    page.mouse.move(1000, 600)
    assert root.locator(".is-linked").count() == 0


def test_pointing_by_keyboard(page):
    root = mount(page, Stepper(QUESTION, step=1))
    root.locator(".chs-left .chs-cell").first.focus()
    for key in ("Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert root.locator(".chs-pointer").text_content() == "Input (2, 2) = 1 feeds 9 outputs."
    assert position(root) == "step 1 of 81"


LIT = """() => Object.fromEntries([...document.querySelectorAll('.chs-panel')].map((panel) => [
    panel.querySelector('.chs-title').textContent,
    [...panel.querySelectorAll('.chs-cell')].flatMap((cell, at) => cell.classList.contains('is-linked') ? [at] : []),
]))"""


def cell(page, title, position):
    """A cell of the panel of that title."""
    titled = page.locator(".chs-title").get_by_text(title, exact=True)
    return page.locator(".chs-panel").filter(has=titled).locator(".chs-cell").nth(position)


def titled(name, title):
    """The only grid of the panel of that title."""
    (panel,) = (panel for panel in panels(TRACES[name], layout=layout_of(name)) if panel.title == title)
    return panel.grids[0]


def places(mask):
    return np.flatnonzero(mask).tolist()


def pointed(page):
    return page.locator(".chs-pointer").text_content()


@pytest.mark.parametrize("name", ["as im2col", "as im2col, stride", "as im2col, shades"])
@pytest.mark.parametrize("title", ["input x", "X_col"])
def test_pointing_at_a_pixel_lights_its_copies_and_what_it_feeds(page, name, title):
    trace = TRACES[name]
    pairing, X_col = trace.pairing, titled(name, "X_col")
    image = pairing.left_grid.ravel().tolist()
    fed = pairing.places.reshape(pairing.n_outputs, -1)
    mount(page, stepper_of(name, step=trace.n_steps))
    for pixel in sorted(set(X_col.ids.ravel().tolist()))[:: 3 if title == "input x" else 5]:
        copies = places(X_col.ids == pixel)
        cell(page, title, image.index(pixel) if title == "input x" else copies[-1]).hover()
        outputs = places((fed == pixel).any(axis=1))
        weights = set(pairing.right[pairing.places == pixel].tolist())
        product = "W_row @ X_col" if TRACES[name].bias is None else "W_row @ X_col + b"
        lit = {"input x": [image.index(pixel)], "X_col": copies, product: outputs}
        lit["W_row"] = places(np.isin(titled(name, "W_row").ids, list(weights)))
        assert page.evaluate(LIT) == lit | ({} if trace.bias is None else {"bias b": []}), pixel
        assert pointed(page).endswith(f" feeds {len(outputs)} output{'s' if len(outputs) != 1 else ''}."), pixel
    page.mouse.move(0, 0)
    assert page.locator(".is-linked").count() == 0


@pytest.mark.parametrize("name", ["as matrix", "as matrix, padding", "as matrix, 1×1", "as matrix, shades"])
def test_pointing_at_a_weight_of_the_matrix_lights_all_its_copies(page, name):
    trace = TRACES[name]
    matrix, image = titled(name, "matrix"), trace.pairing.left_grid.ravel()
    mount(page, stepper_of(name, step=1))
    for weight in range(trace.right.size):
        copies = places(matrix.ids == weight)
        cell(page, "matrix", copies[-1]).hover()
        lit, inputs = page.evaluate(LIT), trace.pairing.places[trace.pairing.right == weight]
        assert lit["matrix"] == copies, weight
        assert lit["input x"] == places(np.isin(image, inputs)), weight
        assert lit["flattened"] == sorted({element for element in inputs.tolist() if element < trace.left.size}), weight
        assert lit["output"] == places((trace.pairing.right == weight).any(axis=1)), weight
        assert pointed(page).startswith("Weight "), weight


@pytest.mark.parametrize("name", ["as matrix", "as matrix, padding", "as matrix, 1×1", "as matrix, shades"])
@pytest.mark.parametrize("title", ["input x", "flattened"])
def test_pointing_at_a_pixel_lights_its_column_of_the_matrix(page, name, title):
    trace = TRACES[name]
    matrix, image = titled(name, "matrix"), trace.pairing.left_grid.ravel().tolist()
    mount(page, stepper_of(name, step=1))
    for pixel in range(0, trace.left.size, 3):
        cell(page, title, image.index(pixel) if title == "input x" else pixel).hover()
        column = np.zeros(matrix.ids.shape, bool)
        column[:, pixel] = matrix.ids[:, pixel] != ZERO
        lit = page.evaluate(LIT)
        assert lit["matrix"] == places(column), pixel
        assert lit["input x"] == [image.index(pixel)], pixel
        assert lit["flattened"] == [pixel], pixel
        assert lit["output"] == places(column.any(axis=1)), pixel


def test_pointing_at_an_output_lights_its_column_or_its_row(page):
    mount(page, stepper_of("as im2col", step=1))
    X_col, W_row = titled("as im2col", "X_col").ids, titled("as im2col", "W_row").ids
    cell(page, "W_row @ X_col + b", 9 + 4).hover()  # filter 1, the middle window of nine
    lit = page.evaluate(LIT)
    assert lit["X_col"] == list(range(4, X_col.size, 9))
    assert lit["W_row"] == list(range(8, W_row.size))
    mount(page, stepper_of("as matrix", step=1))
    cell(page, "output", 4).hover()
    assert page.evaluate(LIT)["matrix"] == (4 * 12 + np.flatnonzero(titled("as matrix", "matrix").ids[4] >= 0)).tolist()


def test_pointing_at_a_bias_lights_the_outputs_that_it_is_added_to(page):
    mount(page, stepper_of("layer", step=40))
    cell(page, "bias b", 1).hover()
    lit = page.evaluate(LIT)
    assert {title: at for title, at in lit.items() if at} == {"bias b": [1], "output": [4, 5, 6, 7]}
    assert pointed(page) == f"Bias (1) = {number(TRACES['layer'].bias[1])} is added once to each of 4 outputs."
    mount(page, stepper_of("as im2col"))
    cell(page, "bias b", 0).hover()
    lit = page.evaluate(LIT)
    assert {title: at for title, at in lit.items() if at} == {"bias b": [0], "W_row @ X_col + b": list(range(9))}


@pytest.mark.parametrize("step", [0, 29, 112])
def test_pointing_at_a_subtotal_lights_its_channel_of_the_current_output(page, step):
    trace = TRACES["layer"]
    mount(page, stepper_of("layer", step=step))
    cell(page, "subtotals", 1).hover()
    lit = {title: at for title, at in page.evaluate(LIT).items() if at}
    assert pointed(page) == "What the products of channel 1 add up to."
    if step == 0:
        assert lit == {"subtotals": [1]}
        return
    output = (step - 1) // trace.steps_per_output
    assert lit["products"] == list(range(9, 18))
    assert lit["input x"] == sorted(trace.pairing.places[output, 9:18].tolist())
    assert lit["output"] == [output]
    assert len(lit["filters w"]) == 9


@pytest.mark.parametrize("title", ["input x", "pixel in depth", "filters w", "products", "output"])
def test_pointing_into_a_depth_vector(page, title):
    """The last cell of each panel belongs to the last of three channels, to the second filter, or to both."""
    mount(page, stepper_of("1×1", step=TRACES["1×1"].n_steps))
    cell(page, title, -1).hover()
    lit = page.evaluate(LIT)
    assert lit[title][-1] == {"input x": 11, "pixel in depth": 2, "filters w": 5, "products": 2, "output": 7}[title]
    assert 11 in lit["input x"]
    assert 2 in lit["pixel in depth"]
    assert 5 in lit["filters w"]
    assert 7 in lit["output"]


@pytest.mark.parametrize("name", ["as matrix", "as matrix, padding", "as matrix, shades"])
def test_pointing_at_a_zero_says_nothing_untrue(page, name):
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    mount(page, stepper_of(name, step=1))
    page.locator(".chs-zero").first.hover()
    assert "undefined" not in pointed(page)
    assert pointed(page) == "No weight: here an input takes no part in an output."
    assert page.locator(".is-linked").count() == 0
    assert errors == []


def test_the_keyboard_reaches_every_weight_of_a_row_of_the_matrix(page):
    mount(page, stepper_of("as matrix"))
    cell(page, "matrix", 0).focus()
    seen = {pointed(page)}
    for _ in range(11):
        page.keyboard.press("Shift+ArrowRight")
        seen.add(pointed(page))
    weights = TRACES["as matrix"].right
    for place, weight in np.ndenumerate(weights):
        assert any(text.startswith(f"Weight {place} = {number(weight)} ") for text in seen), place


def test_another_layout_s_scene_can_be_swapped_in(page):
    root = mount(page, stepper_of("as im2col", step=5))
    for name in ("as matrix", "elementwise", "as im2col"):
        other = stepper_of(name)
        assign(page, scene=other.scene, numbers=other.numbers, step=5)
        assert page.evaluate(READ) == expected_cells(name, 5)
        assert root.locator(".chs-sentence").text_content() == sentence(TRACES[name], 5)


def test_equal_weights_of_the_matrix_look_equal_and_others_do_not(page):
    mount(page, stepper_of("as matrix"))
    colours = page.evaluate("""() => [...document.querySelectorAll('.chs-right .chs-cell')].map(
        (cell) => getComputedStyle(cell).backgroundColor)""")
    ids = titled("as matrix", "matrix").ids.ravel().tolist()
    looks = {element: {colours[at] for at in places(np.array(ids) == element)} for element in (*range(4), ZERO)}
    assert all(len(of_element) == 1 for of_element in looks.values())
    assert len(set.union(*looks.values())) == 5


def test_edit_asks_python(page):
    root = mount(page, Stepper(QUESTION))
    root.locator(".chs-left .chs-cell").nth(7).dblclick()
    page.keyboard.type("8")
    page.keyboard.press("Tab")
    page.keyboard.type("-2.5")
    page.keyboard.press("Enter")
    assert page.evaluate("view.sent") == [
        {"role": "left", "id": 7, "text": "8"},
        {"role": "left", "id": 8, "text": "-2.5"},
    ]
    assert page.evaluate("document.activeElement.classList.contains('chs-cell')")


def test_edit_by_typing_a_digit_on_a_cell_and_giving_up(page):
    root = mount(page, Stepper(QUESTION))
    root.locator(".chs-right .chs-cell").first.focus()
    page.keyboard.press("4")
    assert root.locator(".chs-edit").input_value() == "4"
    page.keyboard.press("Escape")
    assert root.locator(".chs-edit").count() == 0
    assert page.evaluate("view.sent") == []


def test_padding_products_and_outputs_cannot_be_edited(page):
    root = mount(page, Stepper(TRACES["padding"], step=9))
    for selector in (".chs-left .is-padding", ".chs-products .chs-cell", ".chs-output .chs-cell"):
        root.locator(selector).first.dblclick()
        assert root.locator(".chs-edit").count() == 0


@pytest.mark.parametrize(
    ("name", "title", "position", "message"),
    [
        ("as im2col", "W_row", 11, {"role": "right", "id": 11}),
        ("as im2col", "X_col", 0, None),  # padding
        ("as im2col", "X_col", 4, {"role": "left", "id": 0}),
        ("as im2col", "X_col", 9 + 3, {"role": "left", "id": 0}),
        ("as im2col", "input x", 5, {"role": "left", "id": 0}),
        ("as matrix", "matrix", 0, {"role": "right", "id": 0}),
        ("as matrix", "matrix", 13, {"role": "right", "id": 0}),
        ("as matrix", "matrix", 71, {"role": "right", "id": 3}),
        ("as matrix", "matrix", 2, None),  # a zero
        ("as matrix", "flattened", 7, {"role": "left", "id": 7}),
        ("as matrix", "output", 0, None),
        ("as im2col", "bias b", 0, {"role": "bias", "id": 0}),
        ("as im2col", "W_row @ X_col + b", 0, None),
        ("layer", "bias b", 1, {"role": "bias", "id": 1}),
        ("layer", "subtotals", 0, None),
        ("connected", "weights in use", 3, {"role": "right", "id": 28}),
        ("connected", "weights w", 3, None),  # too small for a number
        ("1×1", "pixel in depth", 2, {"role": "left", "id": 8}),
        ("1×1", "filters w", 4, {"role": "right", "id": 4}),
    ],
)
def test_a_cell_of_any_layout_asks_for_its_element_or_cannot_be_edited(page, name, title, position, message):
    """In the second output of the connected layer the weights in use are those from 25 on."""
    trace = TRACES[name]
    root = mount(page, stepper_of(name, step=trace.steps_per_output + 1 if name == "connected" else 1))
    cell(page, title, position).dblclick()
    if message is None:
        assert root.locator(".chs-edit").count() == 0
        cell(page, title, position).evaluate("(node) => node.focus()")
        page.keyboard.type("6")
        assert root.locator(".chs-edit").count() == 0
        return
    page.keyboard.type("6.5")
    page.keyboard.press("Enter")
    assert page.evaluate("view.sent") == [message | {"text": "6.5"}]


def test_edit_without_a_kernel_says_so(page):
    root = mount(page, Stepper(QUESTION))
    root.locator(".chs-left .chs-cell").first.dblclick()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.chs-notice').textContent.includes('No kernel answers')")
    assert root.locator(".chs-left .chs-value").first.text_content() == "1"


def test_notice_is_an_alert(page):
    root = mount(page, Stepper(QUESTION))
    assign(page, notice="stride must be 1 or more")
    assert root.get_by_role("alert").text_content() == "stride must be 1 or more"


def test_text_is_never_markup(page):
    attack = "<img src=x onerror=\"document.title='broken in'\">"
    stepper = Stepper(
        record(sum_of_products((2, 2)), [[1, 2], [3, 4]], [[5, 6], [7, 8]]), names=(attack, attack), step=2
    )
    stepper.notice = attack
    root = mount(page, stepper)
    page.wait_for_timeout(100)
    assert page.title() == "stepper"
    assert root.locator("img").count() == 0
    assert attack in root.locator(".chs-title").first.text_content()


HEIGHT = "() => document.querySelector('.chs-stepper').getBoundingClientRect().height"
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.mark.parametrize(
    "name", ["question", "stride", "layer", "connected", "1×1, deep", "as im2col", "as matrix", "as matrix, shades"]
)
def test_picture_fits_and_never_jumps(page, name):
    mount(page, stepper_of(name))
    for width in (390, 560, 700, 980, 1600):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(FRAME)
        assert len(set(walk(page, some_steps(TRACES[name]), HEIGHT))) == 1, width
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width


@pytest.mark.parametrize(
    "name", ["layer", "1×1", "depthwise", "as im2col", "as im2col, shades", "as matrix", "as matrix, shades"]
)
def test_at_no_width_does_the_picture_jump(page, name):
    """Nor when "cell (0, 0)" comes under a title in the first step, nor at the longest sentence."""
    trace = TRACES[name]
    mount(page, stepper_of(name))
    longest = max(range(trace.n_steps + 1), key=lambda step: len(sentence(trace, step)))
    heights = page.evaluate(
        f"""async ([widths, steps]) => {{
            const heights = {{}};
            for (const width of widths) {{
                view.el.style.width = `${{width}}px`;
                await ({FRAME})();
                heights[width] = steps.map((step) => {{ view.model.set('step', step); return ({HEIGHT})(); }});
            }}
            return heights;
        }}""",
        [[*range(344, 1184, 20)], [0, 1, longest]],
    )
    assert [width for width, at_width in heights.items() if len(set(at_width)) > 1] == []


@pytest.mark.parametrize(
    ("name", "above", "beside", "middle"),
    [
        ("as im2col", "X_col", "W_row", "W_row @ X_col + b"),
        ("as im2col, shades", "X_col", "W_row", "W_row @ X_col"),
        ("as matrix", "flattened", "output", "matrix"),
        ("as matrix, shades", "flattened", "output", "matrix"),
    ],
)
@pytest.mark.parametrize("width", [700, 1280])
def test_what_is_multiplied_stands_above_and_beside_on_the_screen(page, name, above, beside, middle, width):
    page.set_viewport_size({"width": width, "height": 900})
    mount(page, stepper_of(name, step=1))
    (rows, columns), per_row = titled(name, middle).ids.shape, titled(name, beside).ids.shape[1]

    def at(title, position):
        return cell(page, title, position).bounding_box()

    for column in (0, columns - 1):
        assert at(above, column)["x"] == pytest.approx(at(middle, column)["x"], abs=1), column
    for row in (0, rows - 1):
        assert at(beside, row * per_row)["y"] == pytest.approx(at(middle, row * columns)["y"], abs=1), row
    assert at(above, 0)["y"] < at(middle, 0)["y"]


@pytest.mark.parametrize(
    ("name", "step"),
    [("stride", 12), ("layer", 20), ("layer", 28), ("1×1", 14), ("as im2col", 9), ("as matrix", 6), ("as matrix", 0)],
)
def test_text_stands_out_from_what_it_stands_on(page, name, step):
    """4.5 to 1 for every text, worked out from the colours that the browser arrived at (WCAG 2.2, contrast ratio)."""
    mount(page, stepper_of(name, step=step))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert too_pale(page, scheme) == [], scheme


def test_states_differ_by_more_than_colour(page):
    mount(page, Stepper(QUESTION, step=42))
    looks = page.evaluate("""() => ['is-current', 'is-coming', 'chs-cell'].map((name) => {
        const style = getComputedStyle(document.querySelector(`.chs-output .${name}`));
        return [style.borderTopWidth, style.borderTopStyle].join(' ');
    })""")
    assert len(set(looks)) == 3


def test_screen_reader_hears_each_step_but_not_a_film(page):
    root = mount(page, Stepper(QUESTION, step=42, interval_ms=5000))
    spoken = root.locator(".chs-sentence")
    assert spoken.get_attribute("aria-live") == "polite"
    assign(page, playing=True)
    assert spoken.get_attribute("aria-live") == "off"
    assert root.get_attribute("aria-label") == "cross-correlation, step by step"
    assert root.locator("button:not([aria-label])").all_text_contents() == ["Check", "predict", "reset numbers"]


def test_state_is_what_a_reopened_page_needs(page):
    """The synced state alone, with nothing from Python after it, gives a view that steps."""
    stepper = Stepper(QUESTION, step=3)
    assert set(state_of(stepper)) <= set(stepper.keys)
    root = mount(page, stepper)
    root.focus()
    page.keyboard.press("ArrowRight")
    assert position(root) == "step 4 of 81"


def test_no_plain_key_leaves_the_view_but_those_that_run_a_cell_or_move_on(page):
    root = mount(page, Stepper(QUESTION))
    page.evaluate(
        "() => { window.heard = []; document.addEventListener('keydown', (event) => heard.push(event.key)); }"
    )
    for selector in (".chs-select >> nth=1", ".chs-slider", ".chs-icon >> nth=0", ".chs-left .chs-cell >> nth=0"):
        root.locator(selector).focus()
        for key in ("d", "Shift+M", "Shift+ArrowDown", "Shift+End", "ArrowUp", "ArrowDown", "Escape", "Delete"):
            page.keyboard.press(key)
        assert set(page.evaluate("heard")) <= {"Shift"}, selector
    root.focus()
    for key in ("Shift+Enter", "Tab"):
        page.keyboard.press(key)
    assert [key for key in page.evaluate("heard") if key != "Shift"] == ["Enter", "Tab"]


def test_edit_goes_to_the_cell_that_was_opened(page):
    """A cell of the window panel shows another element a step later."""
    root = mount(page, Stepper(TRACES["shades"], step=1))
    root.locator(".chs-panel").nth(1).locator(".chs-cell").first.dblclick()
    assign(page, step=12)
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    assert page.evaluate("view.sent") == [{"role": "left", "id": 0, "text": "5"}]


def test_edit_pauses_the_film(page):
    root = mount(page, Stepper(QUESTION))
    assign(page, playing=True)
    root.locator(".chs-left .chs-cell").first.dblclick()
    assert page.evaluate("view.model.get('playing')") is False


def test_edit_is_given_up_when_the_picture_is_drawn_anew(page):
    root = mount(page, Stepper(QUESTION))
    root.locator(".chs-right .chs-cell").first.dblclick()
    page.keyboard.type("9")
    other = Stepper(TRACES["elementwise"])
    assign(page, scene=other.scene, numbers=other.numbers)
    assert page.evaluate("view.sent") == []
    page.keyboard.press("ArrowRight")
    assert position(root) == "output 1 of 6"


def test_tab_stops_at_the_last_real_cell(page):
    """25 inputs fill five rows of five; 17 would leave three cells that are nobody's."""
    root = mount(page, Stepper(record(fully_connected(17, 2), numbers(17), numbers((2, 17), 1))))
    root.locator(".chs-left .chs-cell").nth(16).dblclick()
    page.keyboard.press("Tab")
    assert page.locator(".chs-edit").count() == 0
    root.locator(".chs-left .chs-cell").first.dblclick()
    assert page.locator(".chs-edit").count() == 1


def test_what_is_pointed_at_follows_the_step(page):
    root = mount(page, Stepper(QUESTION, step=1))
    root.locator(".chs-products .chs-cell").nth(4).focus()
    lit = root.locator(".chs-left .chs-cell.is-linked")
    before = lit.evaluate("(node) => [...document.querySelectorAll('.chs-left .chs-cell')].indexOf(node)")
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    after = lit.evaluate("(node) => [...document.querySelectorAll('.chs-left .chs-cell')].indexOf(node)")
    assert (before, after) == (6, 7)


def test_reset_keeps_the_focus_inside(page):
    root = mount(page, Stepper(QUESTION))
    assign(page, edited=True)
    root.get_by_text("reset numbers").click()
    assign(page, edited=False)
    page.keyboard.press("ArrowRight")
    assert position(root) == "step 1 of 81"


def test_a_cell_reads_its_value_and_not_its_weight(page):
    root = mount(page, Stepper(QUESTION, step=1))
    cell = root.get_by_role("gridcell").first
    assert cell.locator(".chs-corner").get_attribute("aria-hidden") == "true"
    assert cell.get_attribute("aria-current") == "true"
    assign(page, step=2)
    assert cell.get_attribute("aria-current") is None


def test_a_zero_is_read_as_zero_and_each_copy_by_itself(page):
    mount(page, stepper_of("as matrix", step=1))
    table = page.get_by_role("grid", name="matrix")
    assert table.get_by_role("row").count() == 6
    first_row = table.get_by_role("row").first.get_by_role("gridcell").all_text_contents()
    matrix = TRACES["as matrix"].fully_connected_matrix()
    assert first_row == [number(value) for value in matrix[0]]
    assert page.locator("[aria-current=true]").count() == 4  # the pixel, its weight, the flattened pixel, the output


def test_a_fractional_step_is_rounded(page):
    root = mount(page, Stepper(QUESTION))
    assign(page, step=4.6)
    assert position(root) == "step 5 of 81"


def test_reopened_notebook_does_not_play_by_itself(page):
    mount(page, Stepper(QUESTION))
    page.evaluate("""async (source) => {
        view.model.set('playing', true);
        const module = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
        module.default.initialize({ model: view.model });
    }""", SOURCE)  # fmt: skip
    assert page.evaluate("view.model.get('playing')") is False


def test_long_weights_show_in_the_current_cell_alone(page):
    blur = np.full((3, 3), 1 / 9)
    root = mount(page, Stepper(record(cross_correlation((5, 5), (3, 3)), signals.question_image(), blur), step=5))
    assert root.locator(".chs-corner:visible").count() == 1
