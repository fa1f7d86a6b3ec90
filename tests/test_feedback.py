"""A note says the same in HTML and in plain text, and nothing in it is markup."""

import re
from html.parser import HTMLParser

import pytest

from convhelpers.feedback import SIGNS, Feedback, Note, Status

MARKUP = '<img src=x onerror="alert(1)"> & </style></pre>'


class Text(HTMLParser):
    """The text of a page, its tags, and its style sheets."""

    def __init__(self, source):
        super().__init__()
        self.text, self.tags, self.attributes, self.inside_style = "", [], [], False
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        self.inside_style = tag == "style"

    def handle_endtag(self, tag):
        self.inside_style = False

    def handle_data(self, data):
        if not self.inside_style:
            self.text += data


def test_statuses_are_the_seven_of_the_design():
    assert [status.value for status in Status] == [
        "right",
        "not yet attempted",
        "wrong kind",
        "wrong shape",
        "known mistake",
        "wrong",
        "raised",
    ]


@pytest.mark.parametrize("status", Status)
def test_sign_and_word_are_said_in_both_forms(status):
    feedback = Feedback(status, "A message.")
    sign = {"right": "✓", "not yet attempted": "○"}.get(status.value, "✗")
    assert repr(feedback) == f"{sign} {status.value}: A message."
    assert Text(feedback._repr_html_()).text == f"{sign} {status.value} A message."


def test_only_what_is_right_has_the_tick():
    assert [status for status, sign in SIGNS.items() if sign == "✓"] == [Status.RIGHT]


@pytest.mark.parametrize(
    ("status", "tone"), [(Status.RIGHT, "is-right"), (Status.NOT_ATTEMPTED, "is-open"), (Status.WRONG, "is-wrong")]
)
def test_tone(status, tone):
    classes = dict(Text(Feedback(status)._repr_html_()).attributes)["class"]
    assert tone not in classes or classes.count("is-") == 1
    assert f'class="chs chs-feedback {tone}"' in Feedback(status)._repr_html_()


def test_details_stand_below_the_message():
    note = Note("→", "hint", "Look.", (("x", "[[1 2]\n [3 4]]"), ("n", "3")))
    assert repr(note) == "→ hint: Look.\nx:\n[[1 2]\n [3 4]]\nn: 3"
    page = Text(note._repr_html_())
    assert page.text == "→ hint Look.x[[1 2]\n [3 4]]n3"
    assert page.tags.count("div") == 1 + 2 * 3


def test_a_heading_alone():
    assert repr(Note("○", "0 of 4 right")) == "○ 0 of 4 right"
    assert "div" not in Text(Note("○", "0 of 4 right")._repr_html_()).tags


def test_a_screen_reader_is_told():
    assert 'role="status"' in Feedback(Status.WRONG, "No.")._repr_html_()


def test_text_is_never_markup():
    page = Text(Feedback(Status.RAISED, MARKUP, ((MARKUP, MARKUP),))._repr_html_())
    assert page.text.count(MARKUP) == 3
    assert sorted(set(page.tags)) == ["div", "p", "section", "strong", "style"]


def test_the_style_loads_nothing():
    (sheet,) = re.findall(r"<style>(.*?)</style>", Feedback(Status.RIGHT)._repr_html_(), flags=re.DOTALL)
    assert not re.search(r"url\(|@import|<", sheet)
    assert ".chs-feedback" in sheet


def test_the_same_note_is_shown_the_same():
    """What is stored with a lesson is compared with a fresh run."""
    assert Feedback(Status.WRONG, "No.")._repr_html_() == Feedback(Status.WRONG, "No.")._repr_html_()
