// The service over HTTP. Every failure leaves here as a Problem, whatever it was.

import { tab } from "./storage.js";

const base = new URL("../", import.meta.url);

/** A failed request: the fields of the service's problem documents (RFC 9457). */
export class Problem extends Error {
  constructor({ title = "", detail = "", code = "unknown", status = 0, remedy = "", field = null }) {
    super(title || detail || code);
    Object.assign(this, { title, detail, code, status, remedy, field });
  }
}

export const key = {
  known: () => tab.get("key") !== null,
  keep: (value) => tab.set("key", value),
  forget: () => tab.remove("key"),
};

async function problemOf(response) {
  let body = {};
  if ((response.headers.get("content-type") ?? "").includes("json")) {
    body = await response.json().catch(() => ({}));
  }
  const code = response.status === 401 ? "unauthorized" : (body.code ?? "unknown");
  const detail = typeof body.detail === "string" ? body.detail : "";
  return new Problem({ ...body, detail, code, status: response.status, title: body.title ?? response.statusText });
}

async function request(path, { method = "GET", body, signal } = {}) {
  const headers = { accept: "application/json" };
  const secret = tab.get("key");
  if (secret) headers.authorization = `Bearer ${secret}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(new URL(path, base), { method, headers, signal, body: body && JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ code: "unreachable", detail: error.message });
  }
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

/** The answer to a question. `filters` as in the API: sources, languages, published_from, published_to. */
export function ask(question, filters, signal) {
  const body = { question };
  if (Object.keys(filters).length > 0) body.filters = filters;
  return request("v1/ask", { method: "POST", body, signal });
}

/** One article with its text and the places of its passages. */
export function readDocument(docId, signal) {
  return request(`v1/documents/${encodeURIComponent(docId)}?passages=true`, { signal });
}

/** A page of the list of articles, without their texts. */
export function listDocuments({ limit, offset = 0 }) {
  return request(`v1/documents?limit=${limit}&offset=${offset}`);
}

/** The address of an article on its own page, at a place given by `start` and `end` in code points. */
export function readingAddress(docId, place = {}) {
  const url = new URL(`read/${encodeURIComponent(docId)}`, base);
  for (const name of ["start", "end", "sha256"]) {
    if (place[name] !== undefined && place[name] !== null) url.searchParams.set(name, place[name]);
  }
  return url.pathname + url.search;
}
