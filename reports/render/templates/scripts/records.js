// The data of the page: an index of all cases, and blocks with their details, which are inflated
// when they are needed. Both are JSON, deflated, in base64, in elements that no browser runs.

const bytesOf = (element) => {
  const text = element.textContent;
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
};

const inflate = async (element) => {
  const stream = new Blob([bytesOf(element)]).stream();
  return new Response(stream.pipeThrough(new DecompressionStream("deflate-raw"))).json();
};

const FACETS = ["status", "level", "security", "kind", "client", "suite"];

class Records {
  // The cases of the run, by number, in the order of the page.
  constructor(index) {
    Object.assign(this, index);
    this.count = this.cases.length;
    this.security = Uint8Array.from(this.security);
    this.securities = ["other", "security"];
    this.values = {
      status: this.statuses, level: this.levels, security: this.securities,
      kind: this.kinds, client: this.clients, suite: this.suites,
    };
    for (const name of ["status", "level", "kind", "client", "suite", "line", "requirement", "reason"])
      this[name] = Uint32Array.from(this[name]);
    this.finding = Int32Array.from(this.finding);
    this.numbers = null;
    this.blocks = new Map();
    this.places = this.placesInBlocks();
    this.lower = null;
  }

  static async load() {
    return new Records(await inflate(document.getElementById("index")));
  }

  // The examples of the findings, which are the first of their cases, come first in the blocks.
  placesInBlocks() {
    const places = new Uint32Array(this.count);
    this.examples = new Int32Array(this.findings.length).fill(-1);
    for (let number = this.count - 1; number >= 0; number -= 1)
      if (this.finding[number] >= 0) this.examples[this.finding[number]] = number;
    let next = this.findings.length;
    for (let number = 0; number < this.count; number += 1) {
      const finding = this.finding[number];
      places[number] = finding >= 0 && this.examples[finding] === number ? finding : next++;
    }
    return places;
  }

  numberOf(id) {
    this.numbers ??= new Map(this.cases.map((name, number) => [name, number]));
    return this.numbers.get(id) ?? -1;
  }

  statusOf(number) { return this.statuses[this.status[number]]; }
  isPassed(number) { return this.statusOf(number) === "passed"; }

  details(number) {
    const size = Number(document.body.dataset.blockCases);
    const block = Math.floor(this.places[number] / size);
    if (!this.blocks.has(block)) this.blocks.set(block, inflate(document.getElementById("block-" + block)));
    return this.blocks.get(block).then((cases) => cases[this.places[number] % size]);
  }

  // The texts that a search looks into, in lower case: of each case its id, and of distinct texts
  // each only once.
  searched() {
    const lower = (texts) => texts.map((text) => text.toLowerCase());
    this.lower ??= {
      cases: lower(this.cases), line: lower(this.lines),
      requirement: lower(this.requirements), reason: lower(this.reasons),
    };
    return this.lower;
  }
}
