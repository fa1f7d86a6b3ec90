// Shows the recorded views of an exported page: each in its place, on a model that nobody stands behind.
// The views themselves (stepper.js, question.js) have entered themselves in chsViews before.

// A trait that was binary comes as {base64: text}.
function decode(value) {
  if (value?.base64 !== undefined) return Uint8Array.from(atob(value.base64), (letter) => letter.charCodeAt(0));
  if (Array.isArray(value)) return value.map(decode);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, decode(part)]));
}

async function unpack(text) {
  const bytes = decode({ base64: text });
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

// What anywidget gives a view, but for `send`: without it a view knows that nobody can recompute.
class Model {
  constructor(state) {
    this.state = state;
    this.events = new EventTarget();
    this.listeners = new Map();
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    this.announce(name);
  }

  announce(name) {
    this.events.dispatchEvent(new Event(`change:${name}`));
  }

  save_changes() {}

  on(name, handler) {
    this.events.addEventListener(name, handler);
  }

  off(name, handler) {
    this.events.removeEventListener(name, handler);
  }
}

function add(tag, className, parent, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
}

// The controls whose choices were recorded. The last one is the fastest in the table.
class Choices {
  constructor(view, place, show) {
    this.view = view;
    this.show = show;
    this.states = view.states.map(decode);
    this.row = add("div", "choices", place);
    this.selects = view.controls.map((control) => this.select(control));
    // On paper stands all that was set.
    place.querySelector(".besides")?.classList.add("is-printed");
    this.line = add("p", "besides is-chosen", place);
    this.say();
  }

  select({ name, options, at }) {
    const label = add("label", "", this.row, name);
    const select = add("select", "", label);
    options.forEach((option, index) => { add("option", "", select, option).value = index; });
    select.value = at;
    select.addEventListener("change", () => { this.show(this.chosen()); this.say(); });
    return select;
  }

  // What is set besides the choices, which cannot be changed here.
  say() {
    const { besides } = this.chosen();
    if (besides !== undefined) this.line.textContent = besides && `Set here: ${besides}. To change it, run the notebook.`;
  }

  // The state that is chosen now.
  chosen() {
    const at = this.selects.reduce((index, select) => index * select.options.length + Number(select.value), 0);
    return this.states[this.view.table[at]];
  }
}

function mountStepper(view, place, size) {
  const model = new Model({ ...decode(view.state), size });
  if (view.controls) new Choices(view, place, ({ refused = "", scene, numbers }) => {
    model.set("notice", refused);
    if (refused) return;
    model.set("step", Math.min(model.get("step"), scene.outputs * scene.steps_per_output));
    model.set("scene", scene);
    model.set("numbers", numbers);
  });
  place.model = model;
  // A view that is told of its size keeps room for its lines anew, at once; by itself it does so a moment later.
  place.measure = () => model.announce("size");
  const el = add("div", "live", place);
  const definition = globalThis.chsViews[view.script];
  definition.initialize?.({ model, el });
  definition.render({ model, el });
}

function mountPicture(view, place) {
  const image = place.querySelector("img");
  place.querySelector(".still").classList.replace("still", "output");
  if (view.controls) new Choices(view, place, ({ picture, text }) => {
    image.src = `data:image/webp;base64,${picture}`;
    image.alt = text;
  });
  place.append(image.closest("figure"));
}

// Put a view where it belongs; what stood still there is left for the printer.
function mount(place, view, size) {
  if (view.script) {
    mountStepper(view, place, size);
    place.classList.add("is-live");
  } else if (place.querySelector("img")) {
    mountPicture(view, place);
  }
  place.append(...place.querySelectorAll(".besides"));
}
