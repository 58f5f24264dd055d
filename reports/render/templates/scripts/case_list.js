// The cases that match, as a table of which only the rows in sight are drawn.

const ROW_HEIGHT = 46; // px, as in page.css
const MARGIN = 12;     // rows that are drawn above and below what is in sight

class CaseList {
  constructor(records, onOpen) {
    this.records = records;
    this.onOpen = onOpen;
    this.section = document.getElementById("cases");
    this.body = document.getElementById("case-rows");
    this.table = document.getElementById("case-table");
    this.rows = new Map();
    this.hits = new Uint32Array(0);
    this.opened = -1;  // the place of the opened case among the hits
    this.detail = null;
    this.detailHeight = 0;
    this.pending = false;
    const draw = () => this.drawSoon();
    addEventListener("scroll", draw, { passive: true });
    addEventListener("resize", draw);
    this.sizes = new ResizeObserver(() => this.measure());
    this.body.addEventListener("keydown", (event) => this.onKey(event));
  }

  show(hits, opened) {
    this.hits = hits;
    this.clearRows();
    this.closeDetail();
    this.opened = opened === null ? -1 : hits.indexOf(opened);
    if (this.opened >= 0) this.openDetail();
    this.layOut();
  }

  clearRows() {
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
  }

  // Opens a case of the list, or closes the opened one (-1).
  open(place) {
    for (const changed of [this.opened, place]) {
      this.rows.get(changed)?.remove();
      this.rows.delete(changed);
    }
    this.closeDetail();
    this.opened = place;
    if (place >= 0) this.openDetail();
    this.layOut();
  }

  openDetail() {
    const number = this.hits[this.opened];
    const cell = make("div", { role: "cell", "aria-colspan": 4 }, make("p", { class: "muted" }, "…"));
    this.detail = make("div", { role: "row", class: "detail", id: "opened-case", "aria-label": this.records.cases[number] }, cell);
    this.body.append(this.detail);
    this.sizes.observe(this.detail);
    const detail = this.detail;
    this.ready = this.records.details(number).then((details) => {
      if (detail !== this.detail) return;
      cell.replaceChildren(caseView(this.records, number, details));
      this.measure();
    });
  }

  closeDetail() {
    if (this.detail) { this.sizes.unobserve(this.detail); this.detail.remove(); }
    this.detail = null;
    this.detailHeight = 0;
  }

  measure() {
    if (!this.detail) return;
    const height = this.detail.offsetHeight;
    if (height !== this.detailHeight) { this.detailHeight = height; this.layOut(); }
  }

  top(place) {
    return place * ROW_HEIGHT + (this.opened >= 0 && place > this.opened ? this.detailHeight : 0);
  }

  layOut() {
    this.table.setAttribute("aria-rowcount", this.hits.length + 1 + (this.opened >= 0 ? 1 : 0));
    this.body.style.height = this.top(this.hits.length) + "px";
    if (this.detail) this.detail.style.top = (this.opened + 1) * ROW_HEIGHT + "px";
    for (const [place, row] of this.rows) this.placeRow(place, row);
    this.draw();
  }

  placeRow(place, row) {
    row.style.top = this.top(place) + "px";
    row.setAttribute("aria-rowindex", place + 2 + (this.opened >= 0 && place > this.opened ? 1 : 0));
  }

  drawSoon() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => { this.pending = false; this.draw(); });
  }

  placeAt(y) {
    const start = (this.opened + 1) * ROW_HEIGHT;
    if (this.opened < 0 || y < start) return Math.floor(y / ROW_HEIGHT);
    return Math.max(this.opened, Math.floor((y - this.detailHeight) / ROW_HEIGHT));
  }

  draw() {
    const above = -this.body.getBoundingClientRect().top;
    const first = Math.max(0, this.placeAt(Math.max(0, above)) - MARGIN);
    const last = Math.min(this.hits.length - 1, this.placeAt(Math.max(0, above + innerHeight)) + MARGIN);
    for (const [place, row] of this.rows)
      if ((place < first || place > last) && !row.contains(document.activeElement)) { row.remove(); this.rows.delete(place); }
    for (let place = first; place <= last; place += 1) if (!this.rows.has(place)) this.addRow(place);
    // Behind its row, for readers and the Tab key, too.
    const row = this.rows.get(this.opened);
    if (row && row.nextSibling !== this.detail) row.after(this.detail);
  }

  addRow(place) {
    const row = this.makeRow(place);
    this.placeRow(place, row);
    // In the order of the list, for readers and the Tab key.
    const after = [...this.rows.keys()].filter((other) => other > place);
    const next = after.length ? this.rows.get(Math.min(...after)) : null;
    this.body.insertBefore(row, next ?? null);
    this.rows.set(place, row);
  }

  makeRow(place) {
    const { records } = this;
    const number = this.hits[place];
    const id = records.cases[number];
    const isOpen = place === this.opened;
    const text = records.reasons[records.reason[number]] || records.requirements[records.requirement[number]];
    const link = make("a", {
      href: "#" + encodeURI(id).replace(/#/g, "%23"), "aria-expanded": String(isOpen),
      onclick: (event) => { event.preventDefault(); this.onOpen(isOpen ? null : number); },
    }, id);
    return make("div", { role: "row", class: "line " + records.statusOf(number) + (isOpen ? " open" : "") },
      make("div", { role: "cell", class: "what" }, ...statusSign(records.statusOf(number))),
      make("div", { role: "cell", class: "name" }, link, make("span", { class: "why", title: text }, text)),
      make("div", { role: "cell", class: "badges" }, ...levelBadges(records, number)),
      make("div", { role: "cell", class: "time" }, milliseconds(records.ms[number])));
  }

  onKey(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    const row = event.target.closest(".line");
    if (step === undefined || !row || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const here = [...this.rows].find(([, other]) => other === row)[0];
    this.focus(Math.min(this.hits.length - 1, Math.max(0, here + step)));
  }

  focus(place) {
    this.reveal(place);
    this.draw();
    this.rows.get(place)?.querySelector("a").focus({ preventScroll: true });
  }

  // Scrolls so that a row is in sight below the bar; `atTop`: right below it.
  reveal(place, atTop = false) {
    const bar = document.querySelector(".bar").offsetHeight + 8;
    const y = this.body.getBoundingClientRect().top + this.top(place);
    if (atTop || y < bar) scrollBy(0, y - bar);
    else if (y + ROW_HEIGHT > innerHeight) scrollBy(0, y + ROW_HEIGHT - innerHeight);
  }
}
