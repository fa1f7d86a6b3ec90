"""With this module one can mount the stepper's view alone in a blank page: no server, no kernel, no anywidget.

A model of ten lines stands in for anywidget's: `get`, `set`, `save_changes`, `send`, `on`, `off`.
"""

import base64

from convhelpers.packing import module

MODEL = """
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
    const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    const module = await import(url);
    const el = document.createElement('div');
    document.body.append(el);
    window.view = { model, sent, handlers, el, decode, remove: module.default.render({ model, el }) };
};
"""


def plain(value):
    """A synced state as JSON: bytes become base64."""
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value


TRAITS = ("scene", "numbers", "step", "by", "playing", "interval_ms", "size", "edited", "notice")


def state_of(stepper):
    return {name: plain(getattr(stepper, name)) for name in TRAITS}


def mount(page, stepper):
    """Show a stepper's view in the page, and return the locator of its root."""
    page.set_content(
        '<!doctype html><html lang="en"><head><title>stepper</title></head><body><main></main></body></html>'
    )
    page.add_script_tag(content=MODEL)
    page.evaluate("([source, state]) => mount(source, state)", [module("stepper"), state_of(stepper)])
    return page.locator(".chs-stepper")


def assign(page, **traits):
    """Set traits as Python would, in one message."""
    page.evaluate(
        "(traits) => { for (const [name, value] of Object.entries(traits)) view.model.set(name, view.decode(value)); }",
        {name: plain(value) for name, value in traits.items()},
    )
