"use strict";
// Filters the entries of a comparison by text and by section.

const search = document.getElementById("search");
const boxes = [...document.querySelectorAll("input[name=section]")];
const sections = [...document.querySelectorAll("section[data-section]")].map((element) => ({
  element,
  entries: [...element.querySelectorAll("[data-entry]")].map((entry) => ({
    entry,
    text: entry.textContent.toLowerCase(),
  })),
}));

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = new Map(boxes.map((box) => [box.value, box.checked]));
  let shown = 0;
  for (const { element, entries } of sections) {
    const taken = wanted.get(element.dataset.section) !== false;
    let count = 0;
    for (const { entry, text } of entries) {
      entry.hidden = !taken || !words.every((word) => text.includes(word));
      count += !entry.hidden;
    }
    element.hidden = count === 0;
    shown += count;
  }
  document.getElementById("shown").textContent = `${shown} shown`;
}

document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
document.querySelector("form").addEventListener("input", filter);
filter();
