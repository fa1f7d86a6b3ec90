// Makes JupyterLab fit for a lecture hall. `python3 -m convhelpers present` puts it where JupyterLab looks.
//
// JupyterLab loads an extension as a container of webpack's module federation, which is `init` and `get`. This one needs
// no module of JupyterLab's own, so its container is written out at the end, and nothing has to be built.
{
  const styleSheet = new URL("present.css", document.currentScript.src);

  // What needs the keys itself, and what stands above the notebook.
  const TAKES_KEYS = "input, textarea, select, [contenteditable=true], .chs-stepper";
  const ABOVE = ".jp-Dialog, .lm-Menu, .jp-ModalCommandPalette:not(.lm-mod-hidden)";

  const slideType = (cell) => cell.model.getMetadata("slideshow")?.slide_type;
  const isHeading = ({ model }) => model.type === "markdown" && /^#{1,6} /.test(model.sharedModel.getSource());
  const beginsSlide = (cell) =>
    !cell.isHidden && (["slide", "subslide"].includes(slideType(cell)) || isHeading(cell));

  const fold = async (cell) => {
    await cell.ready;
    cell.syncCollapse = false; // or it would be written into the notebook
    cell.inputHidden = true;
  };

  // Not `notebook.activate`, which leaves the focus in a view.
  const leave = (notebook) => {
    notebook.activeCell.node.focus({ preventScroll: true });
    return true;
  };

  const show = async (notebook, index) => {
    notebook.activeCellIndex = index;
    notebook.mode = "command";
    leave(notebook);
    // JupyterLab itself scrolls to the active cell, but only as far as needed, and later.
    await notebook.scrollToItem(index, "start").catch(() => {});
    await new Promise(requestAnimationFrame);
    notebook.widgets[index].node.scrollIntoView({ block: "start" });
  };

  // A slide of a notebook may be longer than the screen: what is cut off comes before the next slide.
  const goOn = (notebook) => {
    const cells = notebook.widgets;
    const view = notebook.outerNode.getBoundingClientRect();
    const place = (index) => cells[index].node.getBoundingClientRect();
    const at = cells.findIndex((_, index) => place(index).bottom > view.top + SLACK);
    const cut = cells.findIndex((_, index) => index >= at && place(index).bottom > view.bottom + SLACK);
    const next = cells.findIndex((cell, index) => index > at && beginsSlide(cell));
    const target = cut < 0 || (next >= 0 && next <= cut) ? next : cut;
    if (target >= 0 && place(target).top > view.top + SLACK) show(notebook, target);
    else if (target >= 0) notebook.outerNode.scrollBy({ top: 0.8 * view.height });
    return true;
  };

  const goBack = (notebook) => {
    const { top } = notebook.outerNode.getBoundingClientRect();
    const before = (cell) => cell.node.getBoundingClientRect().top < top - SLACK;
    const index = notebook.widgets.findLastIndex((cell) => before(cell) && beginsSlide(cell));
    if (index >= 0) show(notebook, index);
    return true;
  };

  // Without a mouse, from the slide to the first view on the screen; but code that is shown is for editing.
  const enter = (notebook, target) => {
    const { activeCell } = notebook;
    if (!target.matches("body, .jp-Notebook, .jp-WindowedPanel-outer, .jp-Cell")) return false;
    if (activeCell.model.type === "code" && !activeCell.inputHidden) return false;
    const screen = notebook.outerNode.getBoundingClientRect();
    const isOnScreen = ({ top, bottom }) => top > screen.top - SLACK && Math.min(bottom, top + LEAST) < screen.bottom;
    const views = [...notebook.node.querySelectorAll(".chs-stepper, .chs-choice")];
    const view = views.find((node) => isOnScreen(node.getBoundingClientRect()));
    view?.focus();
    return Boolean(view);
  };

  const SLACK = 12; // pixels that a cell may be off
  const LEAST = 200; // pixels of a view that can be worked with
  const KEYS = { PageDown: goOn, PageUp: goBack, Enter: enter };

  const activate = ({ commands, restored, shell }) => {
    const prepared = new WeakSet();
    const panel = () => (shell.currentWidget?.content?.widgets ? shell.currentWidget : null);

    // All cells run, so that every view is live, and the lecture begins at the top.
    const prepare = async () => {
      const opened = panel();
      if (!opened || prepared.has(opened)) return;
      prepared.add(opened);
      opened.toolbar.hide();
      await Promise.all([opened.context.ready, opened.revealed]);
      const cells = opened.content.widgets;
      cells.filter((cell) => slideType(cell) === "notes").forEach((cell) => cell.hide());
      await Promise.all(cells.filter((cell) => cell.model.getMetadata("tags")?.includes("hide-input")).map(fold));
      await opened.sessionContext.ready;
      await commands.execute("notebook:run-all-cells");
      await show(opened.content, 0);
      document.body.dataset.presenting = "ready";
    };

    const key = (event) => {
      const notebook = panel()?.content;
      if (!notebook || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
      if (document.querySelector(ABOVE)) return;
      const inView = event.target.matches(".chs-stepper, .chs-multiple-choice, .chs-choice");
      const taken = event.key === "Escape" && inView ? leave : !event.target.closest(TAKES_KEYS) && KEYS[event.key];
      if (!taken || !taken(notebook, event.target)) return;
      event.preventDefault();
      event.stopPropagation();
    };

    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: styleSheet }));
    document.addEventListener("keydown", key, true);
    restored.then(() => {
      shell.mode = "single-document";
      shell.presentationMode = true;
      shell.collapseLeft();
      shell.collapseRight();
      for (const side of ["left", "right"]) {
        if (shell.isSideTabBarVisible(side)) shell.toggleSideTabBarVisibility(side);
      }
      if (shell.isTopInSimpleModeVisible()) shell.toggleTopInSimpleModeVisibility();
      shell.currentChanged.connect(prepare);
      prepare();
    });
  };

  const plugin = { id: "convhelpers-present:plugin", autoStart: true, activate };
  (window._JUPYTERLAB ??= {})["convhelpers-present"] = {
    init() {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
}
