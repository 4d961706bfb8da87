// The fold-out that narrows which articles count.

import { listDocuments } from "./api.js";
import { element } from "./dom.js";
import { languageName, t } from "./i18n.js";

const PAGE = 500;
const MOST = 2000; // articles looked through for their sources and languages

const fields = {
  source: document.querySelector("#filter-source"),
  language: document.querySelector("#filter-language"),
  from: document.querySelector("#filter-from"),
  to: document.querySelector("#filter-to"),
};
const count = document.querySelector("#filter-count");
const fold = document.querySelector("#filters");

/** What is chosen, by the names used in the page's address. */
export function chosen() {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value]).filter(([, value]) => value));
}

/** Chooses as an address says; what is not named is cleared. */
export function choose(values) {
  for (const [name, field] of Object.entries(fields)) {
    const value = values[name] ?? "";
    if (value && field.options && ![...field.options].some((option) => option.value === value)) {
      field.append(element("option", { value }, name === "language" ? languageName(value) : value));
    }
    field.value = value;
  }
  tally();
}

/** What is chosen, as the API's filters. */
export function asFilters({ source, language, from, to } = chosen()) {
  const filters = {};
  if (source) filters.sources = [source];
  if (language) filters.languages = [language];
  if (from) filters.published_from = from;
  if (to) filters.published_to = to;
  return filters;
}

/** Fills the lists from the articles held; `problem` is told when that fails. Filters work without, too. */
export async function fillFilters() {
  const [sources, languages] = [new Set(), new Set()];
  let total = Infinity;
  for (let offset = 0; offset < Math.min(total, MOST); offset += PAGE) {
    const page = await listDocuments({ limit: PAGE, offset });
    total = page.total;
    for (const held of page.documents) {
      if (held.source) sources.add(held.source);
      if (held.language) languages.add(held.language);
    }
    if (page.documents.length === 0) break;
  }
  const kept = chosen();
  refill(fields.source, "allSources", [...sources].sort(), (name) => name);
  refill(fields.language, "allLanguages", [...languages].sort(), languageName);
  choose(kept);
}

function refill(field, all, values, label) {
  field.replaceChildren(
    element("option", { value: "", "data-text": all }, t(all)),
    ...values.map((value) => element("option", { value }, label(value))),
  );
}

function tally() {
  const size = Object.keys(chosen()).length;
  count.hidden = size === 0;
  count.textContent = String(size);
}

/** Language names follow the page's language. */
export function relabelFilters() {
  for (const option of fields.language.options) if (option.value) option.textContent = languageName(option.value);
}

export function offerFilters(failed) {
  let filled = false;
  fold.addEventListener("toggle", async () => {
    if (!fold.open || filled) return;
    filled = true;
    try {
      await fillFilters();
    } catch (error) {
      filled = false;
      failed(error);
    }
  });
  for (const field of Object.values(fields)) field.addEventListener("change", tally);
  document.querySelector("#filter-clear").addEventListener("click", () => choose({}));
}
