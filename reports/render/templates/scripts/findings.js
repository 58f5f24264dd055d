// The findings: those with matching cases are shown; the example's exchange is drawn when opened.

class FindingsView {
  constructor(records) {
    this.records = records;
    this.section = document.getElementById("findings");
    this.items = [...document.querySelectorAll("[data-finding]")];
    this.places = this.items.map((item) => item.querySelector(".example"));
    this.places.forEach((place, number) => {
      place.hidden = false;
      place.addEventListener("toggle", () => this.fill(number));
    });
    addEventListener("beforeprint", () => this.openAll());
    addEventListener("afterprint", () => this.closeAgain());
  }

  show(hits) {
    if (!this.section) return;
    const counts = new Uint32Array(this.records.findings.length);
    for (const number of hits) if (this.records.finding[number] >= 0) counts[this.records.finding[number]] += 1;
    const all = hits.length === this.records.count;
    for (const item of [...this.items].reverse()) {
      const own = counts[item.dataset.finding];
      const below = [...item.querySelectorAll("[data-finding]")].some((other) => !other.hidden);
      item.hidden = !all && !own && !below;
      for (const follow of item.querySelectorAll(":scope > .follow")) follow.open = !all && below;
      const total = Number(item.dataset.cases);
      item.querySelector(".matching").textContent = all || own === total ? "" : ` (${own} of them match)`;
    }
    this.section.hidden = !all && this.items.every((item) => item.hidden);
  }

  // The examples are in the first blocks, which are inflated before they are printed.
  async prepare() {
    this.examples = await Promise.all(this.items.map((item) =>
      this.records.details(this.records.examples[item.dataset.finding])));
  }

  fill(number) {
    const place = this.places[number];
    const example = this.records.examples[this.items[number].dataset.finding];
    const draw = (details) => place.childElementCount > 1 || place.append(caseView(this.records, example, details, true));
    if (this.examples) draw(this.examples[number]);
    else this.records.details(example).then(draw);
  }

  openAll() {
    this.closed = [];
    this.places.forEach((place, number) => { this.fill(number); this.listCases(this.items[number]); });
    for (const details of document.querySelectorAll("main details")) if (!details.open && !details.matches(".sequence details")) {
      this.closed.push(details);
      details.open = true;
    }
  }

  // On paper, where no link leads to them, the cases of a finding are named: each with its clients.
  listCases(item) {
    const place = item.querySelector(".cases");
    if (place.textContent) return;
    const clients = new Map();
    for (let number = this.records.examples[item.dataset.finding]; this.records.finding[number] === Number(item.dataset.finding); number += 1) {
      const [, name, client] = /^(.*?)(?:\[([^\]]*)\])?$/s.exec(this.records.cases[number]);
      clients.set(name, [...clients.get(name) ?? [], client]);
    }
    place.textContent = [...clients].map(([name, of]) => `${name}[${of.join(", ")}]`).join(" · ");
  }

  closeAgain() {
    for (const details of this.closed ?? []) details.open = false;
  }
}
