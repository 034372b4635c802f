// What a chart's menu does in the browser: it draws the slide and downloads it, it copies a text.

let library;

/** Plotly, loaded from this server by the first click. */
function plotly(name) {
  library ??= new Promise((loaded, failed) => {
    const script = document.createElement("script");
    script.src = new URL(name, import.meta.url);
    script.onload = () => loaded(window.Plotly);
    script.onerror = () => {
      library = undefined;
      script.remove();
      failed(new Error(`${name}: not loaded`));
    };
    document.head.append(script);
  });
  return library;
}

/** The link stands in the menu: a click elsewhere, as that of Plotly's own download, would close it. */
async function draw(format, menu) {
  const { figure, name, width, height, scale, library: file } = menu.dataset;
  const size = { format, width: +width, height: +height, scale: +scale };
  const picture = await (await plotly(file)).toImage(JSON.parse(figure), size);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await (await fetch(picture)).blob());
  link.download = `${name}.${format}`;
  menu.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Browsers keep the clipboard from a page without HTTPS, as on an office's own network: it copies a selection. */
async function copy(button) {
  if (window.isSecureContext) return navigator.clipboard.writeText(button.dataset.copy);
  const area = document.createElement("textarea");
  area.value = button.dataset.copy;
  button.after(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("not copied");
}

/** What is done while the button says so, then what came of it. */
async function told(button, doing, done, failed, work) {
  const label = button.textContent;
  button.disabled = true;
  button.textContent = doing;
  try {
    await work();
    button.textContent = done || label;
  } catch (fault) {
    console.error(fault);
    button.textContent = failed;
  }
  button.disabled = false;
  setTimeout(() => (button.textContent = label), 3000);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-picture], [data-copy]");
  if (!button) return;
  const { picture } = button.dataset;
  if (picture) told(button, "正在画…", "", "没有画成", () => draw(picture, button.parentElement));
  else told(button, "正在复制", "已复制", "请手工复制", () => copy(button));
});
