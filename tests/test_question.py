"""A question: what it refuses, what it sends, and what it shows where nothing runs."""

import json
import re
from html import unescape

import nbformat
import pytest
from nbconvert import HTMLExporter
from traitlets import TraitError

from convhelpers.question import Choice, Question
from convhelpers.store import VIEW, made_storable

WRONG = Choice("5", "That is the sum.")
RIGHT = Choice("6", "Two threes.", right=True)
MARKUP = "<img src=x onerror=alert(1)> & `<b>*</b>` \"quoted\" 'too'"


def question(**options):
    return Question("What is `2 * 3`?", [WRONG, RIGHT, Choice("23", "Written, not multiplied.")], **options)


def shown(asked):
    return asked._repr_mimebundle_()[0]


# What it refuses


@pytest.mark.parametrize(
    ("choices", "error", "message"),
    [
        ([WRONG, ("6", "Two threes.", True)], TypeError, "choices must be made with Choice; received tuple"),
        ([RIGHT], ValueError, "choices must be 2 to 9; received 1"),
        ([RIGHT, *[WRONG] * 9], ValueError, "choices must be 2 to 9; received 10"),
        ([WRONG, WRONG], ValueError, "exactly one that is right; received 0"),
        ([RIGHT, RIGHT], ValueError, "exactly one that is right; received 2"),
        ([RIGHT, Choice(" ", "Why?")], ValueError, "a text and a reason each; received Choice.*text=' '"),
        ([RIGHT, Choice("5", "")], ValueError, "a text and a reason each; received Choice.*reason=''"),
    ],
)
def test_choices_that_make_no_question_are_refused(choices, error, message):
    with pytest.raises(error, match=message):
        Question("What is 2 · 3?", choices)


@pytest.mark.parametrize("chosen", [-2, 3])
def test_what_cannot_be_chosen_is_refused(chosen):
    asked = question(chosen=1)
    for attempt in (lambda: setattr(asked, "chosen", chosen), lambda: question(chosen=chosen)):
        with pytest.raises(ValueError, match=f"chosen must be from -1 to 2; received {chosen}"):
            attempt()
    assert asked.chosen == 1


@pytest.mark.parametrize("name", ["text", "choices"])
def test_what_is_asked_stays(name):
    asked = question()
    before = getattr(asked, name)
    with pytest.raises(TraitError, match="read-only"):
        setattr(asked, name, before)


def test_any_number_of_choices_that_a_digit_can_name():
    for count in range(2, 10):
        assert len(Question("?", [WRONG] * (count - 1) + [RIGHT]).choices) == count


# What travels


def test_the_view_gets_all_that_it_needs_without_a_kernel():
    state = question(size="large").get_state()
    assert state["text"] == "What is `2 * 3`?"
    assert state["choices"][:2] == [
        {"text": "5", "reason": "That is the sum.", "right": False},
        {"text": "6", "reason": "Two threes.", "right": True},
    ]
    assert (state["chosen"], state["size"]) == (-1, "large")


def test_what_the_learner_chooses_arrives():
    asked = question()
    asked.set_state({"chosen": 2})
    assert asked.chosen == 2
    assert asked.get_state()["chosen"] == 2


def test_a_question_travels_light():
    """Script and style, shared style included, and what is asked: with each of some twenty questions of a notebook."""
    assert len(json.dumps(question().get_state())) < 6_000


# Where nothing runs


def test_reads_as_a_question_with_its_choices():
    assert repr(question()) == "Question: What is `2 * 3`?\n1. 5\n2. 6\n3. 23"
    assert shown(question())["text/plain"] == repr(question())


def test_the_answers_are_folded_away():
    html = shown(question())["text/html"]
    open_part, folded = re.fullmatch(r"<div>(.*)<details><summary>Answers</summary>(.*)</details></div>", html).groups()
    assert open_part == "<p><b>What is <code>2 * 3</code>?</b></p><ol><li>5</li><li>6</li><li>23</li></ol>"
    assert re.findall("<li>(.*?)</li>", folded) == [
        "✗ <b>not this one</b> — That is the sum.",
        "✓ <b>right</b> — Two threes.",
        "✗ <b>not this one</b> — Written, not multiplied.",
    ]


def test_the_live_view_comes_first_where_there_is_one():
    assert sorted(shown(question())) == [VIEW, "text/html", "text/plain"]


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        (MARKUP, [WRONG, RIGHT]),
        ("?", [WRONG, Choice(MARKUP, "Because.", right=True)]),
        ("?", [WRONG, Choice("6", MARKUP, right=True)]),
    ],
    ids=["text", "choice", "reason"],
)
def test_text_is_never_markup(text, choices):
    html = shown(Question(text, choices))["text/html"]
    assert set(re.findall(r"<(\w+)[ >]", html)) <= {"div", "p", "b", "ol", "li", "details", "summary", "code"}
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; <code>&lt;b&gt;*&lt;/b&gt;</code>" in html
    assert MARKUP.replace("`", "") in unescape(re.sub("</?code>", "", html))


def test_stays_the_same_from_run_to_run_and_whatever_is_chosen():
    first, second = shown(question()), shown(question(chosen=1, size="large"))
    assert first[VIEW] != second[VIEW]
    assert {**first, VIEW: None} == {**second, VIEW: None}


def test_a_stored_and_converted_notebook_shows_it():
    output = nbformat.v4.new_output("execute_result", shown(question()), execution_count=1)
    assert made_storable(output)
    assert sorted(output.data) == ["text/html", "text/plain"]
    cell = nbformat.v4.new_code_cell("question", execution_count=1, outputs=[output])
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert output.data["text/html"] in page
