// What all views share; packing.py puts it before each of them.

function make(tag, className, parent, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  parent?.append(node);
  return node;
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

