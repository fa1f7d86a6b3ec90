"""What a reader waits for before the first step: a view's cell beside a plain figure, a page beside nbconvert's."""

import json
import time
from functools import partial
from pathlib import Path

from exporting import exported
from in_lab import INTERACT_SETUP, SETUP, STEPPER, browser, notebook_of
from measuring import Row, Summary
from nbclient import NotebookClient

from convhelpers.lessons import all_lessons

# In the kernel, where the packages are imported already: a view shown, and the figure of the `interact` stepper.
TURNS = f"""
import dataclasses, json, sys
from IPython.display import display
sys.path.insert(0, {str(Path(__file__).parent)!r})
from measuring import milliseconds, take_turns

candidates = {{"ours": lambda: display({STEPPER}), "theirs": lambda: draw(0)}}
turns = take_turns({{who: milliseconds(show) for who, show in candidates.items()}}, 20, n_warm_up=2)
print(json.dumps({{who: dataclasses.asdict(summary) for who, summary in turns.items()}}))
"""
READY = "() => [...document.querySelectorAll('.chs-stepper')].some((root) => root.checkVisibility())"
LOADED = "() => document.readyState === 'complete'"
# The address of the slide with the first stepper, the first view with a still picture.
SLIDE = """() => {
    const place = (section) => [...section.parentElement.children].indexOf(section);
    const slide = document.querySelector('.mount .still img').closest('section');
    return `${location.href.split('#')[0]}#/${place(slide.parentElement)}/${place(slide)}`;
}"""
N_ROUNDS = 2


def rows():
    """Measure a view in its cell, and exported files, opened from the disk to a stepper that can be used."""
    notebook = notebook_of([SETUP, INTERACT_SETUP, TURNS])
    NotebookClient(notebook, coalesce_streams=True).execute()
    ours, theirs = (Summary(**of_who) for of_who in json.loads(notebook.cells[-1].outputs[-1].text).values())
    yield Row("stepper made and shown, in its cell", ours, "the figure of interact + subplots", theirs, "ms")
    yield from file_rows()


def file_rows():
    """Open the files of all lessons in turns; the figures are those of all lessons together."""
    folder, _ = exported()
    times = {"page": [], "deck": [], "nbconvert": []}
    with browser() as started:
        for path in all_lessons():
            page, deck = folder / f"{path.stem}.html", folder / f"{path.stem}.slides.html"
            candidates = {
                "page": partial(opening, started, page.as_uri(), READY),
                "deck": partial(opening, started, first_slide_with_a_stepper(started, deck.as_uri()), READY),
                "nbconvert": partial(opening, started, (folder / "plain" / page.name).as_uri(), LOADED),
            }
            for _ in range(N_ROUNDS):
                for name, function in candidates.items():
                    times[name].append(function())
    summed = {name: Summary.of(values) for name, values in times.items()}
    for name in ("page", "deck"):
        what = f"exported {name}, until a stepper shows"
        yield Row(what, summed[name], "nbconvert's page, until it is loaded", summed["nbconvert"], "ms")


def first_slide_with_a_stepper(started, address):
    page = started.new_page()
    page.goto(address)
    page.wait_for_selector("html[data-mounted]", state="attached")
    address = page.evaluate(SLIDE)
    page.close()
    return address


def opening(started, address, condition):
    """Return the milliseconds from asking for a file, without a network, to `condition`."""
    context = started.new_context(offline=True, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(condition)
    elapsed = 1000 * (time.perf_counter() - start)
    context.close()
    return elapsed
