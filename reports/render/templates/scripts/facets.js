// The bar: search box, facets with counts, and what else narrows the view.

class FilterBar {
  constructor(records, filter, onChange) {
    Object.assign(this, { records, filter, onChange });
    this.form = document.querySelector(".bar");
    this.input = this.form.querySelector("input[type=search]");
    this.output = this.form.querySelector("output");
    this.clearButton = this.form.querySelector(".clear");
    this.boxes = new Map(FACETS.map((facet) => [facet, this.makeFacet(facet)]));
    this.input.addEventListener("input", () => { filter.text = this.input.value; onChange(); });
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.clearButton.addEventListener("click", () => { filter.clear(); onChange(); this.input.focus(); });
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("click", (event) => this.closeFacets(event.target));
    this.form.hidden = false;
    new ResizeObserver(() => document.documentElement.style.setProperty("--bar", this.form.offsetHeight + "px")).observe(this.form);
  }

  makeFacet(facet) {
    const { records, filter } = this;
    const values = records.values[facet];
    const boxes = values.map((value, number) => {
      const count = make("span", { class: "count" });
      const input = make("input", { type: "checkbox", name: facet, value, onchange: () => {
        filter.chosen[facet][input.checked ? "add" : "delete"](value);
        this.onChange();
      } });
      const sign = facet === "status" ? make("span", { class: "sign " + value, "aria-hidden": "true" }, SIGNS[value]) : null;
      const label = make("label", {}, input, sign, make("span", {}, words(value) || "none"), count);
      return { value, number, input, count, label };
    });
    const shown = facet === "security" ? boxes.filter((box) => box.value === "security") : [...boxes];
    if (facet === "kind" || facet === "suite") shown.sort((a, b) => a.value.localeCompare(b.value));
    const number = make("span", { class: "chosen" });
    const title = facet === "client" ? "Client" : facet[0].toUpperCase() + facet.slice(1);
    const details = make("details", { class: "facet", name: "facet" }, make("summary", {}, title, number),
      make("fieldset", {}, make("legend", { class: "sr" }, title), ...shown.map((box) => box.label)));
    this.form.querySelector(".facets").append(details);
    return { boxes, number, details };
  }

  show({ hits, counts }) {
    const { filter } = this;
    if (this.input.value !== filter.text) this.input.value = filter.text;
    FACETS.forEach((facet, place) => {
      const { boxes, number } = this.boxes.get(facet);
      for (const box of boxes) {
        const count = counts[place][box.number];
        box.input.checked = filter.chosen[facet].has(box.value);
        box.count.textContent = count.toLocaleString("en");
        box.label.classList.toggle("empty", !count && !box.input.checked);
      }
      number.textContent = filter.chosen[facet].size ? " " + filter.chosen[facet].size : "";
    });
    this.clearButton.hidden = !filter.isActive;
    const where = [filter.line && "row " + filter.line, filter.finding && "one finding"].filter(Boolean);
    this.output.textContent = counted(hits.length, "case") + (where.length ? " of " + where.join(", ") : "");
  }

  closeFacets(target = null) {
    for (const { details } of this.boxes.values()) if (details.open && !details.contains(target)) details.open = false;
  }

  onKey(event) {
    const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName) && document.activeElement.type !== "checkbox";
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.input.focus();
    } else if (event.key === "Escape") {
      const open = [...this.boxes.values()].find(({ details }) => details.open)?.details;
      if (open) { open.open = false; open.querySelector("summary").focus(); }
      else if (document.activeElement === this.input) { this.filter.clear(); this.onChange(); }
    }
  }
}
