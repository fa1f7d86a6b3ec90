// The live view of a multiple-choice question: the choices, and the reason of the one that is chosen.
//
// Which choice is right stands in the model alone; the page learns it from the choice that is made.
// STYLE, the style sheet, and base.js are put before this file by packing.py: all of it travels in one piece.

const RIGHT = "✓ right";
const WRONG = "✗ not this one";

// A text is only ever text; what stands between backticks is set as code.
function set(node, text) {
  text.split("`").forEach((part, index) => node.append(index % 2 ? make("code", "", null, part) : part));
  return node;
}

function reply(parent, verdict, reason) {
  const node = make("p", "", parent);
  make("b", "", node, verdict);
  return set(node, ` — ${reason}`);
}

class View {
  constructor(model, el) {
    this.model = model;
    this.choices = model.get("choices");
    this.stop = new AbortController();
    this.style = make("style", "", el, STYLE);
    this.root = make("div", "chs chs-multiple-choice", el);
    this.root.tabIndex = -1; // a click beside the choices takes the keys here, too
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", model.get("text").replaceAll("`", ""));
    this.build();
    this.listen("change:chosen", () => this.paint());
    this.listen("change:size", () => this.resize());
    takeKeys(this.root, this.stop.signal, (event) => this.key(event));
    this.paint();
    this.resize();
  }

  listen(name, handler) {
    this.model.on(name, handler);
    this.stop.signal.addEventListener("abort", () => this.model.off(name, handler));
  }

  remove() {
    this.stop.abort();
    this.root.remove();
    this.style.remove();
  }

  build() {
    set(make("p", "chs-asked", this.root), this.model.get("text"));
    const list = make("div", "chs-choices", this.root);
    this.buttons = this.choices.map((choice, index) => this.button(choice, index, list));
    const replies = make("div", "chs-replies", this.root);
    // It must not jump when a reason comes: all of them keep their room, under the longer of the two verdicts.
    for (const { reason } of this.choices) reply(replies, WRONG, reason).className = "chs-room";
    this.hint = make("p", "chs-hint", replies, `Choose one. Keys: 1 to ${this.choices.length}, or ↑ ↓ and Enter.`);
    this.live = make("div", "chs-reply", replies);
    this.live.setAttribute("aria-live", "polite");
  }

  button({ text }, index, parent) {
    const button = make("button", "chs-choice", parent);
    button.type = "button";
    button.setAttribute("aria-keyshortcuts", index + 1);
    make("span", "chs-digit", button, index + 1).setAttribute("aria-hidden", "true");
    set(make("span", "chs-text", button), text);
    make("span", "chs-mark", button).setAttribute("aria-hidden", "true");
    button.addEventListener("click", () => tell(this.model, "chosen", index), { signal: this.stop.signal });
    return button;
  }

  resize() {
    this.root.classList.toggle("chs-large", this.model.get("size") === "large");
  }

  paint() {
    const chosen = this.model.get("chosen");
    const right = this.choices[chosen]?.right;
    const verdict = right ? RIGHT : WRONG;
    const state = right ? "is-right" : "is-wrong";
    this.buttons.forEach((button, index) => {
      const here = index === chosen;
      button.setAttribute("aria-pressed", here);
      button.className = here ? `chs-choice ${state}` : "chs-choice";
      button.lastChild.textContent = here ? verdict.charAt(0) : "";
    });
    this.hint.classList.toggle("chs-room", chosen >= 0);
    this.live.replaceChildren();
    if (chosen >= 0) reply(this.live, verdict, this.choices[chosen].reason).className = state;
  }

  key(event) {
    const at = this.buttons.indexOf(event.target);
    const digit = /^[1-9]$/.test(event.key) ? this.buttons[event.key - 1] : undefined;
    const next = { ArrowDown: this.buttons[at + 1], ArrowUp: this.buttons[at - 1] }[event.key];
    if (event.key.startsWith("Arrow") || digit) event.preventDefault();
    (digit ?? next)?.focus();
    digit?.click();
  }
}

export default {
  render({ model, el }) {
    const view = new View(model, el);
    return () => view.remove();
  },
};
