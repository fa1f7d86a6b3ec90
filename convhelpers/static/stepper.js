// The live view of a trace. Python computed every number and wrote it as text; this file only chooses which text
// stands where: its arithmetic is on indices (step, output, term), never on values. What a learner types is read as a
// number, to be compared with such a text.
//
// scene: panels (grids of element ids), the table of pairs (places, weights), groups, words, templates.
// numbers: texts, and for each operand, product, running sum, subtotal and bias the index of its text.
// Both hold what a prediction needs, where it was asked for: questions, and known mistakes with their sentences.
// STYLE, the style sheet, and base.js are put before this file by packing.py: all of it travels in one piece.

// The id of a place without a cell.
const NOBODY = -1;
// The id of a cell that no element stands behind.
const ZERO = -2;
const SPEEDS = [["slow", 1500], ["normal", 700], ["fast", 250]];
const HINT = "Keys: ← → step, PageUp PageDown output, Home End, Space play. Shift+arrows point at a cell";
const NO_KERNEL = "No kernel answers. If it is busy, this is recomputed when it is free; if it is gone, run the notebook again.";
const NEVER_A_KERNEL = "To change numbers, run the notebook.";
const HOW_TO_PREDICT = "Type a number, Enter checks it. → goes on without it.";
const AGAIN = "Try again, or go on with →.";
const ICONS = {
  first: "M4 4h2v12H4zM16 4v12L7 10z", back: "M14 4v12L5 10z", play: "M6 3v14l11-7z",
  pause: "M5 4h4v12H5zM11 4h4v12h-4z", forward: "M6 4v12l9-6z", last: "M4 4v12l9-6zM14 4h2v12h-2z",
};

function makeButton(className, parent, text) {
  const button = make("button", `chs-button ${className}`, parent, text);
  button.type = "button";
  return button;
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A screen reader speaks what is written into a node that is live.
function writeAloud(node, text, aloud) {
  node.ariaLive = aloud ? "polite" : "off";
  write(node, text);
}

// A binary trait arrives as a DataView somewhere inside a message: copy it out, so that it starts on a whole number.
function integers(view, Table = Int16Array) {
  const bytes = ArrayBuffer.isView(view) ? view : new Uint8Array(view);
  return new Table(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function placeText(index, shape) {
  if (shape.every((size) => size === 1)) return "";
  const parts = [];
  for (const size of [...shape].reverse()) {
    parts.unshift(index % size);
    index = Math.floor(index / size);
  }
  return `(${parts.join(", ")})`;
}

function fill(template, parts) {
  return template.replace(/\{(\w+)\}/g, (_, name) => parts[name]).replace(/\s+/g, " ").trim();
}

function inBrackets(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

function longest(texts) {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}

// What someone types for a number: 4, +4, −4, 0.5, 0,5, 1e3, 1/9.
const NUMBER = /^[-+−]?(\d+[.,]?\d*|[.,]\d+)(e[-+−]?\d+)?$/i;
function numeral(text) {
  const parts = text.normalize("NFKC").split("/").map((part) => part.trim());
  if (parts.length > 2 || !parts.every((part) => NUMBER.test(part))) return NaN;
  return parts.map((part) => Number(part.replaceAll("−", "-").replace(",", "."))).reduce((whole, part) => whole / part);
}

// Whether a number is the one that a text of Python's shows: within half a unit of the last digit that Python writes
// (see `number` in wording.py), so that 0.0625 is what 0.062 stands for, and 0.063 is not.
function isShownAs(typed, text) {
  const shown = numeral(text);
  const exponent = Math.floor(Math.log10(Math.abs(shown)));
  const digits = exponent < -1 ? 2 : exponent < 0 ? 3 : 4;
  const last = text.includes("e") ? exponent - 3 : Math.min(exponent + 1 - digits, 0);
  return Math.abs(typed - shown) <= 0.5000001 * 10 ** last;
}

// Hides what comes, and asks for it. The score is this view's own.
class Prediction {
  constructor(view) {
    this.view = view;
    this.right = 0;
    this.tries = 0;
    this.row = make("div", "chs-prediction", view.root);
    this.question = make("p", "chs-question", this.row);
    this.score = make("p", "chs-score", this.row);
    const answer = make("div", "chs-answer", this.row);
    this.field = make("input", "chs-button chs-field", answer);
    this.field.maxLength = 16;
    view.on(makeButton("", answer, "Check"), "click", () => this.check());
    this.feedback = make("p", "chs-verdict", answer);
  }

  // What comes next is an output, a product, or the sum with the bias; nothing while the view plays, or at the end.
  // Where it will stand is `role` and `id`; what it is made of is `left` and `right`.
  coming(step) {
    const { view } = this;
    const { terms, steps_per_output: per, panels } = view.scene;
    if (!view.predicts() || view.model.get("playing") || step === view.steps) return null;
    const output = Math.floor(step / per);
    const whole = view.unit() === per;
    const term = whole ? 0 : step % per;
    const kind = whole ? "output" : term === terms ? "bias" : "product";
    const pair = output * terms + term;
    const asked = { kind, output, term, index: output, role: "output", id: output };
    asked.left = new Set(view.places.slice(pair, pair + (whole ? terms : 1)));
    asked.right = new Set(view.weights.slice(pair, pair + (whole ? terms : 1)));
    if (kind !== "product") return { ...asked, answer: view.text("sums", (output + 1) * per - 1) };
    Object.assign(asked, { index: pair, answer: view.text("products", pair) });
    if (panels.some(({ role }) => role === "products")) return { ...asked, role: "products", id: term };
    // Without a panel of products, only the first one is seen by itself: it is the sum so far.
    return term ? { ...asked, role: "" } : asked;
  }

  // Whether a cell is part of what the coming number is made of. An operand that is used whole needs no outline.
  isPart({ role, id, pair }, asked) {
    const { scene, period, numbers } = this.view;
    const { kind, output, term } = asked;
    if (role === "bias") return kind !== "product" && id === this.view.biasOf(output);
    if (kind === "bias" || !["left", "right"].includes(role)) return false;
    if (pair === undefined) return asked[role].has(id) && asked[role].size < numbers[role].length;
    const first = ((output * scene.terms) % period) + term;
    return first <= pair && pair < first + (kind === "output" ? scene.terms : 1);
  }

  paint() {
    const { asked, model, scene } = this.view;
    const isOn = this.view.predicts();
    if (!isOn && this.row.contains(document.activeElement)) this.view.root.focus();
    this.row.hidden = !isOn;
    if (!isOn) return;
    const key = asked && asked.kind + asked.index;
    if (key !== this.key) {
      this.key = key;
      this.tried = "";
      this.field.value = "";
      writeAloud(this.feedback, asked ? HOW_TO_PREDICT : "", false);
    }
    const nothing = model.get("playing") ? "Pause to predict what comes." : "Nothing is left to predict.";
    const question = asked ? this.ask(asked, scene) : nothing;
    write(this.question, question);
    this.field.setAttribute("aria-label", question);
    write(this.score, `${this.right} right in ${this.tries} ${this.tries === 1 ? "try" : "tries"}`);
  }

  ask({ kind, output, term }, { predictions, terms, shapes, words }) {
    const parts = { place: placeText(output, shapes.output), where: words.where[output], term: term + 1, terms };
    return fill(predictions[kind].question, parts);
  }

  // Room for the longest question, and for the longest sentence after what is typed. A line of several seldom fills.
  reserve(letter) {
    const { outputs, terms, words, predictions } = this.view.scene;
    const last = (kind) => this.ask({ kind, output: outputs - 1, term: terms - 1 }, this.view.scene);
    const asked = longest(Object.keys(predictions).map(last)) - words.where.at(-1).length + longest(words.where);
    const named = longest(Object.values(predictions).flatMap(({ mistakes, sum }) => [...mistakes, sum])) + 30;
    for (const [name, node, length] of [["--asked", this.question, 0.87 * asked], ["--named", this.feedback, 0.75 * named]]) {
      const letters = node.clientWidth / letter;
      this.row.style.setProperty(name, length < letters ? 1 : Math.ceil(length / (letters - 4)));
    }
  }

  check() {
    const { asked } = this.view;
    const text = this.field.value.trim();
    const typed = numeral(text);
    const is = (shown) => isShownAs(typed, shown) || text.replace("-", "−") === shown;
    this.field.focus();
    if (!asked || !text) return;
    const isRight = is(asked.answer);
    if (!isRight) this.field.select();
    if (!isRight && !Number.isFinite(typed)) {
      return writeAloud(this.feedback, `“${text}” is not a number; write something like 3, −0.5 or 1/9.`, true);
    }
    this.right += isRight;
    // Enter pressed twice is one try.
    this.tries += text !== this.tried;
    this.tried = text;
    if (isRight) this.view.move(1);
    this.paint();
    const verdict = isRight ? `✓ ${text} is right.` : `✗ ${text} is not it. ${this.name(asked, is) ?? AGAIN}`;
    writeAloud(this.feedback, verdict, true);
  }

  // The sentence of the first known mistake that gives such a number; a running sum is the last of them.
  name({ kind, index, output, term }, is) {
    const { scene, numbers } = this.view;
    const { steps_per_output: per, terms } = scene;
    const { mistakes: ways, sum } = scene.predictions[kind];
    const told = (way) => numbers.texts[numbers[`mistakes_${kind}`][index * ways.length + way]];
    const known = ways.find((_, way) => told(way) && is(told(way)));
    const [least, most] = { output: [1, per - 1], product: [term + 1, term + 1], bias: [term, term] }[kind];
    for (let done = most; !known && done >= least; done--) {
      if (is(this.view.text("sums", output * per + done - 1))) return fill(sum, { term: done, terms });
    }
    return known;
  }

  // Whether a key that is pressed in the field is the view's: what moves the caret is the field's, while it can move.
  leaves(key) {
    if (key === " ") return !this.field.value;
    if (key === "ArrowRight") return this.field.selectionEnd === this.field.value.length;
    return !this.field.value || !["ArrowLeft", "Home", "End"].includes(key);
  }
}

class View {
  constructor(model, el) {
    this.model = model;
    this.cellOf = new WeakMap();
    this.stop = new AbortController();
    this.style = make("style", "", el, STYLE);
    this.root = make("div", "chs chs-stepper", el);
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "group");
    // A page without a kernel has a model that sends nothing: there numbers stay as they are.
    this.hint = HINT + (model.send ? ", Enter edits it." : ".");
    this.root.setAttribute("aria-description", this.hint);
    this.build();
    this.listen("change:scene", () => this.queueLoad());
    this.listen("change:numbers", () => this.queueLoad());
    this.listen("change:step", () => { this.paint(); this.schedule(); this.showNotice(); });
    this.listen("change:by", () => this.paint());
    this.listen("change:predict", () => { this.paint(); this.reserve(); });
    this.listen("change:playing", () => { this.paint(); this.schedule(); });
    this.listen("change:interval_ms", () => { this.paint(); this.schedule(); });
    this.listen("change:size", () => { this.resize(); this.reserve(); });
    this.listen("change:notice", () => this.showNotice());
    this.listen("change:edited", () => this.showReset());
    this.listen("msg:custom", (message) => this.answer(message));
    takeKeys(this.root, this.stop.signal, (event) => this.key(event));
    this.load();
    this.resize();
    this.watch = new ResizeObserver(() => this.reserve());
    this.watch.observe(this.line);
    this.showNotice();
    this.schedule();
  }

  listen(name, handler) {
    this.model.on(name, handler);
    this.stop.signal.addEventListener("abort", () => this.model.off(name, handler));
  }

  on(node, name, handler) {
    node.addEventListener(name, handler, { signal: this.stop.signal });
  }

  remove() {
    clearTimeout(this.timer);
    clearTimeout(this.waiting);
    this.watch.disconnect();
    this.stop.abort();
    this.root.remove();
    this.style.remove();
  }

  // ---- what stands there whatever the trace ----

  build() {
    this.stage = make("div", "chs-stage", this.root);
    const cellAt = (event) => this.cellOf.get(event.target.closest(".chs-cell"));
    this.on(this.stage, "pointerover", (event) => this.point(cellAt(event), false));
    this.on(this.stage, "focusin", (event) => this.point(cellAt(event), true));
    for (const name of ["pointerleave", "focusout"]) this.on(this.stage, name, () => this.point());
    this.on(this.stage, "dblclick", (event) => this.edit(cellAt(event)));
    const sum = make("div", "chs-sum", this.root);
    this.line = make("div", "chs-line", sum);
    this.total = make("div", "chs-total", sum);
    this.totalLabel = make("span", "chs-total-label", this.total);
    this.totalValue = make("span", "chs-total-value", this.total);
    this.sentence = make("p", "chs-sentence", this.root);
    this.prediction = new Prediction(this);
    this.controls = make("div", "chs-controls", this.root);
    this.button("first", "First (Home)", () => this.go(0));
    this.button("back", "Back (←)", () => this.move(-1));
    this.play = this.button("play", "Play (Space)", () => this.toggle());
    this.button("forward", "Forward (→)", () => this.move(1));
    this.button("last", "Last (End)", () => this.go(this.steps));
    this.slider = make("input", "chs-slider", this.controls);
    this.slider.type = "range";
    this.slider.min = 0;
    this.slider.setAttribute("aria-label", "step");
    this.on(this.slider, "input", () => this.go(Number(this.slider.value) * this.unit()));
    this.position = make("span", "chs-position", this.controls);
    this.by = this.select("step by", [["by product", "product"], ["by output", "output"]], (value) => tell(this.model, "by", value));
    this.speed = this.select("speed", SPEEDS, (value) => tell(this.model, "interval_ms", Number(value)));
    this.predict = makeButton("", this.controls, "predict");
    this.on(this.predict, "click", () => tell(this.model, "predict", !this.model.get("predict")));
    this.reset = makeButton("", this.controls, "reset numbers");
    this.showReset();
    this.on(this.reset, "click", () => this.ask({ reset: true }));
    // A control above the picture is heard in Python alone. Where nobody hears it, nothing would be said.
    this.on(document, "change", ({ target }) => {
      const around = target.closest(".chs-explorer");
      if (around?.contains(this.root) && !this.root.contains(target)) this.ask({ anybody: true });
    });
    this.pointer = make("p", "chs-pointer", this.root, this.hint);
    this.notice = make("p", "chs-notice", this.root);
    this.notice.setAttribute("role", "alert");
  }

  button(icon, label, action) {
    const button = makeButton("chs-icon", this.controls);
    button.title = label;
    button.setAttribute("aria-label", label);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 20 20");
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    svg.firstChild.setAttribute("d", ICONS[icon]);
    button.append(svg);
    this.on(button, "click", action);
    return button;
  }

  select(label, options, action) {
    const select = make("select", "chs-select", this.controls);
    select.setAttribute("aria-label", label);
    for (const [text, value] of options) make("option", "", select, text).value = value;
    this.on(select, "change", () => action(select.value));
    return select;
  }

  // A button that hides itself must not take the focus along.
  showReset() {
    const hidden = !this.model.get("edited");
    if (hidden && document.activeElement === this.reset) this.root.focus();
    this.reset.hidden = hidden;
  }

  resize() {
    this.root.classList.toggle("chs-large", this.model.get("size") === "large");
  }

  // ---- the trace ----

  // Scene and numbers arrive in one message but announce themselves one after the other: load once, after both.
  queueLoad() {
    if (this.loading) return;
    this.loading = true;
    queueMicrotask(() => { this.loading = false; if (!this.stop.signal.aborted) this.load(); });
  }

  load() {
    const scene = this.model.get("scene");
    const numbers = this.model.get("numbers");
    this.numbers = { texts: numbers.texts };
    const Table = numbers.texts.length <= 2 ** 15 ? Int16Array : Int32Array;
    for (const [name, value] of Object.entries(numbers)) {
      if (name !== "texts") this.numbers[name] = integers(value, Table);
    }
    if (scene !== this.scene) {
      const drawn = JSON.stringify(scene.panels);
      this.scene = scene;
      this.places = integers(scene.places);
      this.weights = integers(scene.weights);
      this.steps = scene.outputs * scene.steps_per_output;
      if (drawn !== this.drawn) this.draw();
      this.drawn = drawn;
      this.root.setAttribute("aria-label", `${scene.operation}, step by step`);
    }
    this.totalValue.style.minWidth = `${1.15 * longest(this.numbers.texts)}ch`;
    this.longest = this.longestLine();
    // What was asked may have another answer now.
    this.prediction.key = undefined;
    this.paint();
    this.reserve();
  }

  // The picture must not jump while it is stepped: keep room for the longest line of arithmetic, in letters.
  longestLine() {
    const { terms, outputs, groups } = this.scene;
    const bias = this.scene.steps_per_output > terms;
    const summaries = groups.length > 1 ? 26 * Math.min(groups.length, 6) : 0;
    let most = 0;
    for (let output = 0; output < outputs; output++) {
      for (const [start, stop] of groups) {
        let letters = summaries + (bias ? 9 : 0);
        for (let pair = output * terms + start; pair < output * terms + stop; pair++) {
          const factors = [this.text("left", this.places[pair]), this.text("right", this.weights[pair])];
          // 3.5 for the dot, the plus and its spaces.
          letters += 3.5 + factors.map(inBrackets).join("").length;
        }
        most = Math.max(most, letters);
      }
    }
    return most;
  }

  reserve() {
    const width = this.line.clientWidth;
    if (!width) return;
    const letter = 0.56 * parseFloat(getComputedStyle(this.line).fontSize);
    const said = longest(this.scene.words.where) + 128;
    const lines = (letters, ems) => Math.ceil((letters * ems * letter) / (this.root.clientWidth - 8 * letter));
    this.root.style.setProperty("--said", Math.max(2, lines(said, 0.72)));
    this.root.style.setProperty("--pointed", lines(this.hint.length, 0.56));
    if (!this.prediction.row.hidden) this.prediction.reserve(letter);
    // The last term of a line seldom ends at its edge.
    const usable = Math.max(width - 5 * letter, 5 * letter);
    this.line.style.setProperty("--lines", Math.ceil((this.longest * letter) / usable));
  }

  draw() {
    if (this.field) {
      this.field.close(false);
      this.root.focus();
    }
    this.cells = [];
    this.pointed = undefined;
    // Only copies ask for it.
    this.period = undefined;
    const details = [];
    const stage = document.createDocumentFragment();
    for (const panel of this.scene.panels) {
      const place = (node, column) => { node.style.gridArea = `${panel.line + 1} / ${2 * panel.slot + column}`; };
      if (panel.sign) {
        const sign = make("div", `chs-sign${panel.sign.length > 2 ? " is-long" : ""}`, stage, panel.sign);
        sign.setAttribute("aria-hidden", "true");
        place(sign, 0);
      }
      const box = make("div", `chs-panel chs-${panel.role}${panel.slot ? "" : " is-first"}`, stage);
      place(box, 1);
      const head = make("div", "chs-head", box);
      make("div", "chs-title", head, panel.title);
      make("div", "chs-note", head, panel.size);
      const detail = make("div", "chs-note chs-detail", head);
      detail.style.minWidth = `${0.6 * this.longestDetail(panel)}em`;
      details.push([panel, detail]);
      const grids = make("div", "chs-grids", box);
      grids.style.setProperty("--side-by-side", panel.columns);
      grids.style.setProperty("--slot-rows", panel.slot_rows);
      for (const grid of panel.grids) this.drawGrid(panel, grid, grids);
      make("p", "chs-footnote", box, panel.footnote);
    }
    this.stage.replaceChildren(stage);
    this.details = details;
    this.stage.classList.toggle("chs-tall", this.scene.rows >= 12);
    const slots = Math.max(...this.scene.panels.map(({ slot }) => slot)) + 1;
    this.stage.classList.toggle("chs-many", slots > 5);
    this.stage.classList.toggle("chs-wide", this.scene.columns > 20);
    this.stage.style.setProperty("--columns", this.scene.columns);
    this.stage.style.setProperty("--rows", this.scene.rows);
    this.stage.style.setProperty("--signs", slots - 1);
    this.stage.classList.toggle("chs-lines", this.scene.panels.some(({ line }) => line > 0));
  }

  drawGrid(panel, grid, parent) {
    const slot = make("div", "chs-slot", parent);
    if (grid.label) make("div", "chs-label", slot, grid.label);
    const table = make("div", `chs-grid${grid.shaded ? " chs-shaded" : ""}`, slot);
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", [panel.title, grid.name ?? grid.label].filter(Boolean).join(", "));
    if (grid.shaded) table.style.setProperty("--size", grid.cell_size);
    const unused = new Set(panel.unused);
    grid.ids.forEach((id, position) => {
      const row = position % grid.columns === 0 ? make("div", "chs-row", table) : table.lastChild;
      row.setAttribute("role", "row");
      const node = make("div", "", row);
      node.setAttribute("role", "gridcell");
      node.tabIndex = position === 0 ? 0 : -1;
      const { role, follows } = panel;
      const cell = { node, role, id, follows, term: id, grid: table, position, columns: grid.columns };
      if (id < 0) node.className = `chs-cell ${id === ZERO ? "chs-zero" : "chs-nobody"}`;
      if (id === ZERO && !grid.shaded) node.textContent = "0";
      if (grid.pairs) {
        cell.pair = grid.pairs[position];
        this.period = grid.period;
        // Equal weights in equal shades, from the first to the last.
        if (role === "right" && id >= 0) node.style.setProperty("--share", `${(100 * id) / (this.scene.right_size - 1 || 1)}%`);
      }
      cell.shaded = grid.shaded;
      cell.unused = unused.has(id);
      cell.value = make("span", "chs-value", node);
      cell.corner = make("span", "chs-corner", node);
      cell.corner.setAttribute("aria-hidden", "true");
      node.ariaReadOnly = !this.model.send || !this.editable(cell);
      this.cells.push(cell);
      this.cellOf.set(node, cell);
    });
  }

  // ---- one step ----

  text(name, index) {
    return this.numbers.texts[this.numbers[name][index]];
  }

  // The step may be past the end for a moment, when a shorter trace has just arrived.
  now() {
    const step = Math.max(0, Math.min(Math.round(this.model.get("step")), this.steps));
    const per = this.scene.steps_per_output;
    return { step, output: step ? Math.floor((step - 1) / per) : -1, term: step ? (step - 1) % per : -1 };
  }

  // A screen reader hears each step, each cell that the focus points at, and where a film stops; it hears no film, and
  // nothing of what the mouse passes over.
  paint(aloud = false) {
    const now = this.now();
    const playing = this.model.get("playing");
    this.asked = this.prediction.coming(now.step);
    this.linked = this.pointed ? this.links(this.pointed) : null;
    this.paintCells(now);
    this.paintLine(now);
    this.paintControls(now);
    this.prediction.paint();
    writeAloud(this.pointer, this.pointed ? this.explain(this.pointed) : this.hint, aloud);
    if (this.played && !playing) write(this.sentence, "");
    writeAloud(this.sentence, this.say(now), !playing);
    this.played = playing;
  }

  paintCells({ step, output, term }) {
    const { terms } = this.scene;
    const start = output * terms;
    const now = { step, output, term, start, met: new Map(), used: new Set() };
    if (step) {
      for (let t = 0; t < terms; t++) {
        now.met.set(this.places[start + t], t);
        now.used.add(this.weights[start + t]);
      }
    }
    now.pair = step && term < terms ? start + term : -1;
    const { asked } = this;
    const next = asked ? asked.output : Math.max(output, 0);
    const before = { ...now, step: 0, term: -1, pair: -1, met: new Map(), used: new Set() };
    for (const cell of this.cells) {
      if (cell.id < 0) continue;
      if (cell.follows) cell.id = (cell.role === "right" ? this.weights : this.places)[next * terms + cell.term];
      let { text, state = "", corner = "" } = this.look(cell, next > output && this.isAhead(cell) ? before : now);
      if (asked && cell.role === asked.role && cell.id === asked.id) [text, state] = [cell.shaded ? "" : "?", " is-asked"];
      if (asked && this.prediction.isPart(cell, asked)) state += " is-next";
      if (this.isLinked(cell)) state += " is-linked";
      if (cell.shaded) {
        this.shade(cell, text, cell.role === "products" ? start + cell.id : cell.id);
        text = corner = "";
      }
      state += text.length > 7 ? " is-minute" : text.length > 5 ? " is-tiny" : text.length > 3 ? " is-small" : "";
      if (corner.length > 4) state += " is-long-corner";
      const className = `chs-cell${cell.pair === undefined ? "" : " is-copy"}${state}`;
      if (cell.node.className !== className) {
        cell.node.className = className;
        if (state.includes("is-current")) cell.node.setAttribute("aria-current", "true");
        else cell.node.removeAttribute("aria-current");
      }
      write(cell.value, text);
      write(cell.corner, corner);
    }
    for (const [panel, node] of this.details) {
      write(node, this.detail(panel, output, next > output && this.isAhead(panel) ? -1 : term));
    }
  }

  // Whether a cell or a panel shows the output that is asked for, when the step is still about the one before: the
  // numbers in use, from which it is predicted, and the products that it will be made of, none of which are there yet.
  isAhead({ role, follows }) {
    return follows || (this.asked?.kind === "product" && ["products", "subtotals"].includes(role));
  }

  // What a cell shows now: its text, the weight in its corner, its state.
  look(cell, now) {
    const { role, id } = cell;
    const { step, output, term, start, pair } = now;
    const coming = (done, state, text) => (done ? { text: text(), state } : { text: "", state: ` is-coming${state}` });
    if (role === "left") return this.lookOfInput(cell, now);
    if (role === "right") {
      const used = cell.pair === undefined ? now.used.has(id) : this.isOfOutput(cell, now);
      const current = pair >= 0 && used && this.weights[pair] === id;
      const state = current ? " is-current" : !used && step ? " is-idle" : used && cell.pair !== undefined ? " is-window" : "";
      return { text: this.text("right", id), state };
    }
    if (role === "bias") {
      const used = step && id === this.biasOf(output);
      const state = used && term === this.scene.terms ? " is-current" : step && !used ? " is-idle" : "";
      return { text: this.bias(id), state };
    }
    if (role === "products") {
      return coming(id <= term, step && id === term ? " is-current" : "", () => this.text("products", start + id));
    }
    if (role === "subtotals") {
      const [first, stop] = this.scene.groups[id];
      const current = step && first <= term && term < stop ? " is-current" : "";
      return coming(stop <= term + 1, current, () => this.text("subtotals", output * this.scene.groups.length + id));
    }
    return coming(id <= output, id === output ? " is-current" : "", () => this.outputText(id, step));
  }

  lookOfInput(cell, now) {
    const { id } = cell;
    const { start, pair } = now;
    const met = cell.pair === undefined || this.isOfOutput(cell, now) ? now.met.get(id) : undefined;
    let state = "";
    if (met !== undefined) state = pair >= 0 && this.places[pair] === id ? " is-current" : " is-window";
    if (id >= this.scene.left_size) state += " is-padding";
    if (cell.unused) state += " is-unused";
    const corner = met !== undefined && cell.pair === undefined ? `×${this.text("right", this.weights[start + met])}` : "";
    return { text: this.text("left", id), state, corner };
  }

  // Whether a cell of X_col, or of the fully connected matrix, is about the current output.
  isOfOutput(cell, { step, start }) {
    const { terms } = this.scene;
    return step > 0 && Math.floor(cell.pair / terms) === (start % this.period) / terms;
  }

  // A copy lights up if it is that element, or if it is where two of the linked elements meet.
  isLinked({ role, id, pair }) {
    if (!this.linked) return false;
    if (pair === undefined) return this.linked[role]?.has(id);
    return this.pointed.role === role ? this.pointed.id === id : this.linked.pairs.has(pair);
  }

  // A cell too small for its number shows the grey level that Python gave it; a product or an output only once it is there.
  shade(cell, text, index) {
    const level = this.numbers[`${cell.role}_shades`][index];
    const color = text ? `rgb(${level} ${level} ${level})` : "";
    if (cell.color === color) return;
    cell.color = color;
    cell.node.style.backgroundColor = color;
  }

  // Biases are written down once an output; each filter has as many outputs as any other.
  bias(id) {
    return this.text("bias", (id * this.scene.outputs) / this.scene.biases);
  }

  biasOf(output) {
    return Math.floor((output * this.scene.biases) / this.scene.outputs);
  }

  outputText(id, step) {
    const per = this.scene.steps_per_output;
    return this.text("sums", Math.min(step, (id + 1) * per) - 1);
  }

  detail({ role, detail }, output, term) {
    const { terms, shapes } = this.scene;
    if (role === "products") return term < 0 ? "" : `${Math.min(term + 1, terms)} of ${terms}`;
    const place = role === "output" && output >= 0 ? placeText(output, shapes.output) : "";
    return place ? `cell ${place}` : detail;
  }

  // Room for the longest detail, in letters: a panel must not grow while it is stepped.
  longestDetail({ role, detail }) {
    const { terms, outputs, shapes } = this.scene;
    if (role === "products") return `${terms} of ${terms}`.length;
    return role === "output" ? `cell ${placeText(outputs - 1, shapes.output)}`.length : detail.length;
  }

  // The sum written out: the current group term by term, the others as their subtotals.
  paintLine({ step, output, term }) {
    const slots = [];
    const { terms, groups, few_groups: few, steps_per_output: per } = this.scene;
    const shownOutput = Math.max(output, 0);
    const at = Math.min(Math.max(term, 0), terms - 1);
    const active = this.groupOf(at);
    groups.forEach(([start, stop, label], index) => {
      if (index === active) {
        for (let t = start; t < stop; t++) slots.push(this.termSlot(shownOutput, t, step ? term : -1));
      } else if (few) {
        const done = index < active;
        const text = done ? this.text("subtotals", shownOutput * groups.length + index) : `${stop - start} products`;
        slots.push([done ? "is-done" : "is-coming", "", `${label}: `, text]);
      } else if (index === active - 1) {
        slots.push(["is-done", "", `first ${stop} products: `, this.text("sums", shownOutput * per + stop - 1)]);
      } else if (index === active + 1) {
        slots.push(["is-coming", "", `${terms - start} more products`, ""]);
      }
    });
    if (per > terms) {
      const state = term === terms ? "is-current" : "is-coming";
      slots.push([state, "", "bias ", this.text("bias", shownOutput)]);
    }
    while (this.line.children.length > slots.length) this.line.lastChild.remove();
    while (this.line.children.length < slots.length) {
      const slot = make("span", "", this.line);
      for (const part of ["plus", "left", "dot", "right"]) make("span", `chs-${part}`, slot);
    }
    slots.forEach(([state, left, dot, right], index) => {
      const slot = this.line.children[index];
      const className = `chs-term ${state}${left ? "" : " is-summary"}`;
      if (slot.className !== className) slot.className = className;
      [index ? "+" : "", left, dot, right].forEach((text, part) => write(slot.children[part], text));
    });
    write(this.totalLabel, per > 1 ? "running sum = " : "product = ");
    write(this.totalValue, step ? this.text("sums", step - 1) : "…");
  }

  termSlot(output, t, term) {
    const pair = output * this.scene.terms + t;
    const state = t < term ? "is-done" : t === term ? "is-current" : "is-coming";
    const left = inBrackets(this.text("left", this.places[pair]));
    return [state, left, "·", inBrackets(this.text("right", this.weights[pair]))];
  }

  say({ step, output, term }) {
    const { words, templates, changes, terms, steps_per_output: per, shapes } = this.scene;
    if (!step) return words.start;
    const sum = this.text("sums", step - 1);
    const finished = term === per - 1;
    const place = placeText(output, shapes.output);
    const parts = { where: words.where[output], added: words.added, sum, term: term + 1, terms };
    parts.result = finished ? fill(templates.result, { place, sum }) : "";
    if (this.model.get("by") === "output" && finished && per > 1) return fill(templates.output, parts);
    parts.change = fill(templates[changes[this.numbers.changes[step - 1]]], { sum });
    if (term === terms) return fill(templates.bias, { ...parts, product: this.text("bias", output) });
    const pair = output * terms + term;
    parts.product = this.text("products", pair);
    parts.left = this.element("left", this.places[pair]);
    parts.right = this.element("right", this.weights[pair]);
    return fill(templates[per === 1 ? "only" : "product"], parts);
  }

  element(role, id) {
    const { words, templates, shapes, left_size: size } = this.scene;
    if (role === "bias") return fill(templates.element, { noun: "bias", place: `(${id})`, value: this.bias(id) });
    const value = this.text(role, id);
    if (role === "left" && id >= size) return fill(templates.padding, { value });
    const noun = words.nouns[role === "left" ? 0 : 1];
    return fill(templates.element, { noun, place: placeText(id, shapes[role]), value });
  }

  paintControls({ step }) {
    const unit = this.unit();
    const whole = this.steps / unit;
    const reached = Math.floor(step / unit);
    this.slider.max = whole;
    this.slider.value = reached;
    this.slider.style.setProperty("--done", `${(100 * step) / this.steps}%`);
    const noun = unit > 1 || this.scene.steps_per_output === 1 ? "output" : "step";
    write(this.position, `${noun} ${reached} of ${whole}`);
    this.slider.setAttribute("aria-valuetext", this.position.textContent);
    this.by.value = this.model.get("by");
    this.by.hidden = this.scene.steps_per_output === 1;
    this.predict.hidden = !this.scene.predictions;
    this.predict.setAttribute("aria-pressed", this.predicts());
    const speed = SPEEDS.find(([, ms]) => ms <= this.model.get("interval_ms")) ?? SPEEDS[SPEEDS.length - 1];
    this.speed.value = speed[1];
    const playing = this.model.get("playing");
    if (playing === this.played) return;
    this.play.querySelector("path").setAttribute("d", playing ? ICONS.pause : ICONS.play);
    this.play.setAttribute("aria-label", playing ? "Pause (Space)" : "Play (Space)");
    this.play.title = this.play.getAttribute("aria-label");
  }

  // ---- moving ----

  unit() {
    return this.model.get("by") === "output" ? this.scene.steps_per_output : 1;
  }

  // Only where Python has sent what a prediction is compared with.
  predicts() {
    return this.model.get("predict") && this.scene.predictions !== undefined;
  }

  go(step) {
    const target = Math.max(0, Math.min(this.steps, step));
    if (target !== this.model.get("step")) tell(this.model, "step", target);
  }

  // Forward and back by `unit` land on whole units: from the middle of an output to its end, or to its start.
  move(direction, unit = this.unit()) {
    const { step } = this.now();
    this.go(direction > 0 ? (Math.floor(step / unit) + 1) * unit : (Math.ceil(step / unit) - 1) * unit);
  }

  toggle() {
    const playing = !this.model.get("playing");
    if (playing && this.now().step === this.steps) this.go(0);
    tell(this.model, "playing", playing);
  }

  // Every step restarts the clock in every view of the model, so that two views do not step twice.
  schedule() {
    clearTimeout(this.timer);
    if (!this.model.get("playing")) return;
    if (this.now().step === this.steps) return tell(this.model, "playing", false);
    this.timer = setTimeout(() => this.move(1), this.model.get("interval_ms"));
  }

  key(event) {
    // Enter that ends a composition, or that is held down, answers nothing.
    if (event.isComposing || (event.repeat && event.key === "Enter")) return;
    if (event.target.closest(".chs-edit, select")) return;
    const cell = this.cellOf.get(event.target);
    if (event.shiftKey && event.key.length > 1) {
      if (cell) this.moveFocus(event, cell);
      return;
    }
    const inField = event.target === this.prediction.field;
    if (inField && !this.prediction.leaves(event.key)) return;
    const keys = {
      ArrowRight: () => this.move(1),
      ArrowLeft: () => this.move(-1),
      PageDown: () => this.move(1, this.scene.steps_per_output),
      PageUp: () => this.move(-1, this.scene.steps_per_output),
      Home: () => this.go(0),
      End: () => this.go(this.steps),
      Escape: () => this.root.focus(),
      ...(event.target.closest("button") ? {} : { " ": () => this.toggle() }),
      ...(event.target === this.slider ? { ArrowUp: () => this.move(1), ArrowDown: () => this.move(-1) } : {}),
      ...(cell ? { Enter: () => this.edit(cell) } : {}),
      ...(inField ? { Enter: () => this.prediction.check() } : {}),
    };
    if (Object.hasOwn(keys, event.key)) {
      event.preventDefault();
      keys[event.key]();
    } else if (cell && /^[-\d.]$/.test(event.key)) {
      // A digit is the beginning of a new number.
      this.edit(cell);
    } else if (this.asked && /^[-−+.,\d]$/.test(event.key)) {
      // Or of an answer, and goes where the focus goes.
      this.prediction.field.focus();
    }
  }

  moveFocus(event, cell) {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: cell.columns, ArrowUp: -cell.columns }[event.key];
    if (!by) return;
    event.preventDefault();
    const sameGrid = this.cells.filter((other) => other.grid === cell.grid);
    const sideways = Math.abs(by) === 1 && cell.columns > 1;
    const next = sameGrid[cell.position + by];
    const sameRow = next && Math.floor(next.position / cell.columns) === Math.floor(cell.position / cell.columns);
    if (!next || next.id === NOBODY || (sideways && !sameRow)) return;
    cell.node.tabIndex = -1;
    next.node.tabIndex = 0;
    next.node.focus();
  }

  // ---- pointing: the same element everywhere, and what it feeds ----

  point(cell, aloud) {
    if (cell === this.pointed) return;
    this.pointed = cell;
    this.paint(aloud);
  }

  links({ role, id }) {
    const { terms } = this.scene;
    const linked = { pairs: new Set() };
    for (const name of ["left", "right", "bias", "products", "subtotals", "output"]) linked[name] = new Set();
    const now = this.now();
    if (id !== ZERO) linked[role].add(id);
    for (let pair = 0; pair < this.places.length; pair++) {
      const output = Math.floor(pair / terms);
      const here = { left: this.places[pair], right: this.weights[pair], output };
      if (role === "bias") here.bias = this.biasOf(output);
      if (output === now.output) here.products = pair % terms;
      if (output === now.output && role === "subtotals") here.subtotals = this.groupOf(pair % terms);
      if (here[role] !== id) continue;
      for (const [name, element] of Object.entries(here)) linked[name].add(element);
      linked.pairs.add(pair % this.period);
    }
    // A bias meets no input and no weight.
    if (role === "bias") return { ...linked, left: new Set(), right: new Set(), products: new Set(), pairs: new Set() };
    return linked;
  }

  groupOf(term) {
    return this.scene.groups.findIndex(([start, stop]) => start <= term && term < stop);
  }

  explain({ role, id }) {
    if (id === ZERO) return "No weight: here an input takes no part in an output.";
    const { shapes, terms, words, groups } = this.scene;
    const count = (set, noun) => `${set.size} ${noun}${set.size === 1 ? "" : "s"}`;
    const { left, right, output } = this.linked;
    const named = (text) => text.charAt(0).toUpperCase() + text.slice(1);
    if (role === "left") {
      const use = output.size ? `feeds ${count(output, "output")}` : "is reached by no window";
      return `${named(this.element("left", id))} ${use}.`;
    }
    if (role === "right") return `${named(this.element("right", id))} meets ${count(left, "cell")}, one for each of ${count(output, "output")}.`;
    if (role === "bias") return `${named(this.element("bias", id))} is added once to ${output.size === 1 ? "the output" : `each of ${output.size} outputs`}.`;
    if (role === "products") return `Product ${id + 1} of ${terms}.`;
    if (role === "subtotals") return `What the products of ${groups[id][2]} add up to.`;
    return `Output ${placeText(id, shapes.output)} is made of ${count(left, "cell")} and ${count(right, words.nouns[1] === "weight" ? "weight" : "cell")}.`;
  }

  // ---- the learner's own numbers ----

  editable(cell) {
    if (!cell || cell.shaded || cell.id < 0) return false;
    return ["right", "bias"].includes(cell.role) || (cell.role === "left" && cell.id < this.scene.left_size);
  }

  // What is edited is settled when the field opens: a cell that follows the window shows another element a step later.
  edit(cell) {
    if (!this.editable(cell) || this.field) return;
    if (!this.model.send) return this.showNotice(NEVER_A_KERNEL);
    if (this.model.get("playing")) this.toggle();
    const { role, id } = cell;
    const before = cell.value.textContent;
    const field = make("input", "chs-edit", cell.node);
    this.field = field;
    field.value = before;
    field.maxLength = 40;
    field.setAttribute("aria-label", this.element(role, id));
    field.close = (keep) => {
      if (this.field !== field) return;
      this.field = null;
      const text = field.value.trim();
      field.remove();
      if (keep && text && text !== before) this.ask({ role, id, text });
    };
    field.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      event.stopPropagation();
      if (!["Enter", "Escape", "Tab"].includes(event.key)) return;
      event.preventDefault();
      field.close(event.key !== "Escape");
      if (event.key === "Tab") this.editNext(cell, event.shiftKey ? -1 : 1);
      else cell.node.focus();
    });
    field.addEventListener("blur", () => field.close(true));
    field.focus();
    field.select();
  }

  editNext(cell, by) {
    const cells = this.cells.filter((other) => other.role === cell.role && this.editable(other));
    const next = cells[cells.indexOf(cell) + by];
    if (next) this.edit(next);
    else cell.node.focus();
  }

  // Only Python can recompute. Whoever does not answer is said to be away, and the picture stays true.
  ask(message) {
    const alone = () => this.showNotice(NO_KERNEL);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(alone, 2500);
    try {
      this.model.send(message);
    } catch {
      alone();
    }
  }

  answer() {
    clearTimeout(this.waiting);
    this.showNotice();
  }

  showNotice(text = this.model.get("notice")) {
    write(this.notice, text);
  }
}

export default {
  // A notebook that was saved while playing does not start by itself when it is opened again.
  initialize({ model }) {
    model.set("playing", false);
  },
  render({ model, el }) {
    const view = new View(model, el);
    return () => view.remove();
  },
};
