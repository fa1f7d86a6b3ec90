"""The colours that mean something stay apart for colour-blind eyes, in the live view and in still pictures.

Simulated as in Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color
Vision Deficiency", IEEE TVCG 15 (2009), severity 1.0, on linear RGB. Distances are CIEDE2000, as in G. Sharma, W. Wu,
E. N. Dalal, "The CIEDE2000 Color-Difference Formula", Color Research and Application 30 (2005); from its table are the
test values. A difference of 1 can just be seen, with the two side by side. No colour is the only sign: what else tells
states apart is tested in the browser, and panels have titles.
"""

import itertools
import re

import numpy as np
import pytest

from convhelpers import pictures, stills
from convhelpers.packing import sheet

SIMULATED = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
ROLES = ("left", "right", "products", "output")
# IEC 61966-2-1: what linear RGB is in the colours of an average eye, with white at (0.9505, 1, 1.089).
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
FLOOR = 6  # between the colours of two roles


def linear(color):
    """The shares of red, green and blue in "#rrggbb", as amounts of light."""
    share = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(light):
    """CIELAB of linear RGB."""
    ratio = TO_XYZ @ light / TO_XYZ.sum(axis=1)
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(first, second):
    """The difference of two colours in CIELAB, by the formulas (2) to (22) of Sharma, Wu and Dalal."""
    (L1, a1, b1), (L2, a2, b2) = first, second
    mean_chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    G = 0.5 * (1 - np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25**7)))
    C1, C2 = np.hypot((1 + G) * a1, b1), np.hypot((1 + G) * a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, (1 + G) * a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = 0 if C1 * C2 == 0 else (h2 - h1 + 180) % 360 - 180
    if turn == -180 and h2 - h1 == 180:
        turn = 180
    dL, dC, dH = L2 - L1, C2 - C1, 2 * np.sqrt(C1 * C2) * np.sin(np.radians(turn / 2))
    L, C = (L1 + L2) / 2, (C1 + C2) / 2
    h = h1 + h2 if C1 * C2 == 0 else (h1 + turn / 2) % 360
    cosines = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    T = 1 + sum(weight * np.cos(np.radians(times * h + shift)) for weight, times, shift in cosines)
    R = -2 * np.sqrt(C**7 / (C**7 + 25**7)) * np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2))))
    lightness = dL / (1 + 0.015 * (L - 50) ** 2 / np.sqrt(20 + (L - 50) ** 2))
    c, t = dC / (1 + 0.045 * C), dH / (1 + 0.015 * C * T)
    return np.sqrt(lightness**2 + c**2 + t**2 + R * c * t)


def distance(first, second, eyes):
    """How far two colours "#rrggbb" lie apart for eyes of `SIMULATED`."""
    seen = (np.clip(np.array(SIMULATED[eyes]) @ linear(color), 0, 1) for color in (first, second))
    return ciede2000(*map(lab, seen))


def palette(theme):
    """The colours of base.css in a theme, by their names."""
    found = re.findall(r"--([\w-]+):light-dark\((#[0-9a-f]{6}),(#[0-9a-f]{6})\)", sheet("base"))
    return {name: pair[theme == "dark"] for name, *pair in found}


def contrast(first, second):
    """The contrast ratio of WCAG 2.2."""
    light = sorted(linear(color) @ (0.2126, 0.7152, 0.0722) for color in (first, second))
    return (light[1] + 0.05) / (light[0] + 0.05)


# The tools


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, -0.001, 2.49), (50, 0.0009, -2.49), 4.8045),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (61, -5, 29), 22.8977),
        ((50, 2.5, 0), (56, -27, -3), 31.9030),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_distance_is_the_published_one(first, second, expected):
    assert ciede2000(first, second) == pytest.approx(expected, abs=5e-5)
    assert ciede2000(second, first) == pytest.approx(expected, abs=5e-5)


def test_the_simulation_keeps_grey_and_takes_away_what_it_should():
    for matrix in SIMULATED.values():
        assert np.sum(matrix, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)  # a well-known triple
    red, green, usual = "#c83737", "#5c7a1f", distance("#c83737", "#5c7a1f", "usual")
    assert distance(red, green, "deuteranopia") < usual / 3 < distance(red, green, "tritanopia")


# The colours


@pytest.mark.parametrize("eyes", SIMULATED)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_four_roles_stay_apart(theme, eyes):
    colors = palette(theme)
    for first, second in itertools.combinations((*ROLES, "ink"), 2):
        assert distance(colors[first], colors[second], eyes) >= FLOOR, (first, second)


@pytest.mark.parametrize("eyes", SIMULATED)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_right_and_wrong_stay_apart(theme, eyes):
    """In a question and in a note they are the colours of outputs and of weights."""
    colors = palette(theme)
    assert distance(colors["output"], colors["right"], eyes) >= 2 * FLOOR
    assert distance(colors["output"], colors["left"], eyes) >= FLOOR  # a note on what is not answered yet


@pytest.mark.parametrize("eyes", SIMULATED)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_current_cell_stands_out_from_its_neighbours(theme, eyes):
    colors = palette(theme)
    for role in ROLES:
        soft, full = colors[f"{role}-soft"], colors[f"{role}-full"]
        assert distance(soft, full, eyes) >= 5, role
        assert distance(colors["plain"], full, eyes) >= 10, role


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_that_mean_something_stand_out(theme):
    """3 to 1 (WCAG 2.2, 1.4.11), on a view's own ground and on what a page may have behind it."""
    colors = palette(theme)
    for ground in (colors["plain"], "#111111" if theme == "dark" else "#ffffff"):
        for name in (*ROLES, "ink", "quiet", "warning"):
            assert contrast(colors[name], ground) >= 4.5, name


def test_still_pictures_have_the_colours_of_the_light_theme():
    colors = palette("light")
    assert {role: colors[role] for role in ROLES} == pictures.STRONG
    assert {role: colors[f"{role}-soft"] for role in ROLES} == stills.SOFT
    assert {role: colors[f"{role}-full"] for role in ROLES} == stills.FULL
    assert tuple(colors[name] for name in ("ink", "quiet", "edge", "plain")) == (
        pictures.INK,
        stills.QUIET,
        stills.EDGE,
        stills.PLAIN,
    )


def test_curves_differ_in_their_dashes_too():
    assert len(set(pictures.DASHES)) == len(pictures.DASHES) == len(pictures.STRONG)
