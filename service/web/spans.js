// Offsets. The service counts Unicode code points; JavaScript's strings count UTF-16 units.

/**
 * The UTF-16 offsets at which the code points numbered `counts` (never falling) begin, found in one walk through
 * `text`; null for those that `text` does not have.
 */
export function utf16Offsets(text, counts) {
  let [offset, seen] = [0, 0];
  return counts.map((count) => {
    if (!Number.isInteger(count) || count < seen) return null;
    for (; seen < count && offset < text.length; seen += 1) offset += text.codePointAt(offset) > 0xffff ? 2 : 1;
    return seen === count ? offset : null;
  });
}

/** A span of code points as {start, end} in UTF-16 units; null when it is empty, backward or outside `text`. */
export function utf16Span(text, start, end) {
  const [from, to] = utf16Offsets(text, [start, end]);
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

/**
 * The text as lines {start, content, end, words, kind, tight}: words stand in [start, content), line breaks in
 * [content, end). Lines follow one another without a hole, so that the article shown has exactly the text that is
 * cited. `passages` ({start, end, heading} in code points, in order) tell what a line is: what no passage contains is a
 * heading or clutter.
 */
export function articleLines(text, passages) {
  const airy = /\n[ \t]*\n/.test(text);
  const headings = new Set(passages.map((passage) => passage.heading.trim()));
  const bounds = utf16Offsets(text, passages.flatMap((passage) => [passage.start, passage.end]));
  let at = 0;
  return [...text.matchAll(/[^\n]+\n*|\n+/g)].map((match) => {
    const words = match[0].replace(/\n+$/, "");
    const start = match.index;
    const content = start + words.length;
    const end = start + match[0].length;
    while (at < bounds.length && bounds[at + 1] <= start) at += 2;
    const kind = lineKind(words, at < bounds.length && bounds[at] < content, headings);
    return { start, content, end, words, kind, tight: airy && end - content === 1 };
  });
}

function lineKind(words, inPassage, headings) {
  if (!words.trim()) return "gap";
  if (inPassage) return ITEM.test(words) ? "item" : "text";
  return headings.has(words.trim()) ? "heading" : "clutter";
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
  const spoken = citations.flatMap((citation) => {
    const flat = citation.quote.trim().split(/\s+/).join(" "); // an answer may write a quote on one line
    return [...new Set([citation.quote, flat])].filter(Boolean).map((words) => ({ words, citation }));
  });
  for (const { words, citation } of spoken.sort((one, other) => other.words.length - one.words.length)) {
    for (let start = answer.indexOf(words); start >= 0; start = answer.indexOf(words, start + words.length)) {
      const end = start + words.length;
      if (found.every((range) => end <= range.start || start >= range.end)) found.push({ start, end, citation });
    }
  }
  return found.sort((one, other) => one.start - other.start);
}
