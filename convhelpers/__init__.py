"""Shows what convolutions, dot products and element-wise products really pair, number by number.

The modules in reading order (each imports only from those above it):

    geometry     padding, stride and dilation: where a window stands, and what is left over
    signals      the named inputs and kernels of the lessons, and one photograph
    operands     what may be passed as numbers, checked once at the border
    arithmetic   correlate2d, convolve2d, conv2d, linear: fast, for any size
    pairing      which element meets which: one table, one builder an operation
    trace        a pairing with its numbers: products, running sums, output
    wording      numbers, terms and steps in words, the same everywhere
    panels       what a picture shows of a trace: which grids, labels and cells
    pictures     panels drawn by matplotlib
    scene        a trace written down for the browser
    stepper      the live view that steps a trace in the browser
    explore      a stepper with controls for kernel, padding, stride and dilation
    store        runs the notebooks afresh and stores them in one form
    environment  makes .venv once, and says whether it is complete
    launcher     starts JupyterLab, the tests or store in .venv
    __main__     python3 -m convhelpers: looks at Python's version, then starts the launcher

This file imports nothing, and it is plain ASCII without new syntax: an old Python reads it before
__main__ can say that it is too old.
"""
