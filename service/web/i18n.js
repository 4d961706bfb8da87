// The page's own words, in German and English, and how dates and numbers are written in each.

import { browser } from "./storage.js";

const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

const messages = {
  de: {
    allLanguages: "Alle Sprachen",
    allSources: "Alle Quellen",
    answer: "Antwort",
    answeredStatus: (count) => `Antwort mit ${plural(count, "Beleg", "Belegen")}.`,
    ask: "Fragen",
    askLabel: "Fragen Sie die Artikel, auf Deutsch oder Englisch",
    abstainedStatus: "Die Artikel beantworten das nicht.",
    abstainedTitle: "Dazu steht nichts in den Artikeln",
    abstainedLead: "Keine Stelle beantwortet die Frage sicher genug. Lieber keine Antwort als eine falsche.",
    asking: "Die Artikel werden durchsucht …",
    back: "Zurück zur Frage",
    citation: (number, title) => `Beleg ${number}: ${title}`,
    clearFilters: "Filter löschen",
    close: "Schließen",
    confidence: (score, threshold) => `Sicherheit ${score}, nötig ${threshold}`,
    copied: "Kopiert",
    copy: "Zitat kopieren",
    dropped: (count) => `${plural(count, "Aussage", "Aussagen")} ohne gültigen Beleg weggelassen`,
    emptyStock: "Noch keine Artikel. „fundstelle ingest ORDNER“ liest welche ein.",
    examples: "Zum Beispiel",
    extractive: "Wörtlich aus den Artikeln",
    filters: "Filter",
    forgetKey: "Schlüssel vergessen",
    from: "Erschienen ab",
    keyLabel: "Schlüssel",
    keyLead: "Dieser Dienst antwortet nur mit einem Schlüssel. Er bleibt in diesem Tab und wird beim Schließen vergessen.",
    keySubmit: "Weiter",
    keyTitle: "Schlüssel nötig",
    keyWrong: "Dieser Schlüssel wurde nicht angenommen.",
    language: "Sprache",
    languages: "Sprache der Seite",
    languageModel: "Von einem Sprachmodell formuliert, jeder Satz belegt",
    loading: "Der Artikel wird geladen …",
    motto: "Jede Antwort sagt, wo sie steht.",
    nearest: "Am nächsten kommen",
    openPage: "Als eigene Seite",
    original: "Original",
    passages: (count) => `${plural(count, "Stelle", "Stellen")} in Betracht gezogen`,
    placeChanged: "Der Artikel wurde seither geändert; die Stelle steht nicht mehr wörtlich da. Es ist nichts hervorgehoben.",
    placeFound: (start, end) => `Steht wörtlich im Artikel, Zeichen ${start} bis ${end}.`,
    placeInvalid: "Die Adresse nennt keine Stelle, die es in diesem Artikel gibt. Es ist nichts hervorgehoben.",
    placeShown: (start, end) => `Hervorgehoben sind die Zeichen ${start} bis ${end}.`,
    problem: "Das hat nicht geklappt",
    readingPane: "Artikel",
    result: "Ergebnis",
    retry: "Noch einmal versuchen",
    score: (score) => `Wert ${score}`,
    skip: "Zur Frage springen",
    skipArticle: "Zum Artikel springen",
    source: "Quelle",
    sources: "Belege",
    stock: (count) => `${plural(count, "Artikel", "Artikel")} im Bestand.`,
    took: (time) => `in ${time}`,
    to: "Erschienen bis",
    undated: "ohne Datum",
    reasons: {
      "No passage has anything to do with the question.": "Keine Stelle hat mit der Frage zu tun.",
      "The nearest passages probably do not answer the question.":
        "Die nächsten Stellen beantworten die Frage wahrscheinlich nicht. Lieber keine Antwort als eine falsche.",
      "There are no articles yet; ingest some first.": "Es gibt noch keine Artikel.",
      "The articles changed while the question was answered; ask it again.":
        "Die Artikel haben sich während der Suche geändert. Bitte noch einmal fragen.",
    },
    problems: {
      unreachable: ["Der Dienst ist nicht erreichbar", "Läuft er noch? „fundstelle serve“ startet ihn."],
      overloaded: ["Gerade zu viele Fragen", "Bitte in ein paar Sekunden noch einmal versuchen."],
      invalid_question: ["Diese Frage geht so nicht", "Bitte kürzer oder anders fragen."],
      index_not_built: ["Der Index fehlt noch", "Wird er gerade gebaut, hilft kurz warten; sonst „fundstelle rebuild“."],
      internal_error: ["Im Dienst ist etwas schiefgegangen", "Das Protokoll des Dienstes sagt, was."],
      document_not_found: ["Diesen Artikel gibt es nicht (mehr)", "Vielleicht wurde er entfernt. Fragen Sie noch einmal."],
    },
  },
  en: {
    allLanguages: "All languages",
    allSources: "All sources",
    answer: "Answer",
    answeredStatus: (count) => `Answer with ${plural(count, "citation", "citations")}.`,
    ask: "Ask",
    askLabel: "Ask the articles, in German or English",
    abstainedStatus: "The articles do not answer that.",
    abstainedTitle: "The articles do not say",
    abstainedLead: "No passage answers the question surely enough. Rather no answer than a wrong one.",
    asking: "Searching the articles …",
    back: "Back to the question",
    citation: (number, title) => `Citation ${number}: ${title}`,
    clearFilters: "Clear filters",
    close: "Close",
    confidence: (score, threshold) => `confidence ${score}, ${threshold} needed`,
    copied: "Copied",
    copy: "Copy the quote",
    dropped: (count) => `${plural(count, "statement", "statements")} without valid proof left out`,
    emptyStock: "No articles yet. “fundstelle ingest FOLDER” reads some in.",
    examples: "For instance",
    extractive: "Word for word from the articles",
    filters: "Filters",
    forgetKey: "Forget the key",
    from: "Published from",
    keyLabel: "Key",
    keyLead: "This service answers only with a key. It stays in this tab and is forgotten when the tab closes.",
    keySubmit: "Continue",
    keyTitle: "A key is needed",
    keyWrong: "This key was not accepted.",
    language: "Language",
    languages: "Language of this page",
    languageModel: "Worded by a language model, every sentence cited",
    loading: "Loading the article …",
    motto: "Every answer says where it stands.",
    nearest: "What comes nearest",
    openPage: "On its own page",
    original: "Original",
    passages: (count) => `${plural(count, "passage", "passages")} considered`,
    placeChanged: "The article has changed since; the passage is no longer there word for word. Nothing is highlighted.",
    placeFound: (start, end) => `Word for word in the article, characters ${start} to ${end}.`,
    placeInvalid: "The address names no place that this article has. Nothing is highlighted.",
    placeShown: (start, end) => `Characters ${start} to ${end} are highlighted.`,
    problem: "That did not work",
    readingPane: "Article",
    result: "Result",
    retry: "Try again",
    score: (score) => `score ${score}`,
    skip: "Skip to the question",
    skipArticle: "Skip to the article",
    source: "Source",
    sources: "Citations",
    stock: (count) => `${plural(count, "article", "articles")} held.`,
    took: (time) => `in ${time}`,
    to: "Published until",
    undated: "undated",
    reasons: {
      "The nearest passages probably do not answer the question.":
        "The nearest passages probably do not answer the question. Rather no answer than a wrong one.",
    },
    problems: {
      unreachable: ["The service cannot be reached", "Is it still running? “fundstelle serve” starts it."],
      document_not_found: ["There is no such article (any more)", "It may have been removed. Ask once more."],
    },
  },
};

export const LANGUAGES = Object.keys(messages);

function preferred() {
  const kept = browser.get("language");
  if (LANGUAGES.includes(kept)) return kept;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((tag) => LANGUAGES.includes(tag)) ?? "en";
}

let current = preferred();

/** The page's words under `name`, with `values` put into their places. */
export function t(name, ...values) {
  const message = messages[current][name];
  if (message === undefined) throw new Error(`no message ${name} in ${current}`);
  return typeof message === "function" ? message(...values) : message;
}

/** Our own [title, remedy] for a problem's code, in the page's language, or null: then the service's words are shown. */
export function problemWords(code) {
  return messages[current].problems[code] ?? null;
}

/** The service's reason in the page's language, where we have it, else as the service gave it. */
export function reasonWords(reason) {
  return messages[current].reasons[reason] ?? reason;
}

/** "2025-07-23" as people write it; null stays null. */
export function longDate(published) {
  const date = new Date(`${published}T00:00:00Z`);
  if (!published || Number.isNaN(date.getTime())) return null;
  return new Intl.DateTimeFormat(current, { dateStyle: "long", timeZone: "UTC" }).format(date);
}

export function decimal(value, digits) {
  return new Intl.NumberFormat(current, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** Milliseconds as people read them. */
export function duration(milliseconds) {
  return milliseconds < 1000 ? `${decimal(milliseconds, 0)}\u00a0ms` : `${decimal(milliseconds / 1000, 1)}\u00a0s`;
}

/** A share in per cent; never 0 % or 100 %, for nothing here is that sure. */
export function percent(share) {
  const bounded = Math.min(0.99, Math.max(0.01, share));
  return new Intl.NumberFormat(current, { style: "percent" }).format(bounded);
}

export function languageName(tag) {
  try {
    return new Intl.DisplayNames(current, { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}

/** Puts the page's words where the markup asks for them by data-text (content) and data-label (aria-label). */
export function translatePage() {
  document.documentElement.lang = current;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === current));
  }
}

/** Makes the language buttons work; `changed` draws again what is not in the markup. */
export function offerLanguages(changed) {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      current = button.dataset.language;
      browser.set("language", current);
      translatePage();
      changed();
    });
  }
  translatePage();
}
