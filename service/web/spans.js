// Offsets. The service counts Unicode code points; JavaScript's strings count UTF-16 units.

/** The UTF-16 offset at which code point number `count` of `text` begins; null when `text` has fewer. */
export function utf16Offset(text, count) {
  if (!Number.isInteger(count) || count < 0) return null;
  let offset = 0;
  for (let seen = 0; seen < count; seen += 1) {
    if (offset >= text.length) return null;
    offset += text.codePointAt(offset) > 0xffff ? 2 : 1;
  }
  return offset;
}

/** A span of code points as {start, end} in UTF-16 units; null when it is empty, backward or outside `text`. */
export function utf16Span(text, start, end) {
  const from = utf16Offset(text, start);
  const to = utf16Offset(text, end);
  return from === null || to === null || from >= to ? null : { start: from, end: to };
}

/**
 * Where a citation stands in the article's text, in UTF-16 units, or null when it does not stand there word for word.
 * The answer may be older than the article: then nothing is highlighted rather than the wrong words.
 */
export function citedSpan(text, citation) {
  const span =
    Number.isInteger(citation.utf16_start) && Number.isInteger(citation.utf16_end)
      ? { start: citation.utf16_start, end: citation.utf16_end }
      : utf16Span(text, citation.start, citation.end);
  if (span === null || span.start >= span.end) return null;
  const quote = citation.quote ?? citation.text;
  return quote === undefined || text.slice(span.start, span.end) === quote ? span : null;
}

const ITEM = /^\s*(?:[-*•–]|\d{1,2}[.)])\s/;
const HEADING_LENGTH = 100;
const PARAGRAPH_LENGTH = 80;

function isHeading(line, next) {
  const words = line.trim();
  if (words.length > HEADING_LENGTH || next === undefined || ITEM.test(words)) return false;
  return /[^.!:;,…]$/.test(words) && next.length >= PARAGRAPH_LENGTH && next.length > words.length;
}

/**
 * The text as lines {start, content, end, kind, tight}: words stand in [start, content), line breaks in [content, end).
 * Lines follow one another without a hole, so that the article shown has exactly the text that is cited.
 */
export function articleLines(text) {
  const airy = /\n[ \t]*\n/.test(text);
  const lines = [...text.matchAll(/[^\n]+\n*|\n+/g)].map((match) => {
    const words = match[0].replace(/\n+$/, "");
    const [start, end] = [match.index, match.index + match[0].length];
    return { start, content: start + words.length, end, words, kind: words.trim() ? "text" : "gap" };
  });
  const spoken = lines.filter((line) => line.kind !== "gap");
  spoken.forEach((line, at) => {
    if (ITEM.test(line.words)) line.kind = "item";
    else if (isHeading(line.words, spoken[at + 1]?.words)) line.kind = "heading";
    line.tight = airy && line.end - line.content === 1;
  });
  return lines;
}

/**
 * The answer's text as parts: {text} or {number} for a marker, and {text, quote} for words taken from a citation.
 * Brackets inside a quoted sentence are the article's own and no marker of ours.
 */
export function answerParts(answer, citations) {
  const numbers = new Set(citations.map((citation) => citation.number));
  const quotes = quotedRanges(answer, citations);
  const parts = [];
  let at = 0;
  const take = (end) => {
    for (const piece of answer.slice(at, end).split(/(\[\d+\])/)) {
      const number = /^\[\d+\]$/.test(piece) ? Number(piece.slice(1, -1)) : null;
      if (numbers.has(number)) parts.push({ number });
      else if (piece) parts.push({ text: piece });
    }
  };
  for (const range of quotes) {
    take(range.start);
    parts.push({ text: answer.slice(range.start, range.end), quote: range.citation });
    at = range.end;
  }
  take(answer.length);
  return parts;
}

function quotedRanges(answer, citations) {
  const found = [];
  for (const citation of [...citations].sort((one, other) => other.quote.length - one.quote.length)) {
    let start = citation.quote ? answer.indexOf(citation.quote) : -1;
    while (start >= 0) {
      const end = start + citation.quote.length;
      if (found.every((range) => end <= range.start || start >= range.end)) found.push({ start, end, citation });
      start = answer.indexOf(citation.quote, end);
    }
  }
  return found.sort((one, other) => one.start - other.start);
}
