"""Pictures looked at by their pixels: a help for the tests of what is drawn."""

import io

import numpy as np
from PIL import Image


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB"))


def rgb(colour):
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def has_colour(picture, colour, tolerance=12):
    """Whether some pixels of the picture come near a colour; the PNG has 128 of them."""
    distance = np.abs(pixels(picture).astype(int) - rgb(colour)).max(axis=-1)
    return (distance <= tolerance).sum() > 10
