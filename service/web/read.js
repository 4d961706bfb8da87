// The page at /read/{doc_id}: a whole article, with the place named by ?start= and &end= (code points) highlighted.

import { Problem, readDocument } from "./api.js";
import { offerLanguages, t } from "./i18n.js";
import { problemNotice } from "./problem.js";
import { articleNodes, placeNote, scrollToMark } from "./reader.js";
import { utf16Span } from "./spans.js";
import { tab } from "./storage.js";

const root = document.querySelector("#reader");
const status = document.querySelector("#status");
const address = new URLSearchParams(location.search);
const state = { found: null, problem: null };

function number(name) {
  const text = address.get(name) ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** The place the address names in the article: null when it names none, without a span when it is not there. */
function placeOf(found) {
  if (!address.has("start") && !address.has("end")) return null;
  const [start, end] = [number("start"), number("end")];
  if (address.has("sha256") && address.get("sha256") !== found.sha256) {
    return { span: null, start, end, note: "placeChanged" };
  }
  const span = utf16Span(found.text, start, end);
  // Only the checksum says that these are the words somebody cited, and not merely the same places.
  const shown = address.has("sha256") ? "placeFound" : "placeShown";
  return { span, start, end, note: span ? shown : "placeInvalid" };
}

function draw() {
  if (state.problem !== null) root.replaceChildren(problemNotice(state.problem, load));
  else if (state.found !== null) {
    const place = placeOf(state.found);
    root.replaceChildren(...[placeNote(place), ...articleNodes(state.found, place)].filter(Boolean));
  }
}

async function load() {
  status.textContent = t("loading");
  try {
    state.found = await readDocument(decodeURIComponent(location.pathname.split("/").at(-1)));
    state.problem = null;
    document.title = `${state.found.title} · Fundstelle`;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    state.problem = error;
  }
  status.textContent = "";
  draw();
  scrollToMark(document.scrollingElement);
  document.querySelector("#key")?.focus();
}

const back = tab.get("return");
if (back !== null) document.querySelector("#back").hash = back;
offerLanguages(draw);
void load();
