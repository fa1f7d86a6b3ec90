"""Shows what convolutions, dot products and element-wise products really pair, number by number.

The modules in reading order (each imports only from those above it):

    conventions        what axes, padding and orders mean, here and in other libraries
    geometry           padding, stride and dilation: where a window stands, and what is left over
    signals            the named inputs and kernels of the lessons, and one photograph
    operands           what may be passed as numbers, checked once at the border
    im2col             im2col and col2im: every window in a column, and back
    arithmetic         correlate2d, convolve2d, conv2d, linear: fast, for any size
    pairing            which element meets which: one table, one builder an operation
    texts              any text shown as text: all of it seen, nothing around it moved
    trace              a pairing with its numbers: products, running sums, output
    wording            numbers, terms and steps in words, the same everywhere
    predictions        the wrong numbers that learners predict, and what each comes from
    panels             what a picture is made of: panels of grids, and which cells a step lights
    layouts            which panels a trace has: the window, im2col, the fully connected matrix
    pictures           images and curves, each with a text that stands in for it
    stills             a step of a trace drawn, standing still
    scene              a trace written down for the browser
    sizes              how large a view is when nobody says it
    packing            a script and its style sheets as the one module that a browser runs
    stepper            the live view that steps a trace in the browser
    controls           the frame of every explorer: controls above a view
    image_explorers    the explorers of lessons 1 and 2
    layer_explorers    the explorers of lessons 3 to 5
    explore            a stepper with controls: kernel, stride, depth, patch size, neuron
    question           a multiple-choice question, with a reason for each choice
    questions          the quick questions of the lessons
    feedback           how an answer was, in a short note with a sign and a word
    check              compares an answer with the right one and with known wrong ones
    exercise           a task with its right answer, known mistakes, hint and solution
    product_exercises  the exercises of lesson 1
    window_exercises   the exercises of lesson 2
    depth_exercises    the exercises of lesson 3
    im2col_exercises   the exercises of lesson 4
    neuron_exercises   the exercises of lesson 5
    exercises          the exercises of all lessons
    lessons            finds a lesson by its number, its name or its path
    store              runs the notebooks afresh and stores them in one form
    solve              writes copies of the lessons with every exercise solved
    recording          what an explorer shows under each of a few choices
    live               the widgets of a notebook that has run, as data for a page
    pages              a lesson that has run as one file of HTML: a page, or a deck of slides
    export             writes lessons as pages and decks that need nothing but a browser
    environment        makes .venv once, and says whether it is complete
    launcher           starts JupyterLab, the tests and the other commands in .venv
    __main__           python3 -m convhelpers: looks at Python's version, then starts the launcher

This file imports nothing, and it is plain ASCII without new syntax: an old Python reads it before
__main__ can say that it is too old.
"""
