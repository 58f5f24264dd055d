// What is shown, as the part of the address after #: `q=words&status=failed,error&case=ID`, or the
// id of a case alone, so that a link shows the same.

const writeAddress = (filter, opened) => {
  const parts = [];
  const add = (name, value) => value && parts.push(name + "=" + encodeURIComponent(value).replace(/%2F/g, "/").replace(/%2C/g, ","));
  add("q", filter.text.trim());
  for (const facet of FACETS) add(facet, [...filter.chosen[facet]].join(","));
  add("row", filter.line);
  add("finding", filter.finding);
  if (!parts.length) return opened ? encodeURI(opened).replace(/#/g, "%23") : "";
  add("case", opened);
  return parts.join("&");
};

const decoded = (text) => {
  try { return decodeURIComponent(text.replace(/\+/g, "%20")); } catch { return text; }
};

// Sets the filter; returns the id of the case to open, or of an element to show.
const readAddress = (hash, filter, records) => {
  const text = hash.replace(/^#/, "");
  filter.clear();
  let plain = text;
  try { plain = decodeURIComponent(text); } catch { /* a stray per cent sign is taken as it is */ }
  if (records.numberOf(plain) >= 0) return { opened: plain };
  if (!/^[\w-]+=/.test(text)) return { opened: "", element: document.getElementById(plain) };
  const values = new Map(text.split("&").map((part) => {
    const at = part.indexOf("=");
    return [part.slice(0, at), decoded(part.slice(at + 1))];
  }));
  filter.text = values.get("q") ?? "";
  for (const facet of FACETS) {
    const known = new Set(records.values[facet]);
    for (const value of (values.get(facet) ?? "").split(",")) if (known.has(value)) filter.chosen[facet].add(value);
  }
  filter.line = records.lineNames.includes(values.get("row")) ? values.get("row") : "";
  filter.finding = records.findings.includes(values.get("finding")) ? values.get("finding") : "";
  return { opened: records.numberOf(values.get("case")) >= 0 ? values.get("case") : "" };
};
