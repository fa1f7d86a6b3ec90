// Turns the cells of a lesson into slides that are never taller than the screen, and hands them to reveal.js.
//
// The lesson's sections come as nbconvert writes them: slides, slides below them, fragments. A section that holds more
// than a slide has room for becomes several; a stepper has a slide to itself. What stands on a slide stands on its
// paper, of a fixed size, which reveal.js scales to the screen. A block is what is not parted: a paragraph, a picture.

const SIZE = { width: 1280, height: 720 };
const FOOT = 40; // where the slide's number stands
// How small things may become: so that a last line needs no slide of its own; so that what belongs together stays
// together; at all. What would have to be smaller still is scrolled.
const SMALLER = 0.85;
const TOGETHER = 0.75;
const SMALLEST = 0.55;
const LINE = 80; // letters

const views = await unpack(document.getElementById("recorded-views").textContent);
const viewOf = (place) => views[place.dataset.view];
const isStepper = (node) => node.matches(".mount") && viewOf(node).script === "stepper";
const isHeading = (node) => /^H[1-6]$/.test(node.tagName);
const isShort = (node) => node.tagName === "P" && node.textContent.length <= LINE;

// ---- blocks ----

// A list as lists of one item, so that a slide may end between two of them.
function itemsOf(list) {
  return [...list.children].map((item, index) => {
    const piece = list.cloneNode(false);
    if (list.matches("ol")) piece.start = list.start + index;
    piece.append(item);
    return piece;
  });
}

// What a section holds, in order, each block with the number of its fragment.
function blocksOf(section) {
  const blocks = [];
  let fragments = 0;
  const take = (node, fragment) => {
    const children = [...node.children];
    if (node.matches(".fragment")) {
      fragments += 1;
      for (const child of children) take(child, fragments);
    } else if (node.matches(".prose")) {
      for (const child of children) take(child, fragment);
    } else if (node.matches("ul, ol")) {
      for (const piece of itemsOf(node)) blocks.push({ node: piece, fragment });
    } else {
      blocks.push({ node, fragment });
    }
  };
  for (const child of [...section.children]) take(child);
  return blocks;
}

// Whether a block would be lost without what follows: a heading, a bold line, "… is:", code before its output.
function leadsOn(node, next) {
  if (isHeading(node)) return true;
  if (node.matches(".code")) return next.matches(".output");
  return node.tagName === "P" && /:$|^$/.test(withoutBold(node));
}

function withoutBold(node) {
  return [...node.childNodes].filter(({ tagName }) => tagName !== "STRONG").map(({ textContent }) => textContent).join("").trim();
}

// Blocks in groups that belong together.
function groupsOf(blocks) {
  const groups = [];
  blocks.forEach((block, index) => {
    const before = blocks[index - 1];
    if (before && leadsOn(before.node, block.node)) groups.at(-1).push(block);
    else groups.push([block]);
  });
  return groups;
}

// ---- papers ----

// A paper is filled at the end of the page, where it can be measured unseen, and then put onto its slide.
class Paper {
  constructor(title) {
    this.node = add("div", "paper is-measured", document.body);
    this.title = add("p", "running-title", this.node, title);
    this.content = add("div", "content", this.node);
    this.blocks = [];
    this.notes = [];
  }

  put(blocks) {
    for (const { node, fragment } of blocks) {
      this.title.hidden = !this.title.textContent || isHeading(this.blocks[0]?.node ?? node);
      // What a slide begins with is there when it is turned to.
      node.classList.toggle("fragment", fragment !== undefined && this.blocks.length > 0);
      if (fragment !== undefined) node.dataset.fragmentIndex = fragment;
      this.content.append(node);
      this.blocks.push({ node, fragment });
    }
  }

  // Give blocks back, the last ones.
  take(count) {
    const blocks = this.blocks.splice(-count);
    for (const { node } of blocks) node.remove();
    return blocks;
  }

  // Make the content as small as it must be, and no smaller than that; say whether it fits.
  fit(smallest) {
    for (let zoom = 1; zoom >= smallest; zoom -= 0.025) {
      this.content.style.zoom = zoom;
      if (share(this.node) >= 1) return true;
    }
    return false;
  }

  slide() {
    if (!isStepper(this.blocks.at(-1)?.node ?? this.node)) this.node.classList.toggle("is-scrolled", !this.fit(SMALLEST));
    this.node.classList.remove("is-measured");
    const slide = document.createElement("section");
    slide.append(this.node, ...this.notes);
    return slide;
  }
}

// How much of a paper's height there is for each pixel that its content takes; as they are seen, so whatever the scale.
function share(paper) {
  const { top, height } = paper.getBoundingClientRect();
  const room = paper.matches(".is-measured") ? SIZE.height : height;
  return (room * (1 - FOOT / SIZE.height)) / (paper.lastElementChild.getBoundingClientRect().bottom - top);
}

// The papers of one section, filled one after the other.
class Papers {
  constructor(title) {
    this.title = title;
    this.all = [];
  }

  get last() {
    return this.all.at(-1);
  }

  begin(blocks) {
    this.all.push(new Paper(this.title));
    this.last.put(blocks);
  }

  // The blocks of a section: between two steppers as many papers as they need, then the stepper.
  fill(blocks) {
    let run = [];
    for (const block of blocks) {
      if (block.node.matches(".notes")) {
        this.fillRun(run);
        run = [];
        if (!this.last) this.begin([]);
        this.last.notes.push(block.node);
      } else if (isStepper(block.node)) {
        // A heading goes along, or a line that says what to do.
        const goesAlong = run.length === 1 && (isHeading(run[0].node) || isShort(run[0].node));
        if (!goesAlong) this.fillRun(run);
        this.begin([...(goesAlong ? run : []), block]);
        this.remember(this.last.blocks);
        this.isFull = true;
        run = [];
      } else {
        run.push(block);
      }
    }
    this.fillRun(run);
  }

  fillRun(run) {
    for (const { node } of run) {
      countLetters(node);
      if (node.matches(".mount")) mountOnce(node);
    }
    const first = this.all.length;
    for (const group of groupsOf(run)) this.putGroup(group);
    this.mergeLast(first);
  }

  putGroup(group) {
    if (!this.last || this.isFull) this.begin(group);
    else this.last.put(group);
    this.isFull = false;
    if (!this.last.fit(1) && this.last.blocks.length > group.length) this.begin(this.last.take(group.length));
    this.remember(group);
    if (group.length > 1 && !this.last.fit(TOGETHER)) this.partLast();
  }

  // The last block alone, where it cannot stay with what leads on to it; but a heading does not stay behind.
  partLast() {
    const { blocks } = this.last;
    if (!blocks.slice(0, -1).every(({ node }) => isHeading(node))) this.begin(this.last.take(1));
  }

  // A line or two need no paper of their own.
  mergeLast(first) {
    const before = this.all.at(-2);
    if (this.all.length < first + 2 || this.last.content.offsetHeight > SIZE.height / 5) return;
    const blocks = this.last.take(this.last.blocks.length);
    before.put(blocks);
    if (before.fit(SMALLER)) {
      before.notes.push(...this.last.notes);
      this.all.pop().node.remove();
    } else {
      this.last.put(before.take(blocks.length));
    }
  }

  // Later papers are headed by the last heading.
  remember(blocks) {
    for (const { node } of blocks) if (isHeading(node) && node.tagName !== "H1") this.title = node.textContent;
  }
}

// Letters a line, so that the style sheet can choose the largest type that has room for it.
function countLetters(node) {
  for (const pre of node.matches("pre") ? [node] : node.querySelectorAll("pre")) {
    const lines = pre.textContent.split("\n").map((line) => line.length);
    pre.style.setProperty("--letters", Math.max(45, ...lines));
  }
}

// ---- views ----

function mountOnce(place) {
  if (place.dataset.mounted) return;
  place.dataset.mounted = true;
  mount(place, viewOf(place), "large");
}

// A stepper is made smaller as a whole. Its text then runs over fewer lines, so it need not become as small as it seems
// at first; but it has to measure itself anew each time.
function shrinkStepper(place) {
  const paper = place.closest(".paper");
  let zoom = 1;
  for (let seen = share(paper); seen < 1 && zoom > SMALLEST; seen = share(paper)) {
    zoom = zoom === 1 ? Math.min(0.98, seen + 0.14) : zoom - 0.02;
    place.style.zoom = zoom;
    place.measure();
  }
  paper.classList.toggle("is-scrolled", share(paper) < 1);
}

// The steppers of a slide are mounted when it is turned to.
function mountHere() {
  for (const place of reveal.getCurrentSlide().querySelectorAll(".mount")) {
    if (place.dataset.mounted) continue;
    mountOnce(place);
    shrinkStepper(place);
  }
}

// ---- the deck ----

let title = "";
for (const section of document.querySelectorAll(".slides > section > section")) {
  const papers = new Papers(title);
  papers.fill(blocksOf(section));
  title = papers.title;
  section.replaceWith(...papers.all.filter(({ blocks, notes }) => blocks.length || notes.length).map((paper) => paper.slide()));
}

const reveal = new Reveal({
  ...SIZE, margin: 0, center: false, hash: true, slideNumber: "c/t", transition: "none", scrollActivationWidth: 0,
  navigationMode: "linear", plugins: [RevealNotes, RevealZoom],
  // Home and End: the first slide and the last, where reveal.js goes to the first and the last column of slides.
  keyboard: { 36: () => reveal.slide(0, 0), 35: () => reveal.slide(Infinity, Infinity) },
});

// Which way a key in a view turns the slide, if it does: a clicker's keys in a question, and in a stepper at its end.
function turns(target, key) {
  const place = target.closest(".live")?.parentElement;
  const by = { PageDown: 1, PageUp: -1 }[key];
  if (!place || !by) return 0;
  if (!isStepper(place)) return by;
  const { scene, step } = place.model.state;
  return step === (by > 0 ? scene.outputs * scene.steps_per_output : 0) ? by : 0;
}

// A view keeps its keys. But a lecturer must get out of it: by a clicker, or by Escape.
addEventListener("keydown", (event) => {
  const { target, key } = event;
  const by = turns(target, key);
  if (by) by > 0 ? reveal.next() : reveal.prev();
  else if (key === "Escape" && target.matches(".live > *")) target.blur();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });
// A choice keeps its keys, too; those above a stepper are there only when its slide is turned to.
document.querySelector(".slides").addEventListener("keydown", (event) => {
  if (event.target.closest(".choices")) event.stopPropagation();
});

reveal.on("slidechanged", ({ previousSlide }) => {
  // Nothing goes on, and no focus stays behind, on a slide that is not seen.
  for (const place of previousSlide?.querySelectorAll(".mount") ?? []) place.model?.set("playing", false);
  document.activeElement.blur();
  mountHere();
});
await reveal.initialize();
mountHere();
document.documentElement.dataset.mounted = "first";
