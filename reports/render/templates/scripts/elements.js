// Elements are made from texts only, never from markup: nothing that a target sent can act.

const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") element.className = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
};

const words = (text) => text.replace(/_/g, " ");

const SIGNS = JSON.parse(document.body.dataset.signs);
const statusSign = (status) => [
  make("span", { class: "sign", "aria-hidden": "true" }, SIGNS[status]),
  make("span", { class: "sr" }, words(status) + ": "),
];

const levelBadges = (records, number) => {
  const level = records.levels[records.level[number]];
  const badges = [make("span", { class: "badge " + level }, level)];
  if (records.security[number]) badges.unshift(make("span", { class: "badge security" }, "security"));
  return badges;
};

const milliseconds = (ms) => ms < 10_000 ? ms.toLocaleString("en") + " ms" : (ms / 1000).toFixed(1) + " s";
const counted = (number, noun) => number.toLocaleString("en") + " " + noun + (number === 1 ? "" : "s");

// A text in pieces, of which every second one, from the second on, is marked.
const marked = (pieces) => make("pre", { class: "text" }, ...pieces.map((piece, number) =>
  number % 2 ? make("mark", {}, piece) : piece));

const copyButton = (text, what) => make("button", {
  type: "button", class: "copy", "aria-label": "Copy " + what,
  onclick: async (event) => {
    const button = event.currentTarget;
    let done = true;
    try { await navigator.clipboard.writeText(text); } catch { done = selectedCopy(button.previousElementSibling); }
    button.textContent = done ? "Copied" : "Selected: press Ctrl+C";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  },
}, "Copy");

// Where a page may not use the clipboard: the text is selected, and copied if the browser does so.
const selectedCopy = (element) => {
  getSelection().selectAllChildren(element);
  return document.execCommand("copy");
};

const commandLine = (label, text) => make("li", {}, make("span", { class: "label" }, label),
  make("code", {}, text), copyButton(text, "the command: " + label));
