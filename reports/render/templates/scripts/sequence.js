// The exchange of a case as a sequence: who sent what to whom, from the top down, with times.

const ACTORS = { SQL: ["harness", "server"], DO: ["operator", "server"], exec: ["command", "bridge"] };

// What a request is, in a few words.
const requestName = (entry) => {
  const body = String(entry.request ?? "");
  const action = /(?:^|&)Action=(\w+)/.exec(body)?.[1] ??
    /<(?:[\w-]+:)?Body[^>]*>\s*<(?:[\w-]+:)?(\w+)/.exec(body)?.[1];
  if (entry.method === "exec") return body.split(/\s+/)[0].split("/").pop();
  if (entry.method === "SQL" || entry.method === "DO") return body.split("\n")[0];
  if (action) return entry.method + " " + action;
  return entry.method + " " + String(entry.url).replace(/^\w+:\/\/[^/]*/, "");
};

const replyName = (entry) => {
  if (entry.status === null || entry.status === undefined) return "no answer";
  if (entry.method === "exec") return "exit status " + entry.status;
  if (entry.method in ACTORS) return entry.status ? "error " + entry.status : "done";
  const body = entry.status >= 400 ? String(entry.response ?? "") : "";
  const code = /<(?:[\w-]+:)?(?:Code|faultcode)[^>]*>([^<]+)</i.exec(body)?.[1];
  return entry.status + (code ? " " + code : "");
};

// HTTP statuses of refusals; of commands and statements all but 0.
const isBad = (entry) => entry.status === null || (entry.method in ACTORS ? entry.status !== 0 : entry.status >= 400);

// The messages, each with its sender, its receiver, a time in seconds since 1970 or 0, and a body.
const messagesOf = (exchange, calls) => {
  const left = [...calls];
  const messages = [];
  const addCall = (call) => {
    const parameters = Object.entries(call.params ?? {}).map(([name, value]) => name + " = " + value).join("\n");
    const status = call.status ? String(call.status) : "no answer";
    messages.push({ lane: 1, forth: true, label: call.command || "a call", at: call.at ?? 0, body: parameters });
    messages.push({ lane: 1, forth: false, label: status, at: 0, body: "", bad: call.status >= 400 });
  };
  exchange.forEach((entry, number) => {
    const began = entry.at ?? 0, ended = began + (entry.seconds ?? 0);
    const isLast = number === exchange.length - 1;
    while (began && left.length && left[0].at && left[0].at < began - 0.001) addCall(left.shift());
    const actors = ACTORS[entry.method];
    messages.push({ lane: 0, forth: true, label: requestName(entry), at: began, body: entry.request, head: entry.method + " " + entry.url, actors });
    const within = (call) => call.at && began ? call.at <= ended + 0.001 : isLast;
    while (left.length && within(left[0])) addCall(left.shift());
    messages.push({ lane: 0, forth: false, label: replyName(entry), at: began ? ended : 0, body: entry.response, bad: isBad(entry), actors });
  });
  while (left.length) addCall(left.shift());
  return messages;
};

const sequence = (exchange, calls) => {
  const messages = messagesOf(exchange, calls);
  const first = messages.find((message) => message.at)?.at ?? 0;
  const hasCalls = calls.length > 0;
  const [sender, receiver] = messages.find((message) => message.actors)?.actors ?? ["client", "bridge"];
  const names = hasCalls ? [sender, receiver, "CloudStack"] : [sender, receiver];
  const head = make("div", { class: "lanes", "aria-hidden": "true" }, ...names.map((name) => make("b", {}, name)));
  const items = messages.map((message) => {
    const ends = message.lane ? [receiver, "CloudStack"] : [sender, receiver];
    const [from, to] = message.forth ? ends : [...ends].reverse();
    const time = message.at ? "+" + Math.max(0, (message.at - first) * 1000).toFixed(1) + " ms" : "";
    const line = [
      make("span", { class: "sr" }, `${from} to ${to}: `),
      make("span", { class: "label" }, message.label),
      make("span", { class: "at" }, time),
    ];
    const name = `message lane-${message.lane} ${message.forth ? "forth" : "back"}${message.bad ? " bad" : ""}`;
    if (!message.body && !message.head) return make("li", { class: name }, make("div", { class: "arrow" }, ...line));
    const body = (message.head ? message.head + "\n\n" : "") + prettyBody(String(message.body ?? ""));
    return make("li", { class: name }, make("details", {}, make("summary", { class: "arrow" }, ...line), make("pre", { class: "text" }, body)));
  });
  return make("div", { class: "sequence" + (hasCalls ? "" : " two") }, head, make("ol", {}, ...items));
};
