// What a tab or a browser remembers; where storage is switched off, the page remembers until it is closed.

class Remembered {
  #storage;
  #fallback = new Map();

  constructor(open) {
    try {
      this.#storage = open();
    } catch {
      this.#storage = null;
    }
  }

  get(name) {
    return this.#storage ? this.#storage.getItem(`fundstelle.${name}`) : (this.#fallback.get(name) ?? null);
  }

  set(name, value) {
    if (this.#storage) this.#storage.setItem(`fundstelle.${name}`, value);
    else this.#fallback.set(name, value);
  }

  remove(name) {
    if (this.#storage) this.#storage.removeItem(`fundstelle.${name}`);
    else this.#fallback.delete(name);
  }
}

/** Until the tab is closed: the API key, the way back to the last question. */
export const tab = new Remembered(() => window.sessionStorage);

/** For good: the chosen language of the page. */
export const browser = new Remembered(() => window.localStorage);
