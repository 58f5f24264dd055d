// The page: one state, which is the filter and the opened case, shown by all parts and kept in the
// address. Without this script the page shows claim, findings and matrices as they stand.

class Report {
  constructor(records) {
    this.records = records;
    this.filter = new Filter(records);
    this.opened = null; // the number of a case
    this.matrix = new MatrixView(records, (line, client) => this.choose(line, client));
    this.findings = new FindingsView(records);
    this.list = new CaseList(records, (number) => this.open(number));
    this.bar = new FilterBar(records, this.filter, () => this.refilter());
    this.aside = [...document.querySelectorAll("[data-aside]")];
    addEventListener("hashchange", () => this.follow());
    this.follow();
    this.findings.prepare();
  }

  // Shows what the address says.
  follow() {
    const { opened, element } = readAddress(location.hash, this.filter, this.records);
    if (!element) this.opened = opened ? this.records.numberOf(opened) : null;
    else if (element.closest("[hidden]")) this.filter.clear();
    this.show();
    if (element) {
      this.revealElement(element);
      this.keepAddress(false);
    } else if (this.opened !== null) this.revealOpened();
    else if (this.filter.isActive) this.revealHits();
  }

  show() {
    const found = this.filter.apply();
    if (this.opened !== null && found.hits.indexOf(this.opened) < 0) this.opened = null;
    const isActive = this.filter.isActive;
    document.body.classList.toggle("filtered", isActive);
    for (const element of this.aside) element.hidden = isActive;
    this.bar.show(found);
    this.findings.show(found.hits);
    this.matrix.show(found.hits);
    this.list.show(found.hits, this.opened);
    this.title(found.hits);
    this.hits = found.hits;
  }

  // `AttachVolume with boto3: 12 of 14 passed`.
  title(hits) {
    const { filter, records } = this;
    let passed = 0;
    for (const number of hits) if (records.isPassed(number)) passed += 1;
    const clients = [...filter.chosen.client].join(", ");
    const what = filter.line ? filter.line + (clients ? " with " + clients : "") : filter.isActive ? "Matching cases" : "All cases";
    document.getElementById("cases-h").textContent = `${what}: ${passed.toLocaleString("en")} of ${hits.length.toLocaleString("en")} passed`;
  }

  // After a change of the filter: the first hit is right below the bar.
  refilter() {
    this.show();
    this.keepAddress(false);
    if (this.filter.isActive) this.revealHits();
  }

  revealHits() {
    const bar = document.querySelector(".bar");
    const main = document.querySelector("main");
    scrollTo(0, main.getBoundingClientRect().top + scrollY - bar.offsetHeight);
  }

  choose(line, client) {
    this.filter.line = line;
    this.filter.chosen.client = new Set([client]);
    this.show();
    this.keepAddress(true);
    if (this.hits.length) this.list.reveal(0, true);
    scrollBy(0, -document.getElementById("cases-h").offsetHeight - 60);
    document.getElementById("cases-h").focus({ preventScroll: true });
  }

  open(number) {
    const before = this.opened;
    this.opened = number;
    this.list.open(number === null ? -1 : this.hits.indexOf(number));
    this.keepAddress(true);
    const place = this.hits.indexOf(number ?? before);
    if (place >= 0) this.list.focus(place);
  }

  revealOpened() {
    const place = this.hits.indexOf(this.opened);
    this.list.reveal(place, true);
    this.list.draw();
    this.list.rows.get(place)?.querySelector("a").focus({ preventScroll: true });
  }

  revealElement(element) {
    const own = element.querySelector(":scope > details");
    if (own) own.open = true;
    for (let details = element.closest("details"); details; details = details.parentElement.closest("details")) details.open = true;
    element.scrollIntoView();
  }

  keepAddress(isStep) {
    const opened = this.opened === null ? "" : this.records.cases[this.opened];
    const address = writeAddress(this.filter, opened);
    const url = location.pathname + location.search + (address ? "#" + address : "");
    if (!address && !isStep && location.hash && document.getElementById(location.hash.slice(1))) return;
    clearTimeout(this.pending);
    if (!isStep) {
      this.unwritten = url; // browsers limit how often an address changes
      this.pending = setTimeout(() => this.writeAddress(), 150);
      return;
    }
    this.writeAddress();
    history.pushState(null, "", url);
  }

  writeAddress() {
    if (this.unwritten) history.replaceState(null, "", this.unwritten);
    this.unwritten = "";
  }
}

Records.load().then((records) => {
  globalThis.report = new Report(records);
  performance.mark("ready");
  document.documentElement.dataset.ready = "yes";
}).catch((error) => {
  const note = document.getElementById("broken");
  note.hidden = false;
  note.append(" (" + error + ")");
});
