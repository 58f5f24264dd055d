// Which cases a reader wants to see: words that must all be found, and values of facets.

class Filter {
  constructor(records) {
    this.records = records;
    this.text = "";
    this.chosen = Object.fromEntries(FACETS.map((facet) => [facet, new Set()]));
    this.line = "";     // the name of a row of the matrix
    this.finding = "";  // the id of a finding
    this.wordHits = new Map();
  }

  get isActive() {
    return Boolean(this.text.trim() || this.line || this.finding || FACETS.some((facet) => this.chosen[facet].size));
  }

  clear() {
    this.text = this.line = this.finding = "";
    for (const facet of FACETS) this.chosen[facet].clear();
  }

  // The cases that match, and for each facet how many match all but that facet.
  apply() {
    const { records } = this;
    const texts = this.matchingTexts();
    const line = this.line ? records.lineNames.indexOf(this.line) : -1;
    const finding = this.finding ? records.findings.indexOf(this.finding) : -1;
    const columns = FACETS.map((facet) => records[facet]);
    const wanted = FACETS.map((facet) => this.wantedValues(facet));
    const counts = FACETS.map((facet) => new Uint32Array(records.values[facet].length));
    const hits = new Uint32Array(records.count);
    let found = 0;
    for (let number = 0; number < records.count; number += 1) {
      if (texts && !texts[number]) continue;
      if (this.line && records.line[number] !== line) continue;
      if (this.finding && records.finding[number] !== finding) continue;
      let missed = -1, misses = 0;
      for (let facet = 0; facet < FACETS.length && misses < 2; facet += 1)
        if (wanted[facet] && !wanted[facet][columns[facet][number]]) { missed = facet; misses += 1; }
      if (misses === 0) {
        hits[found++] = number;
        for (let facet = 0; facet < FACETS.length; facet += 1) counts[facet][columns[facet][number]] += 1;
      } else if (misses === 1) counts[missed][columns[missed][number]] += 1;
    }
    return { hits: hits.subarray(0, found), counts };
  }

  wantedValues(facet) {
    const chosen = this.chosen[facet];
    return chosen.size ? Uint8Array.from(this.records.values[facet], (value) => Number(chosen.has(value))) : null;
  }

  // Null if there are no words; else for each case whether it has all of them.
  matchingTexts() {
    const words = this.text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return null;
    const all = words.map((word) => this.hitsOf(word));
    if (all.length === 1) return all[0];
    return all[0].map((hit, number) => Number(hit && all.every((hits) => hits[number])));
  }

  hitsOf(word) {
    const known = this.wordHits.get(word);
    if (known) return known;
    const { records } = this;
    const texts = records.searched();
    const [line, requirement, reason] = ["line", "requirement", "reason"].map((name) =>
      Uint8Array.from(texts[name], (text) => Number(text.includes(word))));
    const hits = new Uint8Array(records.count);
    for (let number = 0; number < records.count; number += 1)
      hits[number] = Number(line[records.line[number]] || requirement[records.requirement[number]] ||
        reason[records.reason[number]] || texts.cases[number].includes(word));
    if (this.wordHits.size > 8) this.wordHits.clear();
    this.wordHits.set(word, hits);
    return hits;
  }
}
