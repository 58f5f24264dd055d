// Bodies of requests and responses, indented for reading.

const DEEPEST = 40; // levels that are indented: what a target nests deeper must not fill memory
const indent = (depth) => "  ".repeat(Math.min(depth, DEEPEST));

const prettyXml = (text) => {
  const pieces = text.match(/<[^>]*>|[^<]+/g) ?? [];
  const lines = [];
  let depth = 0;
  for (let number = 0; number < pieces.length; number += 1) {
    const piece = pieces[number];
    if (!piece.startsWith("<")) {
      if (piece.trim()) lines.push(indent(depth) + piece.trim());
      continue;
    }
    if (piece.startsWith("</")) {
      depth = Math.max(0, depth - 1);
      lines.push(indent(depth) + piece);
    } else if (/^<[?!]|\/>$/.test(piece)) lines.push(indent(depth) + piece);
    else if (pieces[number + 1] !== undefined && pieces[number + 2]?.startsWith("</") && !pieces[number + 1].startsWith("<")) {
      lines.push(indent(depth) + piece + pieces[number + 1] + pieces[number + 2]);
      number += 2;
    } else if (pieces[number + 1]?.startsWith("</")) {
      lines.push(indent(depth) + piece + pieces[number + 1]);
      number += 1;
    } else {
      lines.push(indent(depth) + piece);
      depth += 1;
    }
  }
  return lines.join("\n");
};

const prettyParameters = (text) => text.split("&").map((part) => {
  const [name, ...value] = part.split("=");
  return decodedParameter(name) + " = " + decodedParameter(value.join("="));
}).join("\n");

// A body, or headers, an empty line and a body.
const prettyBody = (text) => {
  const body = text.trim();
  const split = text.indexOf("\n\n");
  if (split > 0 && /^[\w-]+: /.test(text)) return text.slice(0, split) + "\n\n" + prettyBody(text.slice(split + 2));
  if (body.startsWith("<")) return prettyXml(body);
  if (/^[[{]/.test(body)) {
    try { return JSON.stringify(JSON.parse(body), null, 2); } catch { return text; }
  }
  if (/^[\w.%-]+=[^\s&]*(?:&[\w.%-]+=[^\s&]*)*$/.test(body)) return prettyParameters(body);
  return text;
};
