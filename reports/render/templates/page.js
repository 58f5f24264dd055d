"use strict";
// Without this script the page still works: cells are links to the drawers below them.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.querySelector(".filter");
  const input = form.querySelector("input");
  const clear = form.querySelector(".clear");
  const output = form.querySelector("output");
  const chips = all(".chip", form);
  const cells = all("a.cell");
  const texts = new WeakMap();

  const drawerOf = (cell) => document.getElementById(cell.hash.slice(1));
  const show = (cell, open) => {
    drawerOf(cell).classList.toggle("open", open);
    cell.setAttribute("aria-expanded", String(open));
  };
  for (const cell of cells) {
    cell.setAttribute("role", "button");
    cell.setAttribute("aria-controls", cell.hash.slice(1));
    show(cell, false);
    cell.addEventListener("click", (event) => {
      event.preventDefault();
      const open = cell.getAttribute("aria-expanded") !== "true";
      for (const other of all("a.cell", cell.closest("tr"))) show(other, false);
      show(cell, open);
    });
    cell.addEventListener("keydown", (event) => {
      if (event.key === " ") { event.preventDefault(); cell.click(); }
    });
  }

  const textOf = (item) => {
    if (!texts.has(item)) texts.set(item, (item.id + " " + item.textContent).toLowerCase());
    return texts.get(item);
  };
  const filter = () => {
    const wanted = new Set(chips.filter((c) => c.getAttribute("aria-pressed") === "true").map((c) => c.dataset.status));
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const active = wanted.size > 0 || words.length > 0;
    for (const item of all(".hit")) item.classList.remove("hit");
    document.body.classList.toggle("filtered", active);
    clear.hidden = !active;
    if (!active) { output.textContent = ""; return; }
    let found = 0;
    for (const body of all("#matrix tbody")) {
      const title = body.querySelector(".title").textContent.toLowerCase();
      let row = null;
      for (const line of body.rows) {
        if (line.classList.contains("row")) row = line;
        if (!line.classList.contains("drawer")) continue;
        const where = title + " " + row.textContent.toLowerCase();
        for (const item of all(".case", line)) {
          if (wanted.size && ![...wanted].some((status) => item.classList.contains(status))) continue;
          if (!words.every((word) => textOf(item).includes(word) || where.includes(word))) continue;
          for (const hit of [item, line, row, body]) hit.classList.add("hit");
          found += 1;
        }
      }
    }
    output.textContent = found + (found === 1 ? " case" : " cases");
  };
  let pending = 0;
  input.addEventListener("input", () => { clearTimeout(pending); pending = setTimeout(filter, 120); });
  for (const chip of chips) chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    filter();
  });
  const reset = () => {
    input.value = "";
    for (const chip of chips) chip.setAttribute("aria-pressed", "false");
    filter();
  };
  clear.addEventListener("click", () => { reset(); input.focus(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== input && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      input.focus();
    } else if (event.key === "Escape" && document.activeElement === input) reset();
  });

  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (document.body.classList.contains("filtered")) reset();
    const details = target.closest("details");
    if (details) details.open = true;
    const drawer = target.closest(".drawer");
    const cell = drawer && cells.find((c) => c.hash === "#" + drawer.id);
    if (cell) show(cell, true);
    target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", reveal);
  form.hidden = false;
  reveal();
})();
