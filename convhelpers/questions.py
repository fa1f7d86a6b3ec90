"""With this module one can ask the lessons' quick questions, in the order of the lessons.

Each function makes its question anew, so that a cell that runs again asks again.
"""

from convhelpers.question import Choice, Question

# Lesson 1: element-wise product or dot product?


def place_of_four():
    """Ask where `W * B` has the sum of its products."""
    return Question(
        "The slide says 4 for this window. Where in `W * B` is that 4?",
        [
            Choice(
                "At row 0, column 0",
                "There stands the first product alone, 1 · 1 = 1. The 4 is what all 9 products add to.",
            ),
            Choice(
                "It is all that comes out, one number",
                "`*` adds nothing. As many numbers come out as went in, 9. You would still have to add them.",
            ),
            Choice(
                "Nowhere: 9 products come out, and 4 is their sum",
                "Each number meets the one at the same place, and that is all. Adding is a step of its own.",
                right=True,
            ),
        ],
    )


def sum_of_matrix_entries():
    """Ask what the entries of `W @ B` add to."""
    return Question(
        "What do the 9 entries of `W @ B` add to?",
        [
            Choice(
                "4",
                "The numbers are the same, but not the pairs. `W[0, 1]` now meets all of row 1 of `B`.",
            ),
            Choice(
                "10",
                "Each number of `W` meets a whole row of `B`. That makes 27 products instead of 9.",
                right=True,
            ),
            Choice(
                "12",
                "There are 3 times as many products, 27. But they are not the old 9, repeated: other pairs meet.",
            ),
        ],
    )


def flattened_product():
    """Ask what `@` makes of two vectors."""
    return Question(
        "What is `w @ b`?",
        [
            Choice(
                "10",
                "That was `W @ B`, with rows and columns. Vectors have none: `w[1]` meets `b[1]` and no other number.",
            ),
            Choice("9 products", "That is `w * b`. `@` adds them as well."),
            Choice(
                "A grid of 9 × 9",
                "That is `np.outer(w, b)`: every number with every other. `@` takes the same places, and adds.",
            ),
            Choice(
                "4",
                "Two vectors meet place by place, and all 9 products are added. The same pairs as in `(W * B).sum()`.",
                right=True,
            ),
        ],
    )


def dot_of_three_axes():
    """Ask what shape `np.dot` gives for two arrays with three axes."""
    return Question(
        "`a` has shape (3, 3, 3). What shape has `np.dot(a, a)`?",
        [
            Choice(
                "None: it is a single number",
                "That is what `np.vdot` gives. It flattens both arrays first, `np.dot` does not.",
            ),
            Choice("(3, 3)", "That adds over 2 axes, as `np.tensordot` does with `axes=2`. `np.dot` adds over one."),
            Choice(
                "(3, 3, 3)", "That is what `a @ a` gives, grid by grid. `np.dot` takes every grid with every other."
            ),
            Choice(
                "(3, 3, 3, 3)",
                "`np.dot` adds over one axis of each array. The other 2 of each stay: 81 numbers, and no warning.",
                right=True,
            ),
        ],
    )


# Lesson 2: two-dimensional convolution


def window_of_an_output():
    """Ask which part of the image an output cell looks at."""
    return Question(
        "Output cell (2, 0): which part of the image does its window cover?",
        [
            Choice(
                "Rows 1 to 3, columns −1 to 1",
                "That window has its middle at (2, 0). An output cell names the window's top left corner.",
            ),
            Choice(
                "Rows 0 to 2, columns 2 to 4", "Row comes first, then column. This window belongs to output (0, 2)."
            ),
            Choice(
                "Rows 6 to 8, columns 0 to 2",
                "That goes on by a whole window each time. The window moves by one row, or one column.",
            ),
            Choice(
                "Rows 2 to 4, columns 0 to 2",
                "The window's top left corner stands at (2, 0). From there it covers 3 rows and 3 columns.",
                right=True,
            ),
        ],
    )


def fractional_size():
    """Ask what becomes of a size that does not divide."""
    return Question(
        "4 rows, a kernel of 3 rows, stride 2: how many rows has the output?",
        [
            Choice("1", "The window stands on rows 0 to 2. Row 3 is left over, and no error says so.", right=True),
            Choice("2", "A second window would stand on rows 2 to 4, and there is no row 4. So 1.5 is not rounded up."),
            Choice(
                "None: 1.5 is an error",
                "Some notes call such a size invalid. The code does not complain, and leaves out what does not fit.",
            ),
        ],
    )


def size_with_full_padding():
    """Ask how large the output is with the most padding."""
    return Question(
        'The image is 5 × 5, the kernel 3 × 3. How large is the output with "full"?',
        [
            Choice(
                "5 × 5", 'That is "same". With "full", a window counts even if it touches the image in a single cell.'
            ),
            Choice(
                "7 × 7",
                "2 rows of zeros above and 2 below make 9 rows. A window of 3 rows finds 9 − 3 + 1 = 7 places there.",
                right=True,
            ),
            Choice("8 × 8", "5 + 3 is one place too many: at one of them, the window would not touch the image."),
            Choice(
                "9 × 9",
                "So large is the image with its zeros, 2 on each side. A window of 3 rows finds fewer places in it.",
            ),
        ],
    )


def function_of_the_formula():
    """Ask which of SciPy's functions computes the formula of the lesson."""
    return Question(
        "Which function gives the formula's first output?",
        [
            Choice(
                "`convolve2d` alone: the formula is a convolution",
                "So the answer says. But `convolve2d` turns the kernel before it lays it on, and gives 5.",
            ),
            Choice(
                "Both, as with the question's numbers",
                "There the kernel looks the same after half a turn. This one does not.",
            ),
            Choice(
                "`correlate2d` alone",
                "The formula gives 19. It lays the kernel on as it is, and so does `correlate2d`.",
                right=True,
            ),
        ],
    )


def kernel_that_tells():
    """Ask which kernel shows whether a library turns it."""
    return Question(
        "You want to know whether a library turns the kernel. Which kernel tells you?",
        [
            Choice(
                "`[[1, 2], [2, 1]]`",
                "Half a turn exchanges equal numbers. The same kernel comes out, so both ways agree.",
            ),
            Choice(
                "`[[1, 2], [2, 3]]`",
                "It equals its transpose, but half a turn makes `[[3, 2], [2, 1]]` of it. Only the turn counts.",
                right=True,
            ),
            Choice("`[[1, 1], [1, 1]]`", "However you turn it, it looks the same. So both ways agree."),
        ],
    )


# Lesson 3: depth and 1 × 1 convolutions


def numbers_from_one_place():
    """Ask how many numbers a window through three channels gives."""
    return Question(
        "How many numbers does this one place of the window give?",
        [
            Choice("1", "All 27 products are added, through all channels.", right=True),
            Choice("27", "These are the products, one for each weight. The layer adds them."),
            Choice("3", "These are the subtotals, one for each channel. The layer adds them, too."),
            Choice("9", "That adds down the depth of each pixel, and stops. The layer adds these, too."),
        ],
    )


def bias_once():
    """Ask how often a bias is added."""
    return Question(
        "The 27 products add to 9, and the bias of this filter is 1. What is the output?",
        [
            Choice("36", "That adds the bias to each of the 27 products, as if every weight had one."),
            Choice("18", "That adds the bias for each of the 9 pixels in the window."),
            Choice(
                "12", "That adds the bias for each of the 3 channels. It belongs to the whole filter, not to a slice."
            ),
            Choice("10", "One filter, one bias, added once to the finished sum.", right=True),
        ],
    )


def shape_after_one_by_one():
    """Ask what shape a 1 × 1 convolution gives."""
    return Question(
        "`x` has shape (3, 4, 5). One 1 × 1 filter goes over it. What shape comes out?",
        [
            Choice(
                "(3, 4, 5)",
                "That only multiplies each channel by its weight. The layer adds the 3 products of a pixel.",
            ),
            Choice("(1, 4, 5)", "Every pixel is a window of its own, and one filter gives one channel.", right=True),
            Choice("(1, 2, 3)", "So many places has a window of 3 × 3. A window of one pixel finds more."),
            Choice(
                "(1, 1, 1)",
                "1 × 1 is the size of the window, not of the output. The window stands on all 20 pixels in turn.",
            ),
        ],
    )


def ones_down_the_depth():
    """Ask what a 1 × 1 filter of ones does."""
    return Question(
        "Down the depth of a pixel stand 1, 0 and 2. The filter has the weights 1, 1 and 1. What comes out?",
        [
            Choice("1, the mean", "For the mean, each weight would have to be 1/3. Here nothing is divided."),
            Choice(
                "1, 0 and 2, as before",
                "Times 1 changes nothing, that is true. But then the layer adds down the depth.",
            ),
            Choice(
                "3, the sum",
                "The layer mixes the channels. Only with a single channel does the weight 1 do nothing.",
                right=True,
            ),
        ],
    )


def parameters_of_a_layer():
    """Ask for the number of weights and biases."""
    return Question(
        "2 filters, 3 channels, a kernel of 3 × 3: how many parameters has the layer?",
        [
            Choice(
                "20", "That is 2 · 9 weights and 2 biases, with one slice a filter. But a filter has 3 slices here."
            ),
            Choice("54", "These are the weights, 2 · 27. The biases are learned as well."),
            Choice("56", "2 filters, each with 27 weights and one bias.", right=True),
            Choice("60", "That gives each of the 6 slices a bias. But a filter has one, for all its slices."),
        ],
    )


# Lesson 4: im2col


def shape_of_the_columns():
    """Ask what shape `X_col` has."""
    return Question(
        "The image is 3 × 4, the window 2 × 2. What shape has the new matrix?",
        [
            Choice("(4, 2)", "That puts the windows side by side. They overlap: the window moves by one cell."),
            Choice(
                "(4, 12)",
                "That has a window for each of the 12 pixels. But a window needs room to the right and below.",
            ),
            Choice("(6, 4)", "That has the windows as rows. Here each becomes a column."),
            Choice(
                "(4, 6)", "2 places down and 3 across make 6 columns. Each holds the 4 numbers of a window.", right=True
            ),
        ],
    )


def turned_filters():
    """Ask what comes out if the filters are turned first."""
    return Question(
        "You turn the filters by 180° and then flatten them. What does the matrix product give?",
        [
            Choice(
                "The layer: a convolution turns its kernel",
                "In mathematics it does. A layer lays its filters on as they are, and im2col does not change that.",
            ),
            Choice(
                "`convolve2d`",
                "It turns the kernel, then multiplies and adds: the same. The layer does not turn.",
                right=True,
            ),
            Choice(
                "Neither: the order of the columns no longer fits",
                "Each place of the window still meets one weight. It is the weight that the turn has put there.",
            ),
        ],
    )


def filters_in_another_order():
    """Ask what comes out if filters and windows are flattened in different orders."""
    return Question(
        "The filters are read with the channel last, the windows with the channel first. What comes out?",
        [
            Choice(
                "Wrong numbers, and no error",
                "27 numbers meet 27, but not their partners. Of 12 results, 10 are wrong, and 2 right by chance.",
                right=True,
            ),
            Choice(
                "An error: the orders do not fit",
                "A row still has 27 numbers, and so has a column. The product checks nothing else.",
            ),
            Choice(
                "The right numbers: a sum does not ask for the order",
                "You may add in any order. But here each weight meets another number before anything is added.",
            ),
        ],
    )


def columns_from_matlab():
    """Ask how to read a filter for columns in MATLAB's order."""
    return Question(
        "How must you read filter 0, and in which order do the 6 numbers come out?",
        [
            Choice(
                "Across, as always here",
                "A column of `X_matlab` is a window read down. Then the filter must be read down, or other pairs meet.",
            ),
            Choice(
                "Down, and they come out row by row",
                "The pairs are right. But in MATLAB the window itself goes down first, from one place to the next.",
            ),
            Choice(
                "Down, and they come out column by column",
                "Filter and windows are read alike, so the numbers are right. They fill the output down its columns.",
                right=True,
            ),
        ],
    )


def ones_there_and_back():
    """Ask what `col2im` makes of the columns of an image of ones."""
    return Question(
        "The image is all ones. What comes out after `im2col` and `col2im`?",
        [
            Choice(
                "Ones: the way back undoes the way there",
                "It would, if each pixel had one copy only. Where several copies come back, they are added.",
            ),
            Choice(
                "1 in the corners, 2 on the edges, 4 in the middle",
                "Each pixel gets back one for each of its copies. So `col2im` is not the inverse of `im2col`.",
                right=True,
            ),
            Choice(
                "4 everywhere, one for each cell of the window",
                "That is right in the middle. At the edge, fewer windows see a pixel.",
            ),
        ],
    )


# Lesson 5: fully connected layers


def product_for_a_batch():
    """Ask how to multiply a batch with the weights."""
    return Question(
        "Which product gives the outputs, with a row for each input?",
        [
            Choice("`weight @ batch`", "It fails: rows of 4 numbers would meet columns of 2."),
            Choice(
                "`batch @ weight.T`",
                "The columns of `weight.T` are the neurons. (2, 4) with (4, 3) gives (2, 3).",
                right=True,
            ),
            Choice("`batch @ weight`", "It fails: rows of 4 numbers would meet columns of 3."),
            Choice(
                "`weight @ batch.T`", "The right pairs meet, but the result has shape (3, 2): a row for each neuron."
            ),
        ],
    )


def weights_in_the_matrix():
    """Ask how many weights of a convolution's matrix are not 0, and how many are different."""
    return Question(
        "Of the 72 weights, how many are not 0? And how many different numbers are among those?",
        [
            Choice(
                "4 are not 0, all different",
                "So many has the kernel. But each of the 6 rows has its window, and needs them all.",
            ),
            Choice(
                "24 are not 0, all different",
                "6 · 4 is right. But the kernel goes along from window to window, so the rows share its weights.",
            ),
            Choice(
                "24 are not 0, with 4 different numbers",
                "Each of the 6 rows has the 4 weights of the kernel, and 8 zeros.",
                right=True,
            ),
            Choice(
                "72 are not 0, with 4 different numbers",
                "A window covers 4 of the 12 pixels. The other 8 weights of its row are 0.",
            ),
        ],
    )


def one_by_one_instead():
    """Ask what becomes of a fully connected layer if a 1 × 1 convolution takes its place."""
    return Question(
        "Three 1 × 1 filters on 2 channels of 3 × 2: how many weights, and what shape comes out?",
        [
            Choice(
                "6 weights, shape (3, 3, 2)",
                "Each filter has a weight for each of the 2 channels, and stands on every pixel in turn.",
                right=True,
            ),
            Choice(
                "6 weights, shape (3, 1, 1)",
                "1 × 1 is the size of the window, not of the output. The window stands on all 6 pixels in turn.",
            ),
            Choice(
                "36 weights, shape (3, 1, 1)",
                "That is the fully connected layer, a kernel of 3 × 2. A kernel of 1 × 1 sees one pixel at a time.",
            ),
            Choice(
                "3 weights, shape (3, 3, 2)",
                "A filter reaches through all channels, even if it is 1 × 1. So each has 2 weights.",
            ),
        ],
    )


def volume_in_another_order():
    """Ask what comes out if a volume is flattened in another order than the weights expect."""
    return Question(
        "The same 12 numbers in another order, the same weights. What comes out?",
        [
            Choice(
                "An error: the order does not fit",
                "There are 12 numbers for 12 weights. `linear` cannot see where each of them comes from.",
            ),
            Choice(
                "The same 3 outputs: a sum does not ask for the order",
                "You may add in any order. But the weights have stayed in theirs, so each meets another number.",
            ),
            Choice(
                "3 other outputs, and no error",
                "Other pairs meet, and all 3 outputs are wrong. Bring volume and weights into one order.",
                right=True,
            ),
        ],
    )


def weights_and_work():
    """Ask which layer has the most weights, and which takes the most multiplications."""
    return Question(
        "Which of the three layers has the most weights, and which takes the most multiplications?",
        [
            Choice(
                "The fully connected layer, for both",
                "It has the most weights, over 100 million. But it uses each of them only once.",
            ),
            Choice(
                "Most weights: the fully connected layer; most multiplications: the 1 × 1 convolution",
                "It is used at 49 places, but has 49 times fewer weights. That comes to the same number of products.",
            ),
            Choice(
                "The 3 × 3 convolution, for both",
                "It has little more than 2 million weights, the fully connected layer over 100 million.",
            ),
            Choice(
                "Most weights: the fully connected layer; most multiplications: the 3 × 3 convolution",
                "The convolution uses each of its few weights at 196 places: over 460 million multiplications.",
                right=True,
            ),
        ],
    )
