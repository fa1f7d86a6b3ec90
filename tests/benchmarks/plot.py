"""With this module one can draw measurements as ratios on a logarithmic axis, with the line at 1."""

import io

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator
from table import ratio

from convhelpers.pictures import INK, STRONG
from convhelpers.stills import EDGE, QUIET

WIDTH = 850 / 96  # inches, as wide as GitHub shows a README
ROW = 0.36  # inches
# Texts stay texts; the file is the same for the same numbers.
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "convhelpers", "font.family": ["DejaVu Sans", "sans-serif"]}


def plot(groups):
    """Return rows (group → rows) as an SVG: a dot for each ratio, a bar for its spread, by groups."""
    with matplotlib.rc_context(STYLE):
        n_lines = sum(len(rows) + 1 for rows in groups.values())
        height = (n_lines + 2) * ROW
        figure = Figure(figsize=(WIDTH, height), facecolor="white")
        axes = figure.add_axes((0.46, 1.4 * ROW / height, 0.42, 1 - 2 * ROW / height), facecolor="white")
        axes.set_ylim(n_lines - 0.3, -0.5)
        line = 0
        for group, rows in groups.items():
            axes.annotate(group, (0, line), (-280, -3), **AT_AXIS, color=INK, size=11, weight="bold")
            for place, row in enumerate(rows, line + 1):
                draw_row(axes, row, place)
            line += len(rows) + 1
        finish(axes)
        svg = io.StringIO()
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    return svg.getvalue()


# A text beside the axis: across in points from its left end, down by the line.
AT_AXIS = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "annotation_clip": False}


def draw_row(axes, row, place):
    color = STRONG["output"] if row.ratio <= 1 else STRONG["right"]
    axes.plot(row.ratio_spread, (place, place), color=color, linewidth=3, alpha=0.45, solid_capstyle="round")
    axes.plot(row.ratio, place, "o", color=color, markersize=8.5)
    axes.annotate(row.what, (0, place), (-10, 1), **AT_AXIS, ha="right", color=INK, size=10)
    axes.annotate(f"beside {row.beside}", (0, place), (-10, -9), **AT_AXIS, ha="right", color=QUIET, size=8.5)
    axes.annotate(ratio(row.ratio), (1, place), (6, -3), **AT_AXIS, color=color, size=10, weight="bold")


def finish(axes):
    axes.set_xscale("log")
    axes.axvline(1, color=INK, linewidth=1.5, zorder=0)
    axes.grid(axis="x", color=EDGE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: ratio(value)))
    axes.xaxis.set_major_locator(LogLocator(base=100))
    axes.minorticks_off()
    axes.tick_params(colors=INK, labelsize=10, length=0)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.set_xlabel("ours ÷ what stands beside it: left of 1, ours takes less", color=INK, size=10)
