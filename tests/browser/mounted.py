"""With this module one can mount a view alone in a blank page: no server, no kernel, no anywidget.

A model of ten lines stands in for anywidget's: `get`, `set`, `save_changes`, `send`, `on`, `off`. Pages take long to
open, so the tests of a file share one, conftest.py's `shared_page`, and each begins with a new document in it: `blank`.
"""

import json

from convhelpers.packing import module
from convhelpers.recording import plain

MODEL = """
window.modules = new Map();
window.mount = async (source, state) => {
    const decode = (value) => value && value.base64 !== undefined
        ? new DataView(Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0)).buffer)
        : Array.isArray(value) ? value.map(decode)
        : value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, decode(v)]))
        : value;
    const data = decode(state), handlers = {}, sent = [];
    const model = {
        get: (name) => data[name],
        set(name, value) {
            if (data[name] === value) return;
            data[name] = value;
            for (const handler of [...(handlers[`change:${name}`] ?? [])]) handler();
        },
        save_changes() {},
        send: (message) => sent.push(message),
        on: (name, handler) => (handlers[name] ??= []).push(handler),
        off: (name, handler) => { handlers[name] = (handlers[name] ?? []).filter((other) => other !== handler); },
    };
    const address = () => URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    if (!modules.has(source)) modules.set(source, import(address()));
    const module = await modules.get(source);
    window.view?.remove();
    const el = document.createElement('div');
    document.querySelector('main').replaceChildren(el);
    window.view = { model, sent, handlers, el, decode, remove: module.default.render({ model, el }) };
};
"""
TRAITS = ("scene", "numbers", "step", "by", "playing", "interval_ms", "size", "predict", "edited", "notice")


def blank(page):
    """The page with a new document, and with the window, the media and the mouse as they are at first."""
    page.mouse.move(0, 0)  # in a new document, Chromium would then miss that the mouse leaves a view
    page.goto("about:blank")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(color_scheme="light", forced_colors="none", reduced_motion="no-preference")
    return page


def state_of(stepper):
    return {name: plain(getattr(stepper, name)) for name in TRAITS}


def mount(page, stepper):
    """Show a stepper's view in the page, and return the locator of its root."""
    show(page, "stepper", state_of(stepper))
    return page.locator(".chs-stepper")


def show(page, name, state):
    """Show the view of that name alone in the page, with a model in this state."""
    if not page.evaluate("() => 'mount' in window"):
        page.set_content('<!doctype html><html lang="en"><head></head><body><main></main></body></html>')
        page.add_script_tag(content=MODEL)
    page.evaluate(
        "([name, source, state]) => { document.title = name; return mount(source, state); }",
        [name, module(name), state],
    )


def assign(page, **traits):
    """Set traits as Python would, in one message."""
    page.evaluate(
        "(traits) => { for (const [name, value] of Object.entries(traits)) view.model.set(name, view.decode(value)); }",
        {name: plain(value) for name, value in traits.items()},
    )


def walk(page, steps, read):
    """What `read`, a function of the page, returns at each of the steps."""
    at_each = f"(step) => {{ view.model.set('step', step); return ({read})(); }}"
    return json.loads(page.evaluate(f"(steps) => JSON.stringify(steps.map({at_each}))", [*steps]))


TOO_PALE = """(selector) => {
    for (const animation of document.getAnimations()) animation.finish();
    const channel = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
    // A mixed colour reads "color(srgb 1 0.9 0.8)", with shares of one.
    const scaled = (color) => (level, index) => level * (color.startsWith('color(') && index < 3 ? 255 : 1);
    const parse = (color) => color.match(/[\\d.]+/g).map(Number).map(scaled(color));
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const ground = (node) => {
        for (; node; node = node.parentElement) {
            const color = parse(getComputedStyle(node).backgroundColor);
            if (color.length === 3 || color[3] > 0) return color;
        }
    };
    const isText = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    const seen = [...document.querySelectorAll(selector)].filter((node) => isText(node) || node.matches('.chs-field'));
    return [seen.length, seen.flatMap((node) => {
        const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        return ratio < 4.5 ? [[node.outerHTML.slice(0, 80), ratio]] : [];
    })];
}"""


def too_pale(page, scheme):
    """The texts of the views below 4.5 to 1, on a page that is dark or light as the views are told."""
    page.evaluate(
        "(color) => { document.body.style.background = color; }", "#111111" if scheme == "dark" else "#ffffff"
    )
    return pale_and_seen(page, ".chs *")[0]


def pale_and_seen(page, selector):
    """The texts below 4.5 to 1, by the colours that the browser arrived at (WCAG 2.2, contrast ratio); and how many."""
    n_texts, pale = page.evaluate(TOO_PALE, selector)
    return pale, n_texts
