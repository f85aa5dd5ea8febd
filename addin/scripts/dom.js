// Elements made of text and elements. A string is always text, never markup.

/** An element; `properties` are attributes, `on` holds listeners, null children are left out. */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(key, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** Replaces all that `parent` holds. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
}

/** A button that cannot be pressed twice while its work runs. */
export function button(label, work, properties = {}) {
  const element = h("button", { type: "button", ...properties, on: { click: press } }, label);
  async function press() {
    if (element.getAttribute("aria-disabled") === "true") return;
    element.setAttribute("aria-disabled", "true");
    try {
      await work(element);
    } finally {
      element.removeAttribute("aria-disabled");
    }
  }
  return element;
}

/** A titled section. */
export function section(title, ...children) {
  const id = `titre-${(section.count = (section.count ?? 0) + 1)}`;
  return h("section", { "aria-labelledby": id }, h("h2", { id }, title), children);
}

/** A list, or nothing when it would be empty. */
export function list(items, properties = {}) {
  return items.length ? h("ul", properties, items.map((item) => h("li", {}, item))) : null;
}

const ROLES = { error: "alert", done: "status" };

/** A message; `kind` is info, done, warning or error. Assistive technology reads out what follows an act. */
export function notice(kind, ...children) {
  return h("p", { class: `notice ${kind}`, role: ROLES[kind] ?? null }, children);
}

const DAY = new Intl.DateTimeFormat("fr-FR", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("fr-FR", { day: "numeric", month: "long", year: "numeric", timeZone: "Europe/Paris" });
const HOUR = new Intl.DateTimeFormat("fr-FR", { hour: "numeric", minute: "2-digit", timeZone: "Europe/Paris" });

/** « 3 novembre 2026 » from 2026-11-03. */
export function formatDay(iso) {
  return DAY.format(new Date(`${iso}T00:00:00Z`));
}

/** « 3 novembre 2026 à 14 h 30 » from an instant. */
export function formatInstant(iso) {
  const instant = new Date(iso);
  return `${MOMENT.format(instant)} à ${HOUR.format(instant).replace(":", "\u00a0h\u00a0")}`;
}

/** « guillemets » with their unbreakable spaces. */
export function quoted(text) {
  return `«\u00a0${text}\u00a0»`;
}

/** « 1 point », « 3 points ». */
export function count(number, one, many) {
  return `${number}\u00a0${number > 1 ? many : one}`;
}
