"""The view alone, in a blank page: what it shows at every step, its keys, its manners."""

import numpy as np
import pytest
from mounted import assign, mount, state_of

from convhelpers import signals
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
from convhelpers.panels import marks, panels
from convhelpers.scene import FEW_GROUPS
from convhelpers.stepper import STATIC, Stepper
from convhelpers.trace import record
from convhelpers.wording import number, sentence, term_groups

QUESTION = record(cross_correlation((5, 5), (3, 3)), signals.question_image(), signals.question_kernel())


def numbers(shape, seed=0):
    return np.random.default_rng(seed).integers(-9, 10, shape)


TRACES = {
    "question": QUESTION,
    "padding": record(cross_correlation((3, 4), (2, 2), padding=((0, 1), (2, 0))), numbers((3, 4)), numbers((2, 2), 1)),
    "stride": record(cross_correlation((4, 6), (3, 3), stride=2), numbers((4, 6)), numbers((3, 3), 1)),
    "dilation": record(convolution((5, 5), (2, 2), dilation=3), numbers((5, 5)), numbers((2, 2), 1)),
    "elementwise": record(elementwise((2, 3)), numbers((2, 3)), numbers((2, 3), 1)),
    "sum": record(sum_of_products((2, 3)), numbers((2, 3)), numbers((2, 3), 1)),
    "matrix": record(matrix_product((2, 3), (3, 4)), numbers((2, 3)), numbers((3, 4), 1)),
    "layer": record(
        conv_layer((3, 4, 4), (2, 3, 3, 3)), numbers((3, 4, 4)), numbers((2, 3, 3, 3), 1), signals.depth_bias()
    ),
    "groups": record(conv_layer((4, 3, 3), (2, 2, 2, 2), groups=2), numbers((4, 3, 3)), numbers((2, 2, 2, 2), 1)),
    "1×1": record(one_by_one_convolution((3, 2, 2), 2), numbers((3, 2, 2)), numbers((2, 3, 1, 1), 1)),
    "connected": record(fully_connected(25, 2), numbers(25), numbers((2, 25), 1), [0.5, float("nan")]),
    "long": record(cross_correlation((6, 6), (5, 5)), numbers((6, 6)) / 7, numbers((5, 5), 1)),
    "very long": record(conv_layer((3, 7, 7), (1, 3, 7, 7)), numbers((3, 7, 7)), numbers((1, 3, 7, 7), 1)),
    "shades": record(cross_correlation((18, 5), (3, 3)), numbers((18, 5)), numbers((3, 3), 1)),
}
READ = """() => {
    const cells = {};
    for (const panel of document.querySelectorAll('.chs-panel')) {
        const role = [...panel.classList].find((name) => /left|right|products|output/.test(name)).slice(4);
        (cells[role] ??= []).push(...[...panel.querySelectorAll('.chs-cell')].map((cell) => ({
            text: cell.querySelector('.chs-value').textContent,
            corner: cell.querySelector('.chs-corner').textContent,
            shaded: cell.closest('.chs-shaded') !== null,
            state: [...cell.classList]
                .filter((name) => /current|window|coming|padding|unused/.test(name)).sort().join(' '),
        })));
    }
    return cells;
}"""


BLANK = {"text": "", "corner": "", "state": ""}


def expected_cells(trace, step):
    """What the view must show, worked out from the panels, the marks and the numbers of the trace."""
    pairing, lit = trace.pairing, marks(trace, step)
    left = np.append(trace.left, np.zeros(pairing.n_padding, trace.left.dtype))
    output = trace.locate(max(step, 1))[0]
    sums = trace.running_sums.ravel()
    values = {"left": left, "right": trace.right.ravel(), "products": trace.products[output]}
    cells = {}
    for panel in panels(trace):
        for grid in panel.grids:
            for element in (lit.terms[grid.ids] if panel.follows else grid.ids).ravel().tolist():
                if element < 0:
                    cells.setdefault(panel.role, []).append(BLANK | {"shaded": grid.shaded})
                    continue
                inside, current = (element in group.get(panel.role, ()) for group in (lit.window, lit.current))
                state = ["is-current"] if current else []
                text = ""
                if panel.role in ("left", "right"):
                    text = number(values[panel.role][element])
                elif inside:
                    last = min(step, (element + 1) * trace.steps_per_output) - 1
                    text = number(sums[last] if panel.role == "output" else values["products"][element])
                else:
                    state.append("is-coming")
                corner = ""
                if panel.role == "left":
                    state += ["is-window"] if inside and not current else []
                    state += ["is-padding"] if element >= trace.left.size else []
                    state += ["is-unused"] if element in panel.unused else []
                    corner = f"×{number(values['right'][lit.corners[element]])}" if element in lit.corners else ""
                if grid.shaded:
                    text = corner = ""
                cell = {"text": text, "corner": corner, "shaded": grid.shaded, "state": " ".join(sorted(state))}
                cells.setdefault(panel.role, []).append(cell)
    return cells


def some_steps(trace):
    """All steps of a small trace; of a large one the first and last outputs, and a few between."""
    per = trace.steps_per_output
    if trace.n_steps <= 120:
        return range(trace.n_steps + 1)
    steps = {*range(per + 2), *range(trace.n_steps - per, trace.n_steps + 1), *range(0, trace.n_steps, 37)}
    return sorted(step for step in steps if step <= trace.n_steps)


@pytest.mark.parametrize("name", TRACES)
def test_every_step_shows_what_python_recorded(page, name):
    trace = TRACES[name]
    root = mount(page, Stepper(trace))
    for step in some_steps(trace):
        assign(page, step=step)
        assert page.evaluate(READ) == expected_cells(trace, step), step
        assert root.locator(".chs-sentence").text_content() == sentence(trace, step), step


@pytest.mark.parametrize("name", ["question", "layer", "elementwise"])
def test_by_output_speaks_python_s_sentence(page, name):
    trace = TRACES[name]
    root = mount(page, Stepper(trace, by="output"))
    for step in range(0, trace.n_steps + 1, trace.steps_per_output):
        assign(page, step=step)
        assert root.locator(".chs-sentence").text_content() == sentence(trace, step, by="output")


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
    root = mount(page, Stepper(trace))
    for step in some_steps(trace):
        assign(page, step=step)
        shown = root.locator(".chs-line").evaluate("""(line) => [...line.children].map((slot) =>
            slot.classList.contains('is-summary') ? slot.textContent.replace(/^[+]/, '').trim() : 'term')""")
        assert shown == expected_line(trace, step), step


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
    assert page.locator(".chs").count() == 0


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
    }""", (STATIC / "stepper.js").read_text(encoding="utf-8"))  # fmt: skip
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


@pytest.mark.parametrize("width", [390, 560, 700, 980, 1600])
@pytest.mark.parametrize("name", ["question", "stride", "layer", "connected"])
def test_picture_fits_and_never_jumps(page, name, width):
    page.set_viewport_size({"width": width, "height": 900})
    trace = TRACES[name]
    root = mount(page, Stepper(trace))
    heights = set()
    for step in some_steps(trace):
        assign(page, step=step)
        heights.add(root.bounding_box()["height"])
    assert len(heights) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_it_stands_on(page, scheme):
    """4.5 to 1 for every text, worked out from the colours that the browser arrived at (WCAG 2.2, contrast ratio)."""
    page.emulate_media(color_scheme=scheme)
    mount(page, Stepper(TRACES["stride"], step=12))
    page.evaluate("(dark) => { document.body.style.background = dark ? '#111111' : '#ffffff'; }", scheme == "dark")
    too_pale = page.evaluate("""() => {
        const channel = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
        const parse = (color) => color.match(/[\\d.]+/g).map(Number);
        const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
        const ground = (node) => {
            for (; node; node = node.parentElement) {
                const color = parse(getComputedStyle(node).backgroundColor);
                if (color.length === 3 || color[3] > 0) return color;
            }
        };
        const pale = [];
        for (const node of document.querySelectorAll('.chs *')) {
            const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
            if (!own) continue;
            const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < 4.5) pale.push([node.className, node.textContent, ratio]);
        }
        return pale;
    }""")
    assert too_pale == []


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
    assert root.locator("button:not([aria-label])").all_text_contents() == ["reset numbers"]


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
    }""", (STATIC / "stepper.js").read_text(encoding="utf-8"))  # fmt: skip
    assert page.evaluate("view.model.get('playing')") is False


def test_long_weights_show_in_the_current_cell_alone(page):
    blur = np.full((3, 3), 1 / 9)
    root = mount(page, Stepper(record(cross_correlation((5, 5), (3, 3)), signals.question_image(), blur), step=5))
    assert root.locator(".chs-corner:visible").count() == 1
