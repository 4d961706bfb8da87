// The reading pane beside the answer: opens at a citation, closes with Escape, and gives the focus back.

import { readDocument, readingAddress } from "./api.js";
import { element } from "./dom.js";
import { t } from "./i18n.js";
import { problemNotice } from "./problem.js";
import { articleNodes, placeNote, scrollToMark } from "./reader.js";
import { citedSpan } from "./spans.js";

const wide = matchMedia("(min-width: 62rem)");

export class Pane {
  #root;
  #opener = null;
  #item = null;
  #waiting = null;

  constructor(root) {
    this.#root = root;
  }

  get isOpen() {
    return !this.#root.hidden;
  }

  /** Opens the article of a citation or passage; false when the screen has no room, so that the link is followed. */
  open(item, opener) {
    if (!wide.matches) return false;
    this.#current(opener);
    this.#item = item;
    this.#show();
    return true;
  }

  close({ focus = true } = {}) {
    this.#waiting?.abort();
    this.#root.hidden = true;
    this.#root.replaceChildren();
    document.body.classList.remove("reading");
    const opener = this.#opener;
    this.#current(null);
    this.#item = null;
    if (focus) (opener?.isConnected ? opener : document.querySelector("#question")).focus();
  }

  /** Draws again, in the page's language of now. */
  redraw() {
    if (this.#item !== null) this.#show({ focus: false });
  }

  #current(opener) {
    this.#opener?.removeAttribute("aria-current");
    this.#opener = opener;
    opener?.setAttribute("aria-current", "true");
  }

  async #show({ focus = true } = {}) {
    this.#waiting?.abort();
    const { signal } = (this.#waiting = new AbortController());
    const item = this.#item;
    document.body.classList.add("reading");
    this.#root.hidden = false;
    this.#fill([element("p", { class: "status" }, t("loading"))]);
    if (focus) this.#root.focus({ preventScroll: true });
    try {
      const found = await readDocument(item.doc_id, signal);
      const place = placeOf(found, item);
      this.#fill(articleNodes(found, place, { level: "h2", extra: [pageLink(item)] }), placeNote(place));
      scrollToMark(this.#root);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.code === undefined) throw error;
      this.#fill([problemNotice(error, () => this.#show())]);
    }
  }

  /** The note and the button stay in view while the article scrolls under them. */
  #fill(nodes, note = null) {
    const close = element("button", { type: "button", class: "close", "aria-label": t("close"), title: t("close") }, "×");
    close.addEventListener("click", () => this.close());
    const bar = element("div", { class: "pane-bar" }, note, close);
    this.#root.replaceChildren(bar, element("div", { class: "sheet" }, ...nodes));
    this.#root.scrollTop = 0;
  }
}

function placeOf(found, item) {
  const span = citedSpan(found.text, item);
  return { span, start: item.start, end: item.end, note: span ? "placeFound" : "placeChanged" };
}

function pageLink(item) {
  return element("a", { href: readingAddress(item.doc_id, item) }, t("openPage"));
}
