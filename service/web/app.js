// The page at /: takes a question, asks the service and shows what comes back.

import { replyNodes } from "./answer.js";
import { Problem, ask, key, listDocuments } from "./api.js";
import { asFilters, choose, chosen, offerFilters, relabelFilters } from "./filters.js";
import { offerLanguages, t } from "./i18n.js";
import { Pane } from "./pane.js";
import { offerPreviews } from "./preview.js";
import { problemNotice } from "./problem.js";
import { tab } from "./storage.js";

const form = document.querySelector("#ask");
const question = document.querySelector("#question");
const result = document.querySelector("#result");
const status = document.querySelector("#status");
const examples = document.querySelector("#examples");
const stock = document.querySelector("#stock");
const forgetKey = document.querySelector("#forget-key");

const pane = new Pane(document.querySelector("#reader"));
const state = { reply: null, problem: null, held: null, waiting: null };
const previews = offerPreviews(result, (number) =>
  state.reply?.citations.find((citation) => citation.number === number));

/** Tells screen readers how things stand; eyes see it only while they wait. */
function say(words, { waiting = false } = {}) {
  status.textContent = words;
  status.classList.toggle("unseen", !waiting);
}

function draw() {
  previews.hide();
  result.replaceChildren();
  if (state.problem !== null) result.append(problemNotice(state.problem, () => askNow()));
  else if (state.reply !== null) result.append(replyNodes(state.reply, (item, link) => pane.open(item, link)));
  examples.hidden = state.reply !== null || state.problem !== null;
  drawStock();
}

function drawStock() {
  forgetKey.hidden = !key.known();
  stock.textContent = state.held === null ? "" : state.held === 0 ? t("emptyStock") : t("stock", state.held);
}

/** Asks what stands in the box. The question is kept in the address after #, which no server is ever sent. */
async function askNow() {
  const words = question.value.trim();
  if (!words) {
    question.focus();
    return;
  }
  state.waiting?.abort();
  const waiting = (state.waiting = new AbortController());
  pane.close({ focus: false });
  remember(words);
  form.setAttribute("aria-busy", "true");
  result.classList.add("stale");
  say(t("asking"), { waiting: true });
  try {
    const reply = await ask(words, asFilters(), waiting.signal);
    Object.assign(state, { reply, problem: null });
    say(reply.outcome === "answered" ? t("answeredStatus", reply.citations.length) : t("abstainedStatus"));
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Problem)) throw error;
    Object.assign(state, { reply: null, problem: error });
    say("");
  } finally {
    if (state.waiting === waiting) {
      form.removeAttribute("aria-busy");
      result.classList.remove("stale");
    }
  }
  draw();
  if (state.held === null) void countStock();
  if (state.problem?.code === "unauthorized") document.querySelector("#key").focus();
}

function remember(words) {
  const address = `#${new URLSearchParams({ q: words, ...chosen() })}`;
  if (location.hash !== address) history.pushState(null, "", address);
  tab.set("return", address);
  document.title = `${words} · Fundstelle`;
}

/** Asks what the address says, when it says anything; else the page is as new. */
function followAddress() {
  const { q = "", ...filters } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  question.value = q;
  choose(filters);
  if (q) {
    void askNow();
    return;
  }
  state.waiting?.abort();
  pane.close({ focus: false });
  Object.assign(state, { reply: null, problem: null });
  document.title = "Fundstelle";
  say("");
  draw();
}

async function countStock() {
  try {
    state.held = (await listDocuments({ limit: 1 })).total;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    state.held = null; // a question will say what is wrong, and better
  }
  drawStock();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void askNow();
});
question.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  void askNow();
});
examples.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  question.value = button.textContent;
  question.focus();
  void askNow();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  if (previews.shown()) previews.hide();
  else if (pane.isOpen) pane.close();
});
forgetKey.addEventListener("click", () => {
  key.forget();
  drawStock();
  question.focus();
});
addEventListener("popstate", followAddress);

offerFilters((error) => {
  if (!(error instanceof Problem)) throw error;
  Object.assign(state, { problem: error });
  draw();
});
offerLanguages(() => {
  relabelFilters();
  draw();
  pane.redraw();
});
followAddress();
void countStock();
