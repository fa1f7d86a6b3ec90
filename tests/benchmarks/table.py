"""With this module one can write measurements as a table of Markdown."""

HEAD = ("", "ours", "beside it", "takes", "ratio")


def table(groups):
    """Write rows (group → rows) as one table: medians with their quartiles, and the ratio of the medians.

    >>> from measuring import Row, Summary
    >>> row = Row("a picture", Summary.of([1.75]), "a plain one", Summary.of([4, 4, 4, 5, 6]), "ms")
    >>> print(table({"drawing": [row]}))
    | | ours | beside it | takes | ratio |
    | --- | --- | --- | --- | --- |
    | drawing: a picture | 1.8 ms | a plain one | 4 (4 to 5) ms | 1/2.3 |
    """
    lines = [HEAD, ["---"] * len(HEAD)]
    for group, rows in groups.items():
        for row in rows:
            ours, theirs = (measured(summary, row.unit) for summary in (row.ours, row.theirs))
            lines.append((f"{group}: {row.what}", ours, row.beside, theirs, ratio(row.ratio)))
    return "\n".join(f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in lines)


def measured(summary, unit):
    """Write a median, and its quartiles where there are several measurements.

    >>> from measuring import Summary
    >>> measured(Summary.of([1, 2, 3, 4, 50]), "ms")
    '3 (2 to 4) ms'
    """
    spread = f" ({figures(summary.lower)} to {figures(summary.upper)})" if summary.n > 1 else ""
    return f"{figures(summary.median)}{spread} {unit}"


def ratio(value):
    """Write a ratio with two figures, as a fraction where it is below a half.

    >>> ratio(1.234), ratio(0.0023), ratio(0.98), ratio(27.4)
    ('1.2', '1/430', '0.98', '27')
    """
    return figures(value) if value >= 0.5 else f"1/{figures(1 / value)}"


def figures(value):
    """Write a number with two figures, and without an exponent.

    >>> figures(0.01234), figures(12345), figures(3.0)
    ('0.012', '12000', '3')
    """
    return f"{float(f'{value:.2g}'):.10g}"
