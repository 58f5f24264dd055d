// The matrices: each cell says how many of the matching cases passed, and opens the list of them.

class MatrixView {
  constructor(records, onChoose) {
    this.records = records;
    this.rows = [...document.querySelectorAll("tr[data-line]")];
    records.lineNames = this.rows.map((row) => row.dataset.line);
    this.clients = records.clients.length;
    this.cells = new Map(); // by row and client
    for (const [line, row] of this.rows.entries())
      for (const cell of row.querySelectorAll("a[data-client]"))
        this.cells.set(line * this.clients + records.clients.indexOf(cell.dataset.client), cell);
    this.passed = records.statuses.indexOf("passed");
    document.getElementById("matrices").addEventListener("click", (event) => {
      const cell = event.target.closest("a[data-client]");
      if (!cell) return;
      event.preventDefault();
      onChoose(cell.closest("tr").dataset.line, cell.dataset.client);
    });
  }

  show(hits) {
    const { records, clients } = this;
    const totals = new Uint32Array(this.rows.length * clients), passes = new Uint32Array(totals.length);
    const worst = new Uint8Array(totals.length).fill(255);
    for (const number of hits) {
      const place = records.line[number] * clients + records.client[number];
      totals[place] += 1;
      if (records.status[number] === this.passed) passes[place] += 1;
      if (records.status[number] < worst[place]) worst[place] = records.status[number];
    }
    const seen = new Set();
    for (const [place, cell] of this.cells) {
      const total = totals[place];
      if (total) seen.add(Math.floor(place / clients));
      cell.hidden = !total;
      if (total) this.fill(cell, records.statuses[worst[place]], passes[place], total);
    }
    this.hide(seen, hits.length === records.count);
  }

  fill(cell, status, passed, total) {
    const text = `${passed}/${total}`;
    if (cell.dataset.shown === status + text) return;
    cell.dataset.shown = status + text;
    cell.className = "cell " + status;
    cell.setAttribute("aria-label", `${cell.closest("tr").dataset.name} with ${cell.dataset.client}: ${words(status)}, ${passed} of ${total} passed`);
    cell.replaceChildren(make("span", { class: "sign", "aria-hidden": "true" }, SIGNS[status]), text);
  }

  hide(seen, all) {
    for (const [line, row] of this.rows.entries()) row.hidden = !all && !seen.has(line);
    for (const body of document.querySelectorAll("#matrices tbody"))
      body.hidden = ![...body.querySelectorAll("tr[data-line]")].some((row) => !row.hidden);
    for (const part of document.querySelectorAll("#matrices .matrix"))
      part.hidden = ![...part.querySelectorAll("tbody")].some((body) => !body.hidden);
    document.getElementById("matrices").hidden = !all && !seen.size;
  }
}
