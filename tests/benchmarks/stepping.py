"""The stepper in real JupyterLab beside a plain `interact` + `plt.subplots` stepper, on a link without and with delay.

Both stand in one notebook, in one page, and take turns.
"""

from functools import partial

from in_lab import INTERACT, INTERACT_NAME, INTERACT_SETUP, SETUP, STEPPER, lab
from measuring import Row, Summary

# Root and the element that takes the keys, of either; the pause after each key lets what it asked for come to its end.
STEPPERS = {
    "ours": {"root": ".chs-stepper", "target": ".chs-stepper", "n_keys": 96, "pause_ms": 20},
    "theirs": {
        "root": ".widget-interact .jp-OutputArea",
        "target": ".plain .noUi-handle",
        "n_keys": 16,
        "pause_ms": 250,
    },
}
LINKS = {"no delay": 0, "200 ms link": 0.1}  # seconds in each direction
N_ROUNDS = 2
# What a root shows, and a key that goes eight steps right, then eight steps left.
COMMON = """
    const node = document.querySelector(root);
    const shown = () => node.querySelector('img')?.src ?? node.textContent;
    const press = (index) => {
        const key = index % 16 < 8 ? 'ArrowRight' : 'ArrowLeft';
        const keyCode = key === 'ArrowRight' ? 39 : 37;
        document.querySelector(target).dispatchEvent(
            new KeyboardEvent('keydown', { key, keyCode, bubbles: true, cancelable: true }));
    };
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
"""
# From the key event to the first mutation after which the page shows something else: another text, another picture.
KEYS = f"""async ({{ root, target, n_keys, pause_ms }}) => {{
    {COMMON}
    const times = [];
    for (let index = 0; index < n_keys; index++) {{
        times.push(await new Promise((resolve) => {{
            const before = shown();
            const start = performance.now();
            const observer = new MutationObserver(() => {{
                if (shown() === before || shown() === '') return;
                observer.disconnect();
                resolve(performance.now() - start);
            }});
            observer.observe(node, {{ subtree: true, childList: true, characterData: true, attributes: true }});
            press(index);
        }}));
        await pause(pause_ms);
    }}
    return times;
}}"""
# 48 keys at 20 a second, as a held key sends them: milliseconds for each new state that a frame shows.
HELD = f"""async ({{ root, target }}) => {{
    {COMMON}
    const start = performance.now();
    let last = shown(), states = 0, index = 0, end = null;
    while (end === null || states === 0) {{
        await new Promise(requestAnimationFrame);
        if (shown() !== last && shown() !== '') {{
            states++;
            last = shown();
        }}
        const due = Math.floor((performance.now() - start) / 50);
        if (index < 48 && index <= due) press(index++);
        if (due >= 48) end = performance.now();
    }}
    return (performance.now() - start) / states;
}}"""


def rows():
    """Measure single keys and a held key on each link."""
    with lab() as (opened, link):
        notebook = opened(SETUP, STEPPER, INTERACT_SETUP, INTERACT)
        notebook.run_all()
        notebook.page.wait_for_selector(".plain .noUi-handle")
        notebook.page.wait_for_selector(".widget-interact img")
        for name, delay_s in LINKS.items():
            link.delay_s = delay_s
            yield from rows_of_link(notebook.page, name)


def rows_of_link(page, name):
    single, held = {who: [] for who in STEPPERS}, {who: [] for who in STEPPERS}
    for _ in range(N_ROUNDS):
        for who, stepper in STEPPERS.items():
            single[who] += page.evaluate(KEYS, stepper)
            held[who].append(page.evaluate(HELD, stepper))
    row = partial(Row, beside=INTERACT_NAME, unit="ms")
    summed = {who: Summary.of(values) for who, values in single.items()}
    yield row(f"key to changed picture, {name}", ours=summed["ours"], theirs=summed["theirs"])
    summed = {who: Summary.of(values) for who, values in held.items()}
    yield row(f"20 keys a second, time a picture, {name}", ours=summed["ours"], theirs=summed["theirs"])
