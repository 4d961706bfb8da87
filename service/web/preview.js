// The small card that shows a citation's quote and origin while its marker is pointed at or focused.

import { originLine } from "./answer.js";
import { element } from "./dom.js";

const GAP = 8;
const LINGER = 180; // ms in which the pointer may move from the marker into the card

/** Shows a card for every `.cite` inside `root`; `find(number)` gives the citation, or undefined. */
export function offerPreviews(root, find) {
  const card = element("div", { id: "preview", class: "preview", role: "tooltip", hidden: true });
  document.body.append(card);
  let owner = null;
  let timer = 0;

  const hide = () => {
    clearTimeout(timer);
    owner?.removeAttribute("aria-describedby");
    owner = null;
    card.hidden = true;
  };
  const hideSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, LINGER);
  };
  const show = (marker) => {
    clearTimeout(timer);
    const citation = find(Number(marker.dataset.number));
    if (citation === undefined || marker === owner) return;
    hide();
    owner = marker;
    marker.setAttribute("aria-describedby", card.id);
    card.replaceChildren(...cardNodes(citation));
    card.hidden = false;
    place(card, marker);
  };
  const over = (event) => {
    const marker = event.target.closest?.(".cite");
    if (marker) show(marker);
  };

  root.addEventListener("pointerover", (event) => event.pointerType === "mouse" && over(event));
  root.addEventListener("pointerout", (event) => event.target.closest?.(".cite") && hideSoon());
  root.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && over(event));
  root.addEventListener("focusout", hideSoon);
  root.addEventListener("click", hide);
  card.addEventListener("pointerenter", () => clearTimeout(timer));
  card.addEventListener("pointerleave", hideSoon);
  addEventListener("scroll", hide, { passive: true });
  return { hide, shown: () => !card.hidden };
}

function cardNodes(citation) {
  return [
    element("q", { lang: citation.language }, citation.quote),
    element("strong", { lang: citation.language }, citation.title),
    element("span", { class: "origin" }, originLine(citation)),
  ];
}

function place(card, marker) {
  const at = marker.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = card;
  const left = Math.max(GAP, Math.min(at.left - GAP, document.documentElement.clientWidth - width - GAP));
  const below = at.bottom + GAP;
  const top = below + height > innerHeight && at.top - GAP - height > 0 ? at.top - GAP - height : below;
  card.style.left = `${left}px`;
  card.style.top = `${top}px`;
}
