"""Every control of every lesson in real JupyterLab: what the page shows is what the kernel's traces say, step by step.

The tests of a lesson share its page. After every action they look for errors, since one vanishes with the next good
value. A new kind of control has to be taught to `lesson.js` and `truth.py`: a control that was not used fails.
"""

import contextlib
import re
import shutil

import pytest
from lab import ROOT
from lesson import Lesson
from test_in_lab import LESSONS, LIVE

from convhelpers.controls import LAST_GOOD

# What is typed into a cell of each operand, its value and its text; and what is refused, with the reason.
GOOD = {"left": ("−9", -9, "−9"), "right": ("1/4", 0.25, "0.25"), "bias": ("1e2", 100, "100")}
BAD = {"": "", "two": '"two" is not a number', "1e300": "1e300 is too large"}


@pytest.fixture(scope="module")
def context(browser, lab_root):
    """Pages that share their cache, and copies of the lessons that nobody else opens."""
    shutil.copytree(ROOT / "notebooks", lab_root / "controls")
    with contextlib.closing(browser.new_context(viewport={"width": 1280, "height": 720})) as opened:
        yield opened


@pytest.fixture(scope="module", params=LESSONS)
def lesson(request, context, lab_address):
    with contextlib.closing(context.new_page()) as page:
        opened = Lesson(page, lab_address, request.param)
        yield opened
        opened.shutdown_kernel()


def test_all_widgets_are_there(lesson):
    assert_all_there(lesson)
    assert lesson.page.evaluate("chsModules.size") == 2  # the stepper's and the question's, however many of each


def assert_all_there(lesson):
    assert len(lesson.all_steppers()) == LIVE[lesson.name]
    outputs = [output for cell in lesson.cells for output in cell.get("outputs", [])]
    stored = [output.get("data", {}).get("text/plain", "") for output in outputs]
    assert len(lesson.of("question")) == sum(text.startswith("Question:") for text in stored) > 0


def test_every_step_of_every_stepper_is_the_trace_s(lesson):
    for at, model in lesson.all_steppers():
        state = lesson.state(model)
        lesson.assert_at(at, model, state["by"], state["step"])
        for by, n_steps in (("output", state["n_steps"] // state["per"]), ("product", state["n_steps"])):
            walked = lesson.do("walk", at, model, by)
            assert walked == {"n_steps": n_steps, "wrong": []}, (lesson.name, at, by)


def test_every_control_does_what_it_says(lesson):
    for at, model in lesson.all_steppers():
        drive_steps(lesson, at, model)
        drive_prediction(lesson, at, model)
        drive_edits(lesson, at, model)
    play_all(lesson)
    for at, model in lesson.of("explorer"):
        drive_explorer(lesson, at, model)
    for at, model in lesson.of("picture"):
        drive_picture(lesson, at, model)
    for at, model in lesson.of("question"):
        drive_question(lesson, at, model)
    assert lesson.do("unused") == []


def drive_steps(lesson, at, model):
    """The buttons and the slider of a stepper, and its choices of unit and speed."""
    n_steps, per = (lesson.state(model)[name] for name in ("n_steps", "per"))
    assert lesson.do("isHidden", at, "step by") == (per == 1)
    assert lesson.do("options", at, "step by") == ["product", "output"]
    for by, unit in (("output", per), ("product", 1)):
        clicks = {"Last (End)": n_steps, "Back (←)": n_steps - unit, "First (Home)": 0, "Forward (→)": unit}
        slides = {"end": n_steps, "1": unit, "0": 0}
        moves = [["click", *pair] for pair in clicks.items()] + [["slide", *pair] for pair in slides.items()]
        assert lesson.do("moves", at, model, by, moves) == []
    for interval in lesson.do("options", at, "speed"):
        lesson.do("choose", at, "speed", interval)
        lesson.do("settle")
        assert lesson.state(model)["interval_ms"] == int(interval)


def drive_prediction(lesson, at, model):
    """Switched on, nothing and nonsense and a wrong and the right answer, and switched off."""
    lesson.do("push", at, "predict")
    lesson.do("settle")
    asked = "product" if lesson.state(model)["per"] > 1 else "output"
    right = lesson.ask(f"answer_to({model!r}, 0)")[asked]
    assert lesson.do("text", at, ".chs-question").startswith("Predict ")
    before = lesson.do("text", at, ".chs-verdict")
    assert lesson.do("predict", at, "", "Enter") == before
    assert lesson.do("predict", at, "two", "Enter").startswith("“two” is not a number")
    assert lesson.do("predict", at, "123456").startswith("✗ 123456 is not it.")
    assert lesson.do("predict", at, right).startswith(f"✓ {right} is right.")
    lesson.do("push", at, "predict")
    lesson.assert_at(at, model, "product", 1)


def drive_edits(lesson, at, model):
    """Of each operand a number that is taken and texts that are not; then the first numbers again."""
    lesson.do("press", at, "End")
    assert lesson.do("isHidden", at, "reset numbers")
    edits = []
    for role, (typed, value, shown) in GOOD.items():
        if not lesson.do("canEdit", at, role):
            continue
        edits.append([role, value])
        for text, reason in {typed: "", **BAD}.items():
            edited = lesson.do("edit", at, model, role, text)
            assert edited["notice"].startswith(reason)
            assert (edited["notice"] == "", edited["reads"], edited["wrong"]) == (reason == "", shown, [])
            assert [[role, value] for role, _, value in edited["edits"]] == edits
    assert edits
    lesson.do("push", at, "reset numbers")
    lesson.do("settle")
    state = lesson.state(model)
    assert (state["edits"], state["edited"]) == ([], False)
    lesson.assert_at(at, model, "product", state["n_steps"])
    assert lesson.do("isHidden", at, "reset numbers")


def play_all(lesson):
    """All steppers of a lesson at once, from the last step but one: they stop by themselves."""
    for at, _ in lesson.all_steppers():
        lesson.do("press", at, "End")
        lesson.do("click", at, "Back (←)")
        lesson.do("click", at, "Play (Space)")
    for at, model in lesson.all_steppers():
        lesson.do("endsPlaying", at)
        state = lesson.state(model)
        lesson.assert_at(at, model, "product", state["n_steps"])
        assert not lesson.state(model)["playing"]


def drive_explorer(lesson, at, model):
    """Every option of every choice, every toggle, and every field to its ends and beyond them."""
    first = lesson.ask(f"controls_of({model!r})")
    choices = lesson.ask(f"choices_of({model!r})")
    shapes = lesson.state(model)["shapes"]
    assert lesson.do("controls", at) == first
    for place, (name, labels) in enumerate(choices):
        kind = first[place][0]
        if name == "on each side":
            choose(lesson, at, model, choices.index(["padding", ["valid", "same", "full", "number"]]), 3)
        if kind == "number":
            for value, is_possible in values_of(name, *shapes):
                choose(lesson, at, model, place, value, is_possible)
            before = lesson.do("controls", at)
            assert lesson.do("set", at, place, "") == lesson.ask(f"controls_of({model!r})") == before
        else:
            values = [False, True] if kind == "tick" else range(len(labels))
            for value in values:
                choose(lesson, at, model, place, value)
        while changed := [other for other, now in enumerate(lesson.do("controls", at)) if now[1] != first[other][1]]:
            choose(lesson, at, model, changed[0], first[changed[0]][1])


def choose(lesson, at, model, place, value, is_possible=True):
    """Set a control; the picture shows what is chosen, or stays, and the notice says why."""
    decided = lesson.do("decide", at, model, place, value)
    assert (decided["set"], decided["wrong"]) == (value, [])
    if is_possible:
        assert decided["notice"] == ""
    else:
        assert decided["notice"].endswith(f". {LAST_GOOD}")
        assert decided["stays"]


def values_of(name, image, kernel):
    """What is typed into a field, and whether it can work while all else is as at first: no padding, stride 1."""
    (height, width), (kh, kw) = image[-2:], kernel[-2:]
    spread = min((height - 1) // (kh - 1), (width - 1) // (kw - 1))
    possible = {
        "rows": [1, height],
        "columns": [1, width],
        "stride": [1, 2, 10**9],
        "dilation": [1, spread],
        "padding": [0, 2],
        "on each side": [0, 2],
    }[name]
    impossible = {
        "rows": [0, -1, height + 1],
        "columns": [0, -1, width + 1],
        "stride": [0, -1],
        "dilation": [0, -1, spread + 1],
        "padding": [-1, 10**9],
        "on each side": [-1, 10**9],
    }[name]
    return [*((value, True) for value in possible), *((value, False) for value in impossible), (possible[0], True)]


def drive_picture(lesson, at, model):
    """Every option of the choices above a picture that is not stepped."""
    first = lesson.ask(f"controls_of({model!r})")
    for place, (_, labels) in enumerate(lesson.ask(f"choices_of({model!r})")):
        for value in [*range(len(labels)), first[place][1]]:
            controls = lesson.do("set", at, place, value)
            assert controls == lesson.ask(f"controls_of({model!r})")
            assert controls[place][1] == value
            shown, told = lesson.do("picture", at), lesson.ask(f"picture_of({model!r})")
            assert shown["width"] > 0
            assert (shown["png"], shown["alt"], shown["caption"]) == (told["png"], told["alt"], told["alt"])


def drive_question(lesson, at, model):
    """Every choice has its verdict and its reason, and the kernel hears of it."""
    replies = lesson.ask(f"question_of({model!r})")["replies"]
    assert lesson.do("nChoices", at) == len(replies)
    for index, reply in enumerate(replies):
        answered = lesson.do("answer", at, index)
        assert answered == {"reply": reply, "pressed": [other == index for other in range(len(replies))]}
        lesson.do("settle")
        assert lesson.ask(f"question_of({model!r})")["chosen"] == index


def test_every_exercise_blank_wrong_and_right(lesson):
    for at, exercise, name in lesson.exercises:
        assert note_of(lesson, at).startswith("○ not yet attempted")
        mistake = f"{name}.mistakes[0][1]{'' if exercise.cases else '()'}"
        lesson.do("write", at, f"{name}.check({mistake})")
        lesson.run(at)
        assert note_of(lesson, at).startswith(f"✗ known mistake {exercise.mistakes[0][0]}")
        lesson.do("write", at, lesson.solved[at].source)
        lesson.run(at)
        assert note_of(lesson, at).startswith("✓ right")
    assert_all_right(lesson)


def note_of(lesson, at):
    (note,) = lesson.do("notes", at)
    return note


def assert_all_right(lesson):
    at = max(index for index, cell in enumerate(lesson.cells) if cell.source == "exercises.progress()")
    lesson.run(at)
    n = len(lesson.exercises)
    assert note_of(lesson, at).startswith(f"✓ {n} of {n} right")


def test_cells_run_again_and_out_of_order(lesson):
    """Twice, an early cell after a late one, the last stepper first; and after a restart, solved and in the dark."""
    lesson.execute("notebook:run-all-cells")
    assert_whole(lesson)
    lesson.run(next(index for index, cell in enumerate(lesson.cells) if cell.cell_type == "code"))
    lesson.run(lesson.of("explorer")[0][0])
    assert_whole(lesson)
    restart(lesson, "notebook:restart-clear-output")
    lesson.run(lesson.all_steppers()[-1][0])
    (missing,) = lesson.page.locator(".jp-OutputArea-output").all_text_contents()
    assert re.search(r"NameError: name '\w+' is not defined", missing)
    for at, _, _ in lesson.exercises:
        lesson.page.evaluate("([at, source]) => lesson.write(at, source)", [at, lesson.solved[at].source])
    lesson.use_theme("Dark")
    restart(lesson, "notebook:restart-run-all")
    assert_whole(lesson)
    assert_all_right(lesson)
    lesson.use_theme("Light")
    assert lesson.failures() == []


def restart(lesson, command):
    """Restart the kernel as a learner does, with the question whether it is meant."""
    lesson.command(command)
    lesson.page.locator(".jp-Dialog .jp-mod-accept").click()
    lesson.page.wait_for_function("() => !document.querySelector('.jp-Dialog')")
    lesson.wait_until_idle()
    lesson.page.evaluate("() => lesson.forget()")


def assert_whole(lesson):
    """That all widgets are there, once each, and that each stepper shows its step."""
    lesson.find_widgets()
    assert_all_there(lesson)
    for at, model in lesson.all_steppers():
        state = lesson.state(model)
        lesson.assert_at(at, model, state["by"], state["step"])
