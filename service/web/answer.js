// A reply of the service as nodes: an answer with its citations, or the admission that there is none.

import { readingAddress } from "./api.js";
import { dotted, element, outwardLink } from "./dom.js";
import { decimal, duration, languageName, longDate, percent, reasonWords, t } from "./i18n.js";
import { answerParts } from "./spans.js";

const NEAREST = 3;

/** Source, date and language of a citation, a passage or a document, as one line. */
export function originLine(item) {
  const language = item.language && item.language !== "und" ? languageName(item.language) : null;
  return dotted([item.source, longDate(item.published) ?? t("undated"), language]);
}

/**
 * A whole reply. `open(item, link)` is called when somebody follows a link to a place in an article; it may leave the
 * event to the browser by returning false.
 */
export function replyNodes(reply, open) {
  return reply.outcome === "answered" ? answered(reply, open) : abstained(reply, open);
}

function placeLink(item, open, attributes, label) {
  const link = element("a", { href: readingAddress(item.doc_id, item), ...attributes }, label);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return;
    if (open(item, link)) event.preventDefault();
  });
  return link;
}

function answered(reply, open) {
  return element(
    "article",
    { class: "answer" },
    element("p", { class: "kicker" }, t("answer")),
    element("h2", { class: "asked", lang: reply.language }, reply.question),
    answerText(reply, open),
    element("p", { class: "facts" }, facts(reply)),
    reply.reason ? element("p", { class: "aside" }, reasonWords(reply.reason)) : null,
    sources(reply.citations, open),
    passages(reply.passages, open),
  );
}

function facts(reply) {
  const { score, threshold } = reply.answerability ?? {};
  const dropped = reply.dropped_citations ?? 0;
  const total = reply.timings?.total;
  return dotted([
    t(reply.generator === "extractive" ? "extractive" : "languageModel"),
    Number.isFinite(score) ? t("confidence", percent(score), percent(threshold)) : null,
    dropped > 0 ? t("dropped", dropped) : null,
    Number.isFinite(total) ? t("took", duration(total)) : null,
  ]);
}

function answerText(reply, open) {
  const cited = new Map(reply.citations.map((citation) => [citation.number, citation]));
  const text = element("div", { class: "answer-text" }, element("p"));
  for (const part of answerParts(reply.answer.trim(), reply.citations)) {
    if (part.number !== undefined) appendMarker(text.lastChild, marker(cited.get(part.number), open));
    else if (part.quote !== undefined) text.lastChild.append(sentence(part));
    else {
      const [first, ...further] = part.text.split(/\n\s*\n/);
      text.lastChild.append(first);
      text.append(...further.map((words) => element("p", {}, words)));
    }
  }
  return text;
}

/** A marker stays on the line of the word before it. */
function appendMarker(paragraph, node) {
  const before = paragraph.lastChild;
  if (before?.nodeType === Node.TEXT_NODE) before.data = before.data.replace(/ $/, "\u00a0");
  paragraph.append(node);
}

function sentence(part) {
  return element("span", { class: "sentence", lang: part.quote.language }, part.text);
}

function marker(citation, open) {
  const attributes = {
    class: "cite",
    "data-number": citation.number,
    "aria-label": t("citation", citation.number, citation.title),
  };
  return placeLink(citation, open, attributes, `[${citation.number}]`);
}

function sources(citations, open) {
  const items = citations.map((citation) =>
    element(
      "li",
      { class: "source", id: `source-${citation.number}` },
      element("span", { class: "number", "aria-hidden": "true" }, citation.number),
      element(
        "div",
        {},
        element("h3", { lang: citation.language }, placeLink(citation, open, {}, citation.title)),
        element("p", { class: "origin" }, originLine(citation)),
        element("blockquote", { lang: citation.language }, citation.quote),
        element("p", { class: "actions" }, copyButton(citation), outwardLink(citation.url, t("original"))),
      ),
    ),
  );
  return element("section", { class: "sources" }, element("h2", { class: "kicker" }, t("sources")),
    element("ol", {}, items));
}

function copyButton(citation) {
  if (!navigator.clipboard) return null; // browsers offer it on https and on this machine only
  const address = new URL(readingAddress(citation.doc_id, citation), document.baseURI).href;
  const origin = [citation.title, citation.source, citation.published].filter(Boolean).join(", ");
  const copied = async (event) => {
    const button = event.currentTarget;
    await navigator.clipboard.writeText(`${citation.quote}\n\n${origin}\n${address}\n`);
    button.textContent = t("copied");
  };
  return element("button", { type: "button", class: "plain", onclick: copied }, t("copy"));
}

function passages(list, open) {
  if (list.length === 0) return null;
  return element(
    "details",
    { class: "fold passages" },
    element("summary", {}, t("passages", list.length)),
    element("ol", {}, list.map((passage) => passageItem(passage, open))),
  );
}

function passageItem(passage, open) {
  return element(
    "li",
    { class: "passage", "data-passage": passage.passage_id },
    element("h3", { lang: passage.language }, placeLink(passage, open, {}, passage.title)),
    element("p", { class: "origin" }, dotted([originLine(passage), t("score", decimal(passage.score, 3))])),
    passage.heading ? element("p", { class: "heading", lang: passage.language }, passage.heading) : null,
    element("p", { class: "words", lang: passage.language }, passage.text),
  );
}

function abstained(reply, open) {
  const { score, threshold } = reply.answerability ?? {};
  const nearest = reply.passages.slice(0, NEAREST);
  return element(
    "article",
    { class: "answer abstained" },
    element(
      "div",
      { class: "no-answer" },
      element("p", { class: "asked-small", lang: reply.language }, reply.question),
      element("h2", {}, t("abstainedTitle")),
      element("p", {}, reply.reason ? reasonWords(reply.reason) : t("abstainedLead")),
      Number.isFinite(score) ? element("p", { class: "facts" }, t("confidence", percent(score), percent(threshold))) : null,
    ),
    nearest.length > 0
      ? element("section", { class: "nearest" }, element("h2", { class: "kicker" }, t("nearest")),
          element("ol", {}, nearest.map((passage) => passageItem(passage, open))))
      : null,
    passages(reply.passages.slice(NEAREST), open),
  );
}
