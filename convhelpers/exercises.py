"""With this module one can find every exercise of the course by its lesson."""

from convhelpers import (
    depth_exercises,
    im2col_exercises,
    neuron_exercises,
    product_exercises,
    window_exercises,
)

LESSONS = {
    "01_elementwise_vs_dot": product_exercises,
    "02_convolution_2d": window_exercises,
    "03_depth_and_1x1": depth_exercises,
    "04_im2col": im2col_exercises,
    "05_fully_connected": neuron_exercises,
}
