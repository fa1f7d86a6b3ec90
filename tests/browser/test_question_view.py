"""A question in the browser: alone in a blank page, and in JupyterLab with its kernel alive and shut down."""

import inspect

import nbformat
import pytest
from lab import Notebook
from mounted import assign, plain, show

from convhelpers import questions
from convhelpers.question import Choice, Question
from convhelpers.store import VIEW

ALL = [function for _, function in inspect.getmembers(questions, inspect.isfunction)]
TRAITS = ("text", "choices", "chosen", "size")
ATTACK = "<img src=x onerror=\"document.title='broken in'\">"


def threes(**options):
    choices = [
        Choice("5", "That is the sum, `2 + 3`."),
        Choice("6", "Two threes.", right=True),
        Choice("23", "Written side by side, not multiplied."),
    ]
    return Question("What is `2 * 3`?", choices, **options)


def mount(page, question):
    """Show a question's view in the page, and return the locator of its root."""
    show(page, "question", {name: plain(getattr(question, name)) for name in TRAITS})
    return page.locator(".chs-multiple-choice")


def buttons(root):
    return root.get_by_role("button")


def replies(root):
    """What a learner reads below the choices, and hears."""
    return root.locator("[aria-live]").text_content()


def pressed(root):
    """The index of the choice that is pressed, or -1."""
    states = [button.get_attribute("aria-pressed") for button in buttons(root).all()]
    assert set(states) <= {"true", "false"}
    assert states.count("true") <= 1
    return states.index("true") if "true" in states else -1


def focused(page):
    return page.evaluate("[...document.querySelectorAll('.chs-choice')].indexOf(document.activeElement)")


# What it shows


def test_nothing_tells_which_choice_is_right_before_one_is_chosen(page):
    """Wherever the right one stands, the page is the same to the last letter, and to the last colour."""
    pages, pictures = set(), set()
    for right in range(3):
        choices = [Choice(text, "Because.", right=index == right) for index, text in enumerate("abc")]
        root = mount(page, Question("?", choices))
        pages.add(root.evaluate("(root) => root.outerHTML"))
        pictures.add(root.screenshot())
    assert len(pages) == len(pictures) == 1


def test_each_choice_says_whether_it_is_right_and_why(page):
    root = mount(page, threes())
    assert (pressed(root), replies(root)) == (-1, "")
    for index, expected in [
        (0, "✗ not this one — That is the sum, 2 + 3."),
        (2, "✗ not this one — Written side by side, not multiplied."),
        (1, "✓ right — Two threes."),
        (0, "✗ not this one — That is the sum, 2 + 3."),
    ]:
        buttons(root).nth(index).click()
        assert (pressed(root), replies(root)) == (index, expected)
        marks = root.locator(".chs-mark").all_text_contents()
        assert marks == [expected[0] if other == index else "" for other in range(3)]


def test_only_the_reason_of_the_chosen_one_can_be_seen(page):
    root = mount(page, threes())
    assert "Two threes" not in root.inner_text()
    assert "1 to 3" in root.inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("1")
    assert "That is the sum" in root.inner_text()
    assert "Two threes" not in root.inner_text()
    assert "1 to 3" not in root.inner_text()


def test_follows_what_python_assigns_and_opens_as_it_was_left(page):
    root = mount(page, threes(chosen=2, size="large"))
    assert (pressed(root), replies(root).split(" — ")[0]) == (2, "✗ not this one")
    large = root.bounding_box()["height"]
    assign(page, chosen=1, size="normal")
    assert (pressed(root), replies(root)) == (1, "✓ right — Two threes.")
    assert root.bounding_box()["height"] < large
    assign(page, chosen=-1)
    assert (pressed(root), replies(root)) == (-1, "")


def test_reads_well_without_eyes(page):
    root = mount(page, threes())
    assert page.get_by_role("group", name="What is 2 * 3?").count() == 1
    assert [button.evaluate("(node) => node.type") for button in buttons(root).all()] == ["button"] * 3
    for text in ("5", "6", "23"):
        assert root.get_by_role("button", name=text, exact=True).count() == 1
    assert root.locator("[aria-live=polite]").count() == 1


def test_code_is_set_as_code_and_text_is_never_markup(page):
    choices = [Choice(f"{ATTACK} `<b>x</b>`", ATTACK), Choice("6", ATTACK, right=True)]
    root = mount(page, Question(ATTACK, choices))
    buttons(root).first.click()
    page.wait_for_timeout(100)
    assert page.title() == "question"
    assert root.locator("img").count() == 0
    assert ATTACK in root.locator(".chs-asked").text_content()
    assert root.locator(".chs-text code").all_text_contents() == ["<b>x</b>"]
    assert replies(root) == f"✗ not this one — {ATTACK}"


# Its keys


def test_keys(page):
    root = mount(page, threes())
    page.evaluate("() => { document.body.style.minHeight = '3000px'; }")
    page.keyboard.press("Tab")
    assert focused(page) == 0
    for key, focus, chosen in [
        ("ArrowUp", 0, -1), ("ArrowDown", 1, -1), ("ArrowDown", 2, -1), ("ArrowDown", 2, -1), ("Enter", 2, 2),
        ("ArrowUp", 1, 2), ("Space", 1, 1), ("1", 0, 0), ("3", 2, 2), ("4", 2, 2), ("9", 2, 2), ("0", 2, 2),
        ("Shift+Tab", 1, 2), ("Tab", 2, 2), ("a", 2, 2), ("ArrowRight", 2, 2), ("Escape", 2, 2),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert (focused(page), pressed(root)) == (focus, chosen), key
    assert page.evaluate("scrollY") == 0


def test_a_click_beside_the_choices_takes_the_keys_here(page):
    root = mount(page, threes())
    root.locator(".chs-asked").click()
    page.keyboard.press("ArrowDown")
    assert focused(page) == 0
    root.locator(".chs-asked").click()
    page.keyboard.press("2")
    assert (focused(page), pressed(root)) == (1, 1)


def test_no_plain_key_leaves_the_view_but_those_that_run_a_cell_or_move_on(page):
    root = mount(page, threes())
    page.evaluate(
        "() => { window.heard = []; document.addEventListener('keydown', (event) => heard.push(event.key)); }"
    )
    for selector in (".chs-choice >> nth=0", ".chs-choice >> nth=2", ".chs-asked"):
        root.locator(selector).click()
        for key in ("d", "5", "1", "Shift+M", "Shift+ArrowDown", "ArrowUp", "ArrowDown", "Escape", "Delete", "Enter"):
            page.keyboard.press(key)
        assert set(page.evaluate("heard")) <= {"Shift"}, selector
    for key in ("Shift+Enter", "Control+s", "Alt+1", "Tab"):
        page.keyboard.press(key)
    assert [key for key in page.evaluate("heard") if key not in ("Shift", "Control", "Alt")] == [
        "Enter",
        "s",
        "1",
        "Tab",
    ]


def test_a_kernel_that_is_gone_makes_no_difference(page):
    root, errors = mount(page, threes()), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.evaluate("() => { view.model.save_changes = () => { throw new Error('no kernel'); }; }")
    for index in (0, 1):
        buttons(root).nth(index).click()
        assert pressed(root) == index
    assert errors == []


def test_removed_view_leaves_nothing_behind(page):
    root = mount(page, threes())
    page.evaluate("() => { window.old = document.querySelector('.chs-choice'); view.remove(); }")
    assert page.evaluate("Object.values(view.handlers).flat().length") == 0
    assert root.count() == 0
    assert page.evaluate("view.el.childElementCount") == 0
    page.evaluate("() => { document.body.append(old); old.click(); }")
    assert page.evaluate("view.model.get('chosen')") == -1


# Its look


@pytest.mark.parametrize("size", ["normal", "large"])
@pytest.mark.parametrize("width", [390, 700, 1060])
def test_every_question_fits_and_never_jumps(page, width, size):
    page.set_viewport_size({"width": width, "height": 900})
    for ask in ALL:
        question = ask()
        question.size = size
        root = mount(page, question)
        before = root.bounding_box()
        places = [button.bounding_box() for button in buttons(root).all()]
        for chosen in range(len(question.choices)):
            assign(page, chosen=chosen)
            assert root.bounding_box() == before, ask.__name__
            assert [button.bounding_box() for button in buttons(root).all()] == places, ask.__name__
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert root.evaluate("(root) => root.scrollWidth <= root.clientWidth"), ask.__name__


def test_a_hint_longer_than_the_reasons_keeps_its_room(page):
    page.set_viewport_size({"width": 240, "height": 900})
    root = mount(page, Question("2 · 3?", [Choice("5", "No."), Choice("6", "Yes.", right=True)]))
    before = root.bounding_box()
    assign(page, chosen=1)
    assert root.bounding_box() == before


# 4.5 to 1 for every text that can be seen, worked out from the colours that the browser arrived at (WCAG 2.2).
PALE = """() => {
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
    let seen = 0;
    for (const node of document.querySelectorAll('.chs, .chs *')) {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
        if (!own || getComputedStyle(node).visibility === 'hidden') continue;
        seen += 1;
        const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) pale.push([node.className, node.textContent, ratio]);
    }
    return [seen, pale];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("chosen", [-1, 0, 1])
def test_text_stands_out_from_what_it_stands_on(page, chosen, scheme):
    page.emulate_media(color_scheme=scheme)
    mount(page, threes(chosen=chosen))
    seen, pale = page.evaluate(PALE)
    assert seen >= 9
    assert pale == []


def test_choices_differ_by_more_than_colour(page):
    root = mount(page, threes(chosen=0))
    shadows = [button.evaluate("(node) => getComputedStyle(node).boxShadow") for button in buttons(root).all()]
    assert shadows[0] != "none"
    assert shadows[1:] == ["none", "none"]
    assert root.locator(".chs-mark").all_text_contents() == ["✗", "", ""]


# In JupyterLab

ASK = """from convhelpers import questions

asked = questions.sum_of_matrix_entries()
asked"""


@pytest.mark.parametrize("kernel", ["alive", "shut down"])
def test_is_answered_in_jupyterlab_by_keyboard_alone(page, lab_address, scratch, kernel):
    notebook = Notebook(page, lab_address, scratch(ASK, "print(asked.chosen)"))
    notebook.run_all()
    root = page.locator(".chs-multiple-choice")
    root.wait_for()
    if kernel == "shut down":
        notebook.shutdown_kernel()
        page.wait_for_timeout(500)
    notebook.focus(buttons(root).first)
    for key in ("d", "d", "x", "Escape", "1"):
        page.keyboard.press(key)
    assert replies(root).startswith("✗ not this one — The numbers are the same, but not the pairs.")
    for key in ("ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert replies(root).startswith("✓ right — Each number of W meets a whole row of B.")
    assert page.locator(".jp-Cell").count() == 2
    assert page.locator(".jp-MarkdownCell").count() == 0  # a digit would make a heading of the cell
    if kernel == "alive":
        notebook.run_cell(1)
        assert page.locator(".jp-OutputArea-output").last.text_content().strip() == "1"
    assert notebook.failures() == []


def test_a_click_on_the_question_keeps_digits_from_jupyterlab(page, lab_address, scratch):
    notebook = Notebook(page, lab_address, scratch(ASK))
    notebook.run_all()
    root = page.locator(".chs-multiple-choice")
    root.wait_for()
    page.wait_for_timeout(1000)  # after a run, JupyterLab may be late in taking the focus to the last cell
    root.locator(".chs-asked").click()
    page.keyboard.press("2")
    assert pressed(root) == 1
    assert page.locator(".jp-CodeCell").count() == 1
    root.locator(".chs-choice").first.focus()
    page.keyboard.press("Shift+Enter")
    notebook.wait_until_idle()
    assert page.locator(".jp-InputPrompt").first.text_content() == "[2]:"
    assert pressed(page.locator(".chs-multiple-choice").first) == -1


def test_a_stored_notebook_shows_the_question_with_its_answers_folded(page, lab_address, scratch, tmp_path_factory):
    """Nobody has run it here, so JupyterLab trusts none of its HTML, and cleans it."""
    name = scratch(ASK)
    path = next(tmp_path_factory.getbasetemp().glob(f"lab*/root/{name}"))
    notebook = nbformat.read(path, as_version=4)
    data = {kind: shown for kind, shown in threes()._repr_mimebundle_()[0].items() if kind != VIEW}
    notebook.cells[0].outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    nbformat.write(notebook, path)
    opened = Notebook(page, lab_address, name)
    output = page.locator(".jp-OutputArea-output")
    assert output.locator("li").all_inner_texts()[:3] == ["5", "6", "23"]
    answer = output.get_by_text("Two threes.")
    assert not answer.is_visible()
    output.get_by_text("Answers").click()
    assert answer.inner_text() == "✓ right — Two threes."
    assert output.locator("code").first.inner_text() == "2 * 3"
    assert opened.failures() == []
