// An opened case: requirement, expected beside observed, the exchange, commands that repeat it.

const section = (title, ...children) => make("section", { class: "part" }, make("h3", {}, title), ...children);

const sides = (details) => make("div", { class: "sides" },
  make("div", {}, make("h3", {}, "Expected"), marked(details.expected)),
  make("div", {}, make("h3", {}, "Observed"), marked(details.observed)));

const quoted = (text) => /^[\w./:=-]+$/.test(text) ? text : "'" + text.replace(/'/g, "'\\''") + "'";

// Where the page lies in its run's directory, the command works from any other.
const showCommand = (id) => {
  const folder = location.protocol === "file:" && decoded(location.pathname).replace(/\/[^/]*$/, "");
  return `conform show ${quoted(folder || document.body.dataset.run)} ${quoted(id)}`;
};

const repeatCommands = (id, details) => {
  const show = showCommand(id);
  const lines = [];
  if (details.repeat) lines.push(commandLine("run it again", details.repeat));
  const last = details.exchange?.at(-1);
  if (last?.method === "exec") lines.push(commandLine("the command", String(last.request)));
  else if (document.body.dataset.live === "yes" && /^https?:/.test(last?.url)) lines.push(commandLine("its last request, freshly signed", show + " --curl"));
  lines.push(commandLine("all of it, on a terminal", show));
  return make("ul", { class: "commands" }, ...lines);
};

const exchangePart = (id, details) => {
  if (details.short) return section("Exchange", make("p", { class: "muted" },
    "Left out, to keep this page small. On a terminal: ", make("code", {}, showCommand(id))));
  const exchange = details.exchange ?? [], calls = details.calls ?? [];
  if (!exchange.length && !calls.length) return null;
  return section("Exchange", sequence(exchange, calls));
};

// The recorded difference with its expression, and the last answer as it came.
const rawPart = (details) => {
  const answer = details.exchange?.at(-1)?.response;
  const measured = details.measured ? JSON.stringify(details.measured, null, 2) : "";
  const parts = [["Difference, with its expression", details.because], ["Last answer, raw", answer], ["Measured", measured]];
  const shown = parts.filter(([, text]) => text);
  if (!shown.length) return null;
  return make("details", { class: "raw" }, make("summary", {}, "Expression and raw answer"),
    ...shown.map(([title, text]) => section(title, make("pre", { class: "text" }, text))));
};

// `besides`: only what a finding does not show of its example already.
const caseView = (records, number, details, besides = false) => {
  const id = records.cases[number];
  const status = records.statusOf(number);
  const requirement = records.requirements[records.requirement[number]];
  const parts = [exchangePart(id, details), section("Repeat", repeatCommands(id, details)), rawPart(details)];
  if (!besides) parts.unshift(
    make("p", { class: "requirement" }, requirement, details.source ? make("span", { class: "muted" }, " " + details.source) : ""),
    details.because ? make("pre", { class: "because" }, records.reasons[records.reason[number]]) : null,
    details.expected ? sides(details) : null);
  return make("div", { class: "case-view " + status }, ...parts);
};
