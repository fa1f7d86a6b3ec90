"""Texts that would be more than texts somewhere: a help for the tests of what is shown.

Markup, formulas, places for other texts, turns of the reading direction, half characters. What runs sets `hacked`.
"""

SCRIPT = '<img src=x onerror="hacked=1"></style></script><script>hacked=1</script>]]>&amp;\''
HOSTILE = {
    "markup": SCRIPT,
    "formulas": r"$x$ \(x\) $\frac{ $$ $",
    "Markdown": "[a](javascript:hacked=1) `code` **b** | - #",
    "templates": "{sum} {0} {} {where} $& $1 $` %s %(x)s {{ x }} {% x %}",
    "a long word": "a" * 10_000,
    "right to left": "קלט مدخل 12",
    "turned around": "a\u202eb\u2067c\u2069\u2069d",
    "zero width": "a\u200bb\ufeffc\u2060d",
    "controls": "a\0b\x1b[2Jc\x7fd\u0085e",
    "half a character": "a\ud800b\udc80c",
    "lines and tabs": "a\nb\tc\r\n\u2028d",
    "emoji": "👩‍👩‍👧 🏳️‍🌈",
    "nothing": "",
}
