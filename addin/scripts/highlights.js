// The mail's own words with the passages that prove each finding marked, to the letter.

import { fill, formatInstant, h } from "./dom.js";

/** Gathers passages, then shows the messages with them marked. */
export class Highlights {
  #messages;
  #ranges = new Map();
  #box = h("details", { class: "passages", id: "passages" });

  /** `messages` are `{id, new_text, from, sent_at}`, oldest first. */
  constructor(messages) {
    this.#messages = messages;
  }

  /** A button that leads to the passage of `span`; null where the mail does not hold it. */
  link(span, label = "Voir le passage") {
    const message = this.#messages.find((one) => one.id === span?.source_id);
    const start = span?.quote ? (message?.new_text.indexOf(span.quote) ?? -1) : -1;
    if (start < 0) return null;
    const ranges = this.#ranges.get(message) ?? [];
    this.#ranges.set(message, [...ranges, [start, start + span.quote.length]]);
    return h("button", { type: "button", class: "link", on: { click: () => this.#lead(message, start) } }, label);
  }

  /** The messages, the latest first; to call once every passage is known. */
  show() {
    fill(this.#box,
      h("summary", {}, "Le courriel, passages retenus surlignés"),
      this.#messages.toReversed().map((message) => h("article", { class: "message" },
        h("p", { class: "who" }, `${message.from}, ${formatInstant(message.sent_at)}`),
        h("p", { class: "words" }, this.#mark(message)))));
    return this.#box;
  }

  #mark(message) {
    const pieces = [];
    let place = 0;
    for (const [start, end] of merge(this.#ranges.get(message) ?? [])) {
      pieces.push(message.new_text.slice(place, start),
        h("mark", { tabindex: "-1", "data-start": String(start), "data-message": message.id }, message.new_text.slice(start, end)));
      place = end;
    }
    return [...pieces, message.new_text.slice(place)];
  }

  #lead(message, start) {
    this.#box.open = true;
    const marks = [...this.#box.querySelectorAll("mark")].filter((mark) => mark.dataset.message === message.id);
    const mark = marks.findLast((one) => Number(one.dataset.start) <= start);
    mark?.scrollIntoView({ block: "center" });
    mark?.focus();
  }
}

/** Ranges in order, those that touch made one. */
export function merge(ranges) {
  const merged = [];
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
