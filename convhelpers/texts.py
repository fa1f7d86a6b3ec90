"""With this module one can show a text that came from anywhere as text: all of it seen, nothing around it moved.

What is typed by a learner, or lies in a stranger's file, may hold characters that are not seen, that turn the reading
direction of all that follows, or that cannot be sent to a browser. They are written as Python writes them.
"""

import re
import unicodedata

# Controls, formats (among them those that turn the direction), halves of pairs, ends of lines and of paragraphs.
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
LEFT_ALONE = "\n\t\u200c\u200d"  # ends of lines and tabs; what Persian words and composed emoji are joined with
RIGHT_TO_LEFT = {"R", "AL", "AN"}
# Between these two, a text has a reading direction of its own; see Unicode's annex 9, "isolates".
ISOLATED = "\u2068{}\u2069"
ISOLATE = re.compile("\u2068([^\u2066-\u2069]*)\u2069")


def seen(text):
    r"""Return a text with what cannot be seen in it written out; ends of lines and tabs stay.

    >>> print(seen("a\u202eb\u200bc\0d\ud800e"))
    a\u202eb\u200bc\x00d\ud800e
    """
    return "".join(character if _is_seen(character) else _written_out(character) for character in text)


def in_line(text, most=None):
    r"""Return a text so that it can stand in the midst of a sentence; the same again when it is given back.

    White space is one space, what cannot be seen is written out, and a text in a script that is read from right to left
    does not turn the numbers behind it. From `most` letters on it is cut, and says so.

    >>> in_line(" my\n image "), in_line("a very long name", most=6)
    ('my image', 'a very… (10 more letters)')
    >>> in_line("\u05d0") == in_line(in_line("\u05d0")) == "\u2068\u05d0\u2069"
    True
    """
    isolate = ISOLATE.fullmatch(text)
    text = seen(" ".join((isolate[1] if isolate else text).split()))
    if most is not None and len(text) > most:
        text = f"{text[:most]}… ({len(text) - most:,} more letters)"
    return ISOLATED.format(text) if any(map(_is_right_to_left, text)) else text


def _is_seen(character):
    return character in LEFT_ALONE or unicodedata.category(character) not in UNSEEN


def _written_out(character):
    return character.encode("unicode_escape").decode("ascii")


def _is_right_to_left(character):
    return unicodedata.bidirectional(character) in RIGHT_TO_LEFT
