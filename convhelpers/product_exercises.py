"""With this module one can do the exercises of lesson 1: which products are made, and which of them are added."""

import numpy as np

from convhelpers import exercise
from convhelpers.exercise import Exercise, with_fractions_cut_off

WINDOW = np.array([[4, 5], [7, 8]])
KERNEL = np.array([[2, 1], [3, -2]])
for given in (WINDOW, KERNEL):  # the lesson shows them
    given.setflags(write=False)


# One number for a window


def one_number_right():
    """What the network computes."""
    return (WINDOW * KERNEL).sum()


def one_number_not_added():
    """That is the element-wise product. The network adds its numbers up to one."""
    return WINDOW * KERNEL


def one_number_by_matrix_product():
    """These are the entries of the matrix product, added. Here each number meets only the weight that lies on it."""
    return (WINDOW @ KERNEL).sum()


def one_number_as_a_matrix():
    """That is the matrix product: rows have met columns."""
    return WINDOW @ KERNEL


def one_number_turned():
    """You turned the kernel by 180° before you laid it on. Lay it on as it is."""
    return (WINDOW * KERNEL[::-1, ::-1]).sum()


def one_number_without_weights():
    """You added the window. Multiply each number by its weight first."""
    return WINDOW.sum()


one_number = Exercise(
    "One number for a window",
    task="What number does a network compute from this window and this kernel?",
    right=one_number_right,
    mistakes=[
        one_number_not_added,
        one_number_by_matrix_product,
        one_number_as_a_matrix,
        one_number_turned,
        one_number_without_weights,
    ],
    hint="Four numbers, four weights, four products. What becomes of the products?",
    solution="""
# Each number meets the weight that lies on it: 4·2, 5·1, 7·3, 8·(−2). All are added.
number = 4 * 2 + 5 * 1 + 7 * 3 + 8 * -2
""",
    because="Four products, one sum.",
)


# One entry of the matrix product


def entry_right():
    """Row 1 of the window with column 0 of the kernel."""
    return (WINDOW @ KERNEL)[1, 0]


def entry_of_the_elementwise_product():
    """That is the entry of the element-wise product. You multiplied the two numbers at this place."""
    return (WINDOW * KERNEL)[1, 0]


def entry_of_row_with_row():
    """You paired row 1 of the window with a row of the kernel. It meets column 0."""
    return (WINDOW @ KERNEL.T)[1, 0]


def entry_swapped():
    """That is the entry in row 0, column 1. The row is named first."""
    return (WINDOW @ KERNEL)[0, 1]


def entry_counted_from_one():
    """Rows and columns are counted from 0: row 1 is the second one."""
    return (WINDOW @ KERNEL)[0, 0]


def entry_of_the_other_column():
    """That is the entry in column 1 of the right row."""
    return (WINDOW @ KERNEL)[1, 1]


def entry_summed():
    """You added all entries. One of them is asked for."""
    return (WINDOW @ KERNEL).sum()


entry = Exercise(
    "One entry of the matrix product",
    task="What is the entry in row 1, column 0 of `window @ kernel`? Work it out by hand.",
    right=entry_right,
    mistakes=[
        entry_of_the_elementwise_product,
        entry_of_row_with_row,
        entry_swapped,
        entry_of_the_other_column,
        entry_counted_from_one,
        entry_summed,
    ],
    hint="Write down row 1 of the window, and column 0 of the kernel. They meet place by place.",
    solution="""
# Row 1 of the window is 7, 8. Column 0 of the kernel is 2, 3.
value = 7 * 2 + 8 * 3
""",
    because="A whole row has met a whole column. In the network's sum, the 7 meets the 3 alone.",
)


# How many, of how many

A_SHAPE, B_SHAPE = (2, 3), (3, 4)


def counts_right():
    """One number for each row of A and column of B, of as many products as a row of A is long."""
    return (np.ones(A_SHAPE) @ np.ones(B_SHAPE)).size, A_SHAPE[1]


def counts_swapped():
    """Right numbers, wrong order: first how many come out."""
    return counts_right()[::-1]


def counts_of_all_products():
    """You counted the products of all numbers together. Each number has its own: a row of A with a column of B."""
    n_outputs, n_products = counts_right()
    return n_outputs, n_outputs * n_products


def counts_not_added():
    """You counted all products. They are added, a few at a time, to fewer numbers."""
    n_outputs, n_products = counts_right()
    return n_outputs * n_products, 1


def counts_with_rows():
    """You counted the rows of A. But a product belongs to each place along a row, where it meets a column of B."""
    return counts_right()[0], A_SHAPE[0]


def counts_with_columns():
    """You counted the columns of B. But a product belongs to each place down a column, where it meets a row of A."""
    return counts_right()[0], B_SHAPE[1]


def counts_elementwise():
    """That is an element-wise product, which adds nothing. It cannot even be made from these two shapes."""
    return A_SHAPE[0] * A_SHAPE[1], 1


def counts_of_one_sum():
    """That is one sum over all of A. A matrix product has a number for each row of A and each column of B."""
    return 1, A_SHAPE[0] * A_SHAPE[1]


counts = Exercise(
    "How many numbers, of how many products",
    task="A has the shape (2, 3), B the shape (3, 4). How many numbers has `A @ B`, and how many products are added "
    "for each? Give a pair, such as (1, 9).",
    right=counts_right,
    mistakes=[
        counts_swapped,
        counts_of_all_products,
        counts_not_added,
        counts_with_rows,
        counts_with_columns,
        counts_elementwise,
        counts_of_one_sum,
    ],
    hint="One number for each pair of a row of A and a column of B. How long is a row of A?",
    solution="""
# 2 rows of A with 4 columns of B. A row of A holds 3 numbers, and so does a column of B.
pair = (2 * 4, 3)
""",
    because="2 rows with 4 columns, and 3 products for each: the two 3s must agree.",
)


# The sum of products, for any shape


def add_products_right(window, kernel):
    """The same pairs whatever the shape, all added."""
    return (window * kernel).sum()


def add_products_not_added(window, kernel):
    """That is the element-wise product. Add its numbers up to one."""
    return window * kernel


def add_products_as_matrix(window, kernel):
    """That is what `@` makes: the matrix product of two grids."""
    return window @ kernel


def add_products_by_dot(window, kernel):
    """That is what `np.dot` makes: of two grids the matrix product, of three axes something larger."""
    return np.dot(window, kernel)


def add_products_of_matrix(window, kernel):
    """You added the entries of the matrix product. Other pairs have met there."""
    return (window @ kernel).sum()


def add_products_of_dot(window, kernel):
    """You added all that `np.dot` gives. Other pairs have met there."""
    return np.dot(window, kernel).sum()


def add_products_along_one_axis(window, kernel):
    """You added along one axis only. The others are left."""
    return (window * kernel).sum(axis=0)


def add_products_turned(window, kernel):
    """You turned the kernel before you laid it on. Each number meets the weight at its own place."""
    return (window * np.flip(kernel)).sum()


add_products_truncated = with_fractions_cut_off(add_products_right)


add_products = Exercise(
    "The sum of products, for any shape",
    task="Write `add_products(window, kernel)`: one number from two arrays of the same shape, with any number of axes.",
    right=add_products_right,
    mistakes=[
        add_products_not_added,
        add_products_as_matrix,
        add_products_by_dot,
        add_products_of_matrix,
        add_products_of_dot,
        add_products_along_one_axis,
        add_products_turned,
        add_products_truncated,
    ],
    cases=[
        (WINDOW, KERNEL),
        (np.array([3, -1, 2, 5]), np.array([1, 4, 0, -2])),
        (np.array([[6, 3], [4, 2]]), np.array([[2, 0.5], [-1, 4]])),
        (np.array([[1, 2, 0], [4, -1, 3]]), np.array([[0, 1, 5], [2, 3, -2]])),
        (np.arange(9).reshape(3, 3), np.array([[1, 0, 2], [-1, 3, 1], [0, 2, -2]])),
        (np.arange(12).reshape(2, 3, 2) % 5, np.arange(12, 0, -1).reshape(2, 3, 2) % 7),
        (np.arange(27).reshape(3, 3, 3) % 10, np.arange(27, 0, -1).reshape(3, 3, 3) % 7),
    ],
    hint="`*` makes the right products, for any shape. What is left to do?",
    solution="""
def add_products(window, kernel):
    total = 0
    for place in np.ndindex(window.shape):
        total += window[place] * kernel[place]
    return total  # in short: (window * kernel).sum(), or np.vdot(window, kernel)
""",
    because="The same pairs, whatever the shape: the dot product of the two arrays, read as vectors.",
)


EXERCISES = (one_number, entry, counts, add_products)


def progress():
    """Say which exercises of this lesson are right in this kernel."""
    return exercise.progress(EXERCISES)
