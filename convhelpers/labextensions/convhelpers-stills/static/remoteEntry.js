// What stands still in a notebook, for everyone.
//
// Where a notebook was saved without the state of its widgets, JupyterLab writes "model not found" in the place of each.
// The outputs hold more than the widget, and with this extension that is shown: a picture, or a text. And JupyterLab
// shows a picture without the text that stands in for it; with this extension a screen reader is given it.
//
// JupyterLab loads an extension as a container of webpack's module federation, which is `init` and `get`. This one needs
// no module of JupyterLab's own, so its container is written out at the end, and nothing has to be built.
{
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const STATES = "application/vnd.jupyter.widget-state+json";

  // A widget has a state in the notebook, or a line of its own to the kernel that has just made it.
  const fallBack = ({ content: { rendermime }, sessionContext }, { model }) => {
    const preferred = rendermime.preferredMimeType.bind(rendermime);
    const isStored = (id) => Object.hasOwn(model.getMetadata("widgets")?.[STATES]?.state ?? {}, id);
    const isLive = (id) => sessionContext.session?.kernel?.hasComm(id);
    rendermime.preferredMimeType = (data, safe) => {
      const { [VIEW]: view, ...besides } = data;
      const id = view?.model_id;
      const still = id && !isStored(id) && !isLive(id) && preferred(besides, safe);
      return still || preferred(data, safe);
    };
  };

  // The text lies in the output's metadata.
  const nameImages = ({ content: { rendermime } }) => {
    const create = rendermime.createRenderer.bind(rendermime);
    rendermime.createRenderer = (kind) => {
      const renderer = create(kind);
      const render = renderer.renderModel.bind(renderer);
      renderer.renderModel = async (model) => {
        await render(model);
        const alt = kind.startsWith("image/") && model.metadata[kind]?.alt;
        if (alt) renderer.node.querySelector("img")?.setAttribute("alt", alt);
      };
      return renderer;
    };
  };

  const activate = ({ docRegistry }) => {
    docRegistry.addWidgetExtension("Notebook", { createNew: fallBack });
    docRegistry.addWidgetExtension("Notebook", { createNew: nameImages });
  };

  const plugin = { id: "convhelpers-stills:plugin", autoStart: true, activate };
  (window._JUPYTERLAB ??= {})["convhelpers-stills"] = {
    init() {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
}
