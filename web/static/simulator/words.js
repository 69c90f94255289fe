// The page's wording: read once from the template, filled in by name.

const said = new Map();
for (const term of document.getElementById("words").content.querySelectorAll("dt")) {
  said.set(term.textContent, term.nextElementSibling.textContent);
}

export function word(name, values = {}) {
  const text = said.get(name) ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

// a word for a value of the program; a value that has none is shown as it is
export function named(kind, value) {
  return said.get(`${kind}_${value}`) ?? value;
}

export function icon(name) {
  return document.getElementById(`icon-${name}`).content.firstElementChild.cloneNode(true);
}

// an element with attributes and children; null children are left out
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "onclick") element.addEventListener("click", value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}
