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

// A stray per cent sign is taken as it is.
const decoded = (text) => {
  try { return decodeURIComponent(text); } catch { return text; }
};
const decodedParameter = (text) => decoded(text.replace(/\+/g, "%20"));

// Sets the filter, and returns the id of the case to open; the address of an element of the page
// changes nothing: it is returned.
const readAddress = (hash, filter, records) => {
  const text = hash.replace(/^#/, "");
  const plain = decoded(text);
  const isCase = records.numberOf(plain) >= 0;
  const element = isCase ? null : document.getElementById(plain);
  if (element) return { element };
  filter.clear();
  if (isCase) return { opened: plain };
  if (!/^[\w-]+=/.test(text)) return { opened: "" };
  const values = new Map(text.split("&").map((part) => {
    const at = part.indexOf("=");
    return [part.slice(0, at), decodedParameter(part.slice(at + 1))];
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
