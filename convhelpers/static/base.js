// What all views share; packing.py puts it before each of them.

function make(tag, className, parent, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  parent?.append(node);
  return node;
}

// No key leaves a view but those that run a cell, move the focus on, or carry Ctrl, Alt or Meta: in the command mode of
// JupyterLab "d d" deletes the learner's cell, and a digit makes a heading of it. Notebook 7 acts on a key before the
// view hears of it, unless the element in focus says not to.
const SHIELD = "data-lm-suppress-shortcuts";
function takeKeys(root, signal, handle) {
  let shielded = root;
  const shield = ({ target, altKey, ctrlKey, metaKey, shiftKey, key }) => {
    shielded.removeAttribute(SHIELD);
    const leaves = altKey || ctrlKey || metaKey || key === "Tab" || (key === "Enter" && shiftKey);
    if (root.contains(target)) (shielded = target).toggleAttribute(SHIELD, !leaves);
  };
  const take = (event) => {
    if (!shielded.hasAttribute(SHIELD)) return;
    event.stopPropagation();
    handle(event);
  };
  window.addEventListener("keydown", shield, { signal, capture: true });
  root.addEventListener("keydown", take, { signal });
}

// A view goes on without a kernel; a dead one refuses to be told.
function tell(model, name, value) {
  model.set(name, value);
  try {
    model.save_changes();
  } catch (error) {
    console.debug("convhelpers: the kernel was not told", error);
  }
}

