// What an exported page does besides its views: code folded or shown, everything unfolded for the printer.

const code = [...document.querySelectorAll("details.code")];
const foldButton = document.getElementById("fold-code");
foldButton.hidden = !code.length;
foldButton.addEventListener("click", () => {
  const open = !code.some((details) => details.open);
  for (const details of code) details.open = open;
  labelFoldButton();
});
function labelFoldButton() {
  foldButton.textContent = code.some((details) => details.open) ? "Fold all code" : "Show all code";
}
for (const details of code) details.addEventListener("toggle", labelFoldButton);

// What is wider than the screen scrolls inside itself; Firefox and Safari let keys reach that only if it takes the focus.
const wide = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
    else target.removeAttribute("tabindex");
  }
});
for (const node of document.querySelectorAll(".code pre, .prose pre, .prose table, math[display='block']")) wide.observe(node);

// On a narrow screen the contents would push the lesson off the first screen.
if (matchMedia("(max-width: 1199px)").matches) document.querySelector(".contents details").open = false;

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});

// The first view at once; each of the others when the page has drawn, so that the reader never waits for all of them.
const views = await unpack(document.getElementById("recorded-views").textContent);
for (const place of document.querySelectorAll(".mount")) {
  mount(place, views[place.dataset.view], "normal");
  await new Promise((drawn) => setTimeout(drawn));
}
document.documentElement.dataset.mounted = "all";
