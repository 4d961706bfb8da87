// What went wrong, said kindly: what it is, what to do, and the code to search for.

import { key } from "./api.js";
import { element } from "./dom.js";
import { problemWords, t } from "./i18n.js";

/** A problem as a notice; `retry` is called by its button. A missing key asks for the key instead. */
export function problemNotice(problem, retry) {
  if (problem.code === "unauthorized") return keyForm(retry);
  const [title, remedy] = problemWords(problem.code) ?? [problem.title || t("problem"), problem.remedy];
  return element(
    "section",
    { class: "notice problem", role: "alert" },
    element("h2", {}, title),
    problem.detail ? element("p", {}, problem.detail) : null,
    remedy ? element("p", { class: "remedy" }, remedy) : null,
    element("p", { class: "code" }, problem.status ? `${problem.code} (${problem.status})` : problem.code),
    element("button", { type: "button", onclick: retry }, t("retry")),
  );
}

function keyForm(retry) {
  const refused = key.known();
  key.forget();
  const field = element("input", {
    id: "key", type: "password", autocomplete: "off", required: true, pattern: "[\\x21-\\x7e]+",
    "aria-describedby": "key-lead", "aria-invalid": refused ? "true" : null,
  });
  const submitted = (event) => {
    event.preventDefault();
    key.keep(field.value.trim());
    retry();
  };
  return element(
    "form",
    { class: "notice key", onsubmit: submitted },
    element("h2", {}, t("keyTitle")),
    refused ? element("p", { class: "remedy", role: "alert" }, t("keyWrong")) : null,
    element("p", { id: "key-lead" }, t("keyLead")),
    element("label", { for: "key" }, t("keyLabel")),
    element("div", { class: "key-row" }, field, element("button", { type: "submit", class: "primary" }, t("keySubmit"))),
  );
}
