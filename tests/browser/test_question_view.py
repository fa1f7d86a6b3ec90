"""A question in the browser: alone in a blank page, and in JupyterLab with its kernel alive and shut down."""

import inspect

import nbformat
import pytest
from lab import Notebook
from mounted import assign, blank, pale_and_seen, plain, show

from convhelpers import questions
from convhelpers.question import Choice, Question
from convhelpers.store import VIEW

ALL = [function for _, function in inspect.getmembers(questions, inspect.isfunction)]
TRAITS = ("text", "choices", "chosen", "size")
ATTACK = "<img src=x onerror=\"document.title='broken in'\">"


@pytest.fixture
def page(shared_page):
    return blank(shared_page)


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


BOXES = """(size) => {
    const box = (node) => { const at = node.getBoundingClientRect(); return [at.x, at.y, at.width, at.height]; };
    const root = document.querySelector('.chs-multiple-choice');
    view.model.set('size', size);
    return view.model.get('choices').map((_, chosen) => chosen).concat(-1).map((chosen) => {
        view.model.set('chosen', chosen);
        return JSON.stringify([root, ...root.querySelectorAll('button')].map(box));
    });
}"""
WIDE = """() => {
    const page = document.documentElement, root = document.querySelector('.chs-multiple-choice');
    return page.scrollWidth > page.clientWidth || root.scrollWidth > root.clientWidth;
}"""


def test_every_question_fits_and_never_jumps(page):
    for ask in ALL:
        mount(page, ask())
        for width in (390, 700, 1060):
            page.set_viewport_size({"width": width, "height": 900})
            for size in ("normal", "large"):
                assert len(set(page.evaluate(BOXES, size))) == 1, (ask.__name__, width, size)
                assert not page.evaluate(WIDE), (ask.__name__, width, size)


def test_a_hint_longer_than_the_reasons_keeps_its_room(page):
    page.set_viewport_size({"width": 240, "height": 900})
    root = mount(page, Question("2 · 3?", [Choice("5", "No."), Choice("6", "Yes.", right=True)]))
    before = root.bounding_box()
    assign(page, chosen=1)
    assert root.bounding_box() == before


@pytest.mark.parametrize("chosen", [-1, 0, 1])
def test_text_stands_out_from_what_it_stands_on(page, chosen):
    """4.5 to 1 for every text, worked out from the colours that the browser arrived at (WCAG 2.2, contrast ratio)."""
    mount(page, threes(chosen=chosen))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        pale, n_texts = pale_and_seen(page, ".chs, .chs *")
        assert n_texts >= 9
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


def test_is_answered_in_jupyterlab_by_keyboard_and_mouse_with_and_without_a_kernel(page, lab_address, scratch):
    notebook = Notebook(page, lab_address, scratch(ASK, "print(asked.chosen)"))
    notebook.run_all()
    root = page.locator(".chs-multiple-choice").first
    root.wait_for()
    notebook.focus(buttons(root).first)
    for key in ("d", "d", "x", "Escape", "1"):
        page.keyboard.press(key)
    assert replies(root).startswith("✗ not this one — The numbers are the same, but not the pairs.")
    for key in ("ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert replies(root).startswith("✓ right — Each number of W meets a whole row of B.")
    notebook.run_cell(1)
    assert page.locator(".jp-OutputArea-output").last.text_content().strip() == "1"
    notebook.focus(buttons(root).first)
    root.locator(".chs-asked").click()
    page.keyboard.press("1")  # a digit would make a heading of the cell
    assert pressed(root) == 0
    buttons(root).first.focus()
    page.keyboard.press("Shift+Enter")
    page.wait_for_function("() => document.querySelector('.jp-InputPrompt').textContent === '[4]:'")
    notebook.wait_until_idle()
    assert pressed(root) == -1
    assert notebook.failures() == []
    notebook.shutdown_kernel()
    page.wait_for_function("() => !jupyterapp.shell.currentWidget.sessionContext.session?.kernel")
    notebook.focus(buttons(root).first)
    page.keyboard.press("2")
    assert pressed(root) == 1
    assert page.locator(".jp-CodeCell").count() == 2
    assert page.locator(".jp-MarkdownCell").count() == 0
    # JupyterLab writes into the console that nobody was told, and no more.
    assert all("Could not send widget sync message" in failure for failure in notebook.failures())


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
