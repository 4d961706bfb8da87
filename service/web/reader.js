// An article with one place in it highlighted: in the pane beside an answer, and on the page of its own.

import { originLine } from "./answer.js";
import { element, outwardLink } from "./dom.js";
import { t } from "./i18n.js";
import { articleLines } from "./spans.js";

/**
 * The article's text as nodes whose whole text content is `text`, letter for letter, with [span.start, span.end) in
 * UTF-16 units inside <mark>. A first line that repeats the title is kept, but not shown twice.
 */
export function articleBody({ text, passages, title, language }, span) {
  const body = element("div", { class: "article-body", lang: language });
  articleLines(text, passages).forEach((line, at) => {
    const node = lineNode(text, line, span);
    const repeats = at === 0 && line.words.trim() === title.trim();
    if (repeats && !node.querySelector("mark")) node.classList.add("repeated");
    body.append(node);
  });
  return body;
}

function lineNode(text, line, span) {
  if (line.kind === "gap") return element("span", { class: "break" }, ...pieces(text, line.start, line.end, span));
  const node = element(line.kind === "heading" ? "h3" : "p", { class: line.kind });
  if (line.tight) node.classList.add("tight");
  node.append(...pieces(text, line.start, line.content, span));
  if (line.end > line.content) {
    node.append(element("span", { class: "break" }, ...pieces(text, line.content, line.end, span)));
  }
  return node;
}

function pieces(text, start, end, span) {
  const from = Math.min(Math.max(span?.start ?? end, start), end);
  const to = Math.min(Math.max(span?.end ?? end, from), end);
  const marked = to > from ? element("mark", {}, text.slice(from, to)) : null;
  return [text.slice(start, from), marked, text.slice(to, end)].filter((piece) => piece !== null && piece !== "");
}

/**
 * One line that says whether the place is in the article. `place` is null or {span, start, end, note}: span in UTF-16
 * units (null when the place is not there), start and end in code points as the service counts them, note the name of
 * the message.
 */
export function placeNote(place) {
  if (place === null) return null;
  return element("p", { class: place.span ? "proof" : "proof missing" }, t(place.note, place.start, place.end));
}

/** A document under its title, with the place highlighted; `extra` are further links of its head. */
export function articleNodes(document_, place, { level = "h1", extra = [] } = {}) {
  return [
    element("p", { class: "origin" }, originLine(document_)),
    element(level, { class: "article-title", lang: document_.language }, document_.title),
    element("p", { class: "actions" }, outwardLink(document_.url, t("original")), ...extra),
    articleBody(document_, place?.span ?? null),
  ];
}

/** Brings the highlighted words into the upper half of `scroller`, the box that scrolls around them, and moves nothing else. */
export function scrollToMark(scroller) {
  const mark = scroller.querySelector("mark");
  if (mark === null) return;
  const top = scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top;
  scroller.scrollTop += mark.getBoundingClientRect().top - top - scroller.clientHeight / 3;
}
