// What an open lesson shows, beside what its kernel says: the eyes and hands of lesson.py.
//
// A widget is named by the index of its cell. What was used is kept in `used`, so that nothing can be forgotten.
// `failures`, from lab.py, says what is broken. Steps are painted at once; for everything else `settle` waits until
// the kernel has answered all that was sent.

window.lesson = (() => {
  const unanswered = new Set();
  const used = new WeakSet();
  const CONTROLS = "button, input, select, textarea, a[href], summary, [contenteditable], [role=button], [role=slider], "
    + ".noUi-handle";
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const notebook = () => jupyterapp.shell.currentWidget;
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const cell = (at) => notebook().content.widgets[at];
  const within = (at, selector) => cell(at).outputArea.node.querySelector(selector);
  const root = (at) => within(at, ".chs-stepper");
  const text = (at, selector) => within(at, selector).textContent;

  function watch() {
    const { session } = notebook().sessionContext;
    session.anyMessage.connect((_, { msg, direction }) => {
      if (direction === "send" && msg.header.msg_type === "comm_msg") unanswered.add(msg.header.msg_id);
    });
    session.iopubMessage.connect((_, { header, content, parent_header: parent }) => {
      if (header.msg_type === "status" && content.execution_state === "idle") unanswered.delete(parent.msg_id);
    });
  }

  async function until(what, isSo) {
    for (const end = performance.now() + 120_000; !isSo(); await pause(10)) {
      if (performance.now() > end) throw new Error(`not within two minutes: ${what}`);
    }
  }

  // A widget sends what has changed meanwhile as soon as its last message is answered: look three times.
  async function settle() {
    let quiet = 0;
    await until("an answer to each widget", () => { quiet = unanswered.size ? 0 : quiet + 1; return quiet === 3; });
  }

  // A kernel that is new will not answer what the one before was asked.
  const forget = () => unanswered.clear();

  async function ask(call) {
    const user_expressions = { said: `__import__("IPython").display.JSON({"said": __import__("truth").${call}})` };
    const { kernel } = notebook().sessionContext.session;
    const request = { code: "", silent: true, store_history: false, user_expressions };
    const { content } = await kernel.requestExecute(request).done;
    const { said } = content.user_expressions;
    if (said.status !== "ok") throw new Error(said.traceback.join("\n"));
    return said.data["application/json"].said;
  }

  function use(node) {
    used.add(node);
    return node;
  }

  // ---- what stands in the outputs ----

  const models = () => notebook().content.widgets.flatMap(({ model, outputArea }, at) => (model.type === "code"
    ? outputArea.model.toJSON().filter(({ data }) => data?.[VIEW]).map(({ data }) => [at, data[VIEW].model_id]) : []));

  const isDrawn = ([at]) => within(at, ".jupyter-widgets, .chs") !== null
    && !cell(at).outputArea.node.textContent.includes("Loading widget");
  async function widgets() {
    await until("all widgets drawn", () => models().every(isDrawn));
    return Promise.all(models().map(async ([at, id]) => ({ at, id, kind: await ask(`kind_of("${id}")`) })));
  }

  const unused = () => [...document.querySelectorAll(".jp-OutputArea-output")]
    .flatMap((output) => [...output.querySelectorAll(CONTROLS)])
    .filter((node) => !used.has(node)).map((node) => node.outerHTML.slice(0, 200));

  const notes = (at) => [...cell(at).outputArea.node.querySelectorAll("[role=status]")]
    .map((note) => note.querySelector("p").textContent.trim());

  // ---- steppers ----

  function press(at, key, node = root(at)) {
    node.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }

  const look = (node) => (node.closest(".chs-shaded")
    ? node.style.backgroundColor : node.querySelector(".chs-value").textContent);
  const cells = (at, role) => [...root(at).querySelectorAll(`.chs-${role} .chs-cell`)].map(look);

  function shown(at) {
    const currents = (role) => [...root(at).querySelectorAll(`.chs-${role} .is-current .chs-value`)];
    const current = (role) => [...new Set(currents(role).map((node) => node.textContent).filter(Boolean))].join(" and ");
    const term = root(at).querySelector(".chs-term.is-current");
    return {
      position: text(at, ".chs-position"),
      sentence: text(at, ".chs-sentence"),
      sum: text(at, ".chs-total-value"),
      term: term ? [...term.children].slice(1).map((part) => part.textContent).join("") : "",
      ...Object.fromEntries(["left", "right", "bias"].map((role) => [role, current(role)])),
      ...Object.fromEntries(["output", "products", "subtotals"].map((role) => [role, cells(at, role)])),
    };
  }

  // What has come by a step of what is there at the end.
  function expected(told, index) {
    const { step, ...said } = told.steps[index];
    const output = step ? Math.floor((step - 1) / told.per) : -1;
    const term = step ? (step - 1) % told.per : -1;
    const at = Math.max(output, 0);
    const shade = (role, id) => { const level = told.shades[role][id]; return `rgb(${level}, ${level}, ${level})`; };
    const upTo = (role, texts, isThere, start = 0) => texts
      .map((value, id) => (!isThere(id) ? "" : told.shades[role] ? shade(role, start + id) : value));
    const outputs = told.outputs.map((value, id) => (id === output ? said.sum : value));
    return {
      ...said,
      output: upTo("output", outputs, (id) => step > 0 && id <= output),
      products: upTo("products", told.products[at], (id) => id <= term, at * told.terms),
      subtotals: upTo("subtotals", told.subtotals[at], (id) => told.stops[id] <= term + 1),
    };
  }

  // Not every layout draws the products, their subtotals, or values in the operands.
  function differences(at, told, index) {
    const [is, should] = [shown(at), expected(told, index)];
    const mayBeLeftOut = (role) => ["products", "subtotals"].includes(role) || (told.shades[role] && role !== "output");
    return Object.keys(should)
      .filter((name) => !(mayBeLeftOut(name) && is[name].length === 0) && String(is[name]) !== String(should[name]))
      .map((name) => `step ${told.steps[index].step}, ${name}: "${is[name]}" instead of "${should[name]}"`);
  }

  function change(node, value) {
    use(node);
    if (node.type === "checkbox") return node.click();
    node.value = value;
    for (const name of ["input", "change"]) node.dispatchEvent(new Event(name, { bubbles: true }));
  }

  const named = (at, label) => use(root(at).querySelector(`[aria-label="${label}"]`));
  const click = (at, label) => named(at, label).click();
  const button = (at, label) => use([...root(at).querySelectorAll("button")].find((node) => node.textContent === label));

  // All steps from the first to the last, and back.
  async function walk(at, id, by) {
    change(named(at, "step by"), by);
    const told = await ask(`told("${id}", "${by}")`);
    const wrong = [];
    press(at, "Home");
    told.steps.forEach((_, index) => {
      if (index) press(at, "ArrowRight");
      wrong.push(...differences(at, told, index));
    });
    const back = Math.floor(told.steps.length / 2);
    for (let index = told.steps.length - 1; index > back; index--) press(at, "ArrowLeft");
    wrong.push(...differences(at, told, back));
    await settle();
    return { n_steps: told.steps.length - 1, wrong: wrong.slice(0, 5) };
  }

  // Whether the page shows this step, and its model knows.
  async function isAt(at, id, by, step) {
    await settle();
    const told = await ask(`told("${id}", "${by}", [${step}])`);
    const { known } = told;
    const wrong = [...failures(), ...differences(at, told, 0)];
    if (known.step !== step || known.by !== by) wrong.push(`the kernel stands at step ${known.step}, by ${known.by}`);
    return wrong;
  }

  // One move after the other, with the step that each leads to.
  async function moves(at, id, by, steps) {
    choose(at, "step by", by);
    const wrong = [];
    for (const [move, to, step] of steps) {
      ({ click, slide })[move](at, to);
      wrong.push(...await isAt(at, id, by, step));
    }
    return wrong;
  }

  const options = (at, label) => [...named(at, label).options].map(({ value }) => value);
  const choose = (at, label, value) => change(named(at, label), value);
  const slide = (at, to) => { const node = named(at, "step"); change(node, to === "end" ? node.max : to); };
  const push = (at, label) => button(at, label).click();
  const isHidden = (at, label) => (root(at).querySelector(`[aria-label="${label}"]`) ?? button(at, label)).hidden;
  const endsPlaying = (at) => until("the end of playing", () => !root(at).querySelector('[aria-label="Pause (Space)"]'));

  function predict(at, value, key) {
    const field = use(root(at).querySelector(".chs-field"));
    field.value = value;
    if (key) press(at, key, field);
    else push(at, "Check");
    return text(at, ".chs-verdict");
  }

  // The first cell of an operand that holds a number of its own.
  function editable(at, role) {
    const own = ".chs-cell:not(.chs-zero, .chs-nobody, .is-padding)";
    const nodes = root(at).querySelectorAll(`.chs-${role} .chs-grid:not(.chs-shaded) ${own}`);
    return [...nodes].find((node) => node.querySelector(".chs-value").textContent);
  }

  async function edit(at, id, role, value) {
    const node = editable(at, role);
    node.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    const field = node.querySelector("input");
    field.value = value;
    press(at, "Enter", field);
    await settle();
    const told = await ask(`told("${id}", "product", [-1])`);
    const reads = node.contains(field) ? "still open" : node.querySelector(".chs-value").textContent;
    return { notice: text(at, ".chs-notice"), reads, edits: told.known.edits, wrong: differences(at, told, 0) };
  }

  // ---- controls above a picture ----

  const row = (at) => [...within(at, ".widget-hbox").children];
  const readers = {
    select: (node) => node.selectedIndex,
    number: (node) => Number(node.value),
    checkbox: (node) => node.checked,
  };
  const field = (node) => node.querySelector("select, input");
  const isPressed = (node) => node.classList.contains("mod-active");

  const controls = (at) => row(at).map((node) => {
    const buttons = [...node.querySelectorAll("button")];
    if (buttons.length) return ["toggle", buttons.findIndex(isPressed), buttons.some(({ disabled }) => disabled)];
    const control = field(node);
    const kind = control.localName === "select" ? "select" : control.type;
    return [kind === "checkbox" ? "tick" : kind, readers[kind](control), control.disabled];
  });

  async function set(at, place, value) {
    const node = row(at)[place];
    const buttons = [...node.querySelectorAll("button")];
    const control = field(node);
    if (buttons.length) use(buttons[value]).click();
    else if (control.localName === "select") change(control, control.options[value].value);
    else if (control.type !== "checkbox" || control.checked !== value) change(control, value);
    await settle();
    return controls(at);
  }

  // Sets a control above a stepper; a choice that works is looked at from its last step.
  async function decide(at, id, place, value) {
    const before = JSON.stringify(shown(at));
    const now = await set(at, place, value);
    const { controls: known, told } = await ask(`chosen("${id}")`);
    const notice = text(at, ".chs-notice");
    const stays = JSON.stringify(shown(at)) === before;
    const wrong = failures();
    if (JSON.stringify(known) !== JSON.stringify(now)) wrong.push(`controls: ${JSON.stringify([now, known])}`);
    if (notice !== told.known.notice) wrong.push(`notice: ${notice} instead of ${told.known.notice}`);
    press(at, "End");
    return { set: now[place][1], notice, stays, wrong: [...wrong, ...differences(at, told, 0)] };
  }

  const picture = (at) => {
    const image = within(at, "img");
    const caption = text(at, ".widget-label:last-child");
    return { png: image.src.split("base64,")[1], alt: image.alt, caption, width: image.naturalWidth };
  };

  // ---- questions ----

  const choices = (at) => [...cell(at).outputArea.node.querySelectorAll(".chs-choice")];
  function answer(at, index) {
    use(choices(at)[index]).click();
    const pressed = choices(at).map((node) => node.getAttribute("aria-pressed") === "true");
    return { reply: text(at, ".chs-reply"), pressed };
  }

  // ---- cells ----

  const write = (at, source) => cell(at).model.sharedModel.setSource(source);

  return {
    watch, settle, forget, ask, widgets, unused, notes, write, text,
    press, walk, isAt, moves, options, choose, click, slide, push, isHidden, endsPlaying, predict, edit,
    controls, decide, set, picture, answer,
    canEdit: (at, role) => Boolean(editable(at, role)), nChoices: (at) => choices(at).length,
  };
})();
