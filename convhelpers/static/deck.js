// Turns the cells of a lesson into slides that are never taller than the screen, and hands them to reveal.js.
//
// The lesson's sections come as nbconvert writes them: slides, slides below them, fragments. A section that holds more
// than a slide has room for becomes several, one below the other; a stepper has a slide to itself. What stands on a
// slide stands on its paper, of a fixed size, which reveal.js scales to the screen.

const SIZE = { width: 1280, height: 720 };
const FOOT = 40; // where the slide's number stands
const SMALLEST = 0.55; // what would have to be smaller is scrolled

const views = await unpack(document.getElementById("recorded-views").textContent);
const viewOf = (place) => views[place.dataset.view];
const isStepper = (node) => node.matches(".mount") && viewOf(node).script === "stepper";
const isHeading = (node) => /^H[1-6]$/.test(node.tagName);
// Whether a block says what comes next, and would be lost at the foot of a slide: a heading, a bold line, "… is:".
const leadsOn = (node) => isHeading(node) || (node.tagName === "P" && /:$|^$/.test(withoutBold(node)));

function withoutBold(node) {
  return [...node.childNodes].filter(({ tagName }) => tagName !== "STRONG").map(({ textContent }) => textContent).join("").trim();
}

function mountOnce(place) {
  if (place.dataset.mounted) return;
  place.dataset.mounted = true;
  mount(place, viewOf(place), "large");
}

// A list as lists of one item, so that a slide may end between two of them.
function itemsOf(list) {
  return [...list.children].map((item, index) => {
    const piece = list.cloneNode(false);
    if (list.matches("ol")) piece.start = list.start + index;
    piece.append(item);
    return piece;
  });
}

// What a section holds, in order: paragraphs, lists, code, outputs, views, each with the number of its fragment.
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

// Letters a line, so that the style sheet can choose the largest type that has room for it.
function countLetters(node) {
  for (const pre of node.matches("pre") ? [node] : node.querySelectorAll("pre")) {
    const lines = pre.textContent.split("\n").map((line) => line.length);
    pre.style.setProperty("--letters", Math.max(45, ...lines));
  }
}

// The papers of one section, filled one after the other. They are measured at the end of the page, unseen.
class Papers {
  constructor(title) {
    this.title = title;
    this.all = [];
  }

  begin() {
    this.paper = add("div", "paper is-measured", document.body);
    if (this.title) add("p", "running-title", this.paper, this.title);
    this.blocks = [];
    this.all.push({ paper: this.paper, notes: [] });
  }

  put(node, fragment) {
    if (!this.blocks.length && isHeading(node)) this.paper.replaceChildren();
    this.paper.append(node);
    this.blocks.push(node);
    // What a slide begins with is there when it is turned to.
    node.classList.toggle("fragment", fragment !== undefined && this.blocks.length > 1);
    if (fragment !== undefined) node.dataset.fragmentIndex = fragment;
  }

  add({ node, fragment }) {
    if (node.matches(".notes")) {
      if (!this.paper) this.begin();
      return this.all.at(-1).notes.push(node);
    }
    if (!this.paper || this.isFull || (isStepper(node) && !this.blocks.every(isHeading))) this.begin();
    this.isFull = isStepper(node);
    countLetters(node);
    if (node.matches(".mount") && !this.isFull) mountOnce(node);
    this.put(node, fragment);
    if (!this.isFull && share(this.paper) < 1) this.turnOver();
    if (isHeading(node) && node.tagName !== "H1") this.title = node.textContent;
  }

  // The last block goes onto a new paper, and what leads on to it goes along, unless nothing would stay.
  turnOver() {
    const last = this.blocks.length - 1;
    let from = last;
    while (from > 0 && leadsOn(this.blocks[from - 1])) from -= 1;
    if (from === 0) from = this.blocks.slice(0, last).every(isHeading) ? 0 : last;
    if (from === 0) return;
    const moving = this.blocks.slice(from).map((node) => ({ node, fragment: node.dataset.fragmentIndex }));
    this.begin();
    for (const { node, fragment } of moving) this.put(node, fragment);
  }
}

// How much of a paper's height there is for each pixel that its content takes; as they are seen, so whatever the scale.
function share(paper) {
  const { top, height } = paper.getBoundingClientRect();
  const room = paper.matches(".is-measured") ? SIZE.height : height;
  const bottom = Math.max(...[...paper.children].map((node) => node.getBoundingClientRect().bottom));
  return (room * (1 - FOOT / SIZE.height)) / (bottom - top);
}

// Everything smaller where a single block is taller than a slide. A smaller text runs over fewer lines.
function shrink(paper) {
  for (const node of paper.children) {
    for (let zoom = 0.98; share(paper) < 1 && zoom >= SMALLEST; zoom -= 0.02) node.style.zoom = zoom;
  }
  paper.classList.toggle("is-scrolled", share(paper) < 1);
}

// A stepper is made smaller as a whole. Its text then runs over fewer lines, so it need not become as small as it seems
// at first; but it has to measure itself anew each time.
function shrinkStepper(place) {
  const paper = place.parentElement;
  let zoom = 1;
  for (let seen = share(paper); seen < 1 && zoom > SMALLEST; seen = share(paper)) {
    zoom = zoom === 1 ? Math.min(0.98, seen + 0.14) : zoom - 0.02;
    place.style.zoom = zoom;
    place.measure();
  }
  paper.classList.toggle("is-scrolled", share(paper) < 1);
}

function turnedInto(papers) {
  return papers.map(({ paper, notes }) => {
    if (!isStepper(paper.lastElementChild)) shrink(paper);
    paper.classList.remove("is-measured");
    const slide = document.createElement("section");
    slide.append(paper, ...notes);
    return slide;
  });
}

let title = "";
for (const section of document.querySelectorAll(".slides > section > section")) {
  const papers = new Papers(title);
  for (const block of blocksOf(section)) papers.add(block);
  title = papers.title;
  section.replaceWith(...turnedInto(papers.all));
}

// A key pressed in a choice or a control is its own; a stepper's keys do not leave the stepper anyway.
for (const row of document.querySelectorAll(".choices")) row.addEventListener("keydown", (event) => event.stopPropagation());

const reveal = new Reveal({
  ...SIZE, margin: 0, center: false, hash: true, slideNumber: "c/t", transition: "none", scrollActivationWidth: 0,
  plugins: [RevealNotes, RevealZoom],
});

// The steppers of a slide are mounted when it is turned to.
function mountHere() {
  for (const place of reveal.getCurrentSlide().querySelectorAll(".mount")) {
    if (place.dataset.mounted) continue;
    mountOnce(place);
    shrinkStepper(place);
  }
}

reveal.on("slidechanged", () => {
  // The focus does not stay behind on a slide that is not seen.
  document.activeElement.blur();
  mountHere();
});
await reveal.initialize();
mountHere();
document.documentElement.dataset.mounted = "first";
