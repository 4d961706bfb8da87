// The one way nodes are made here: text goes in as text, attributes by name, never as markup.

/** An element with attributes, listeners (`onclick` and the like) and children (nodes or strings; null is left out). */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** The address when it is http or https, else null: nothing else from an article may become a link. */
export function webAddress(text) {
  if (!text) return null;
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that leaves the site in a new tab, telling the other side nothing; null where the address is not a web one. */
export function outwardLink(address, label) {
  const href = webAddress(address);
  if (href === null) return null;
  return element("a", { href, target: "_blank", rel: "noopener noreferrer", class: "outward" }, label);
}

/** The parts that are there, with a middle dot between them. */
export function dotted(parts) {
  return parts.filter(Boolean).join(" · ");
}
