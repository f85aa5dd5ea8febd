// Changes that wait for an approval: each card comes from the stored record, never from prose.

import { get, post } from "./api.js";
import { button, fill, h, list, notice, section } from "./dom.js";

const ABSENT = "–";
const RETRIES = 40;
const RETRY_MS = 1500;

/** The cards of these proposals; what was refused at once is told with its reason. */
export function showProposals(ids, refusals = []) {
  const place = h("div", { class: "cards" });
  const whole = section("À approuver", refusals.map((refusal) => notice("info", refusal)), place);
  whole.hidden = !ids.length && !refusals.length;
  const add = (more) => {
    whole.hidden = whole.hidden && !more.length;
    for (const id of more) place.append(makeCard(id));
  };
  add(ids);
  return { section: whole, add };
}

/** A card that loads itself and follows what becomes of it. */
export function makeCard(id) {
  const place = h("article", { class: "card", "aria-busy": "true" });
  get(`/proposals/${id}`)
    .then((card) => draw(place, card))
    .catch((error) => fill(place, notice("error", error.message)))
    .finally(() => place.removeAttribute("aria-busy"));
  return place;
}

/** The digest over a list: SHA-256 of its «id:digest» lines in order. */
export async function digestBatch(cards) {
  const text = cards.map((card) => `${card.id}:${card.digest}`).sort().join("\n");
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function draw(place, card, outcome = null) {
  const said = h("div", { "aria-live": "polite" }, outcome);
  fill(place,
    h("h3", {}, card.title),
    h("p", { class: "maker" }, [card.status_label, card.account_name].filter(Boolean).join(" · ")),
    card.about ? h("p", {}, card.about) : null,
    drawTable(card.lines),
    h("p", {}, h("strong", {}, "Motif\u00a0: "), card.reason),
    list(card.evidence.map((one) => [h("q", {}, one.quote), one.source_name ? ` – ${one.source_name}` : ""])),
    card.warnings.map((warning) => notice("warning", warning)),
    card.effect ? h("p", {}, card.effect) : null,
    card.refusal ? notice("info", card.refusal) : null,
    card.outcome ? notice(card.status === "executed" ? "done" : "info", card.outcome) : null,
    said, drawActs(place, card, said));
}

/** Before and after; what is created has no before. */
function drawTable(lines) {
  const isNew = lines.every((line) => line.before === ABSENT);
  const titles = isNew ? ["Champ", "Valeur"] : ["Champ", "Avant", "Après"];
  return h("table", {}, h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)))),
    h("tbody", {}, lines.map((line) => h("tr", {}, h("th", { scope: "row" }, line.label),
      isNew ? null : h("td", {}, line.before), drawAfter(line)))));
}

function drawAfter(line) {
  const after = line.flagged.length ? h("strong", { class: "flagged" }, line.after) : line.after;
  return h("td", {}, after, line.note ? h("div", { class: "flagged" }, line.note) : null);
}

function drawActs(place, card, said) {
  if (card.can_undo) return h("div", { class: "actions" }, button("Annuler cette modification", () => told(said, () => undo(place, card))));
  if (card.status !== "pending") return null;
  return h("div", { class: "actions" },
    card.may_approve ? button("Approuver", () => told(said, () => approve(place, card)), { class: "primary" }) : null,
    button("Refuser", () => fill(said, askReason(place, card, said))));
}

async function approve(place, card) {
  const lines = [{ proposal_id: card.id, digest: card.digest }];
  const [result] = await post("/approvals", { lines, batch_digest: await digestBatch([card]) });
  const note = result.status === "pending" ? "Accord noté. Une seconde personne doit approuver." : "Approuvée. Elle est effectuée dans un instant.";
  await follow(place, card.id, notice("done", note));
}

/** Wait a little for the change to be carried out, so that the card ends with what happened. */
async function follow(place, id, note) {
  for (let attempt = 0; ; attempt += 1) {
    const card = await get(`/proposals/${id}`);
    if (card.status !== "approved" || attempt === RETRIES) return draw(place, card, note);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function askReason(place, card, said) {
  const reason = h("input", { type: "text", maxlength: "2000", required: true });
  const refuse = async () => {
    if (!reason.reportValidity()) return;
    await told(said, async () => {
      await post(`/proposals/${card.id}/rejection`, { digest: card.digest, reason: reason.value });
      draw(place, await get(`/proposals/${card.id}`));
    });
  };
  queueMicrotask(() => reason.focus());
  return [h("label", {}, "Pourquoi la refuser\u00a0?", reason), button("Confirmer le refus", refuse)];
}

async function undo(place, card) {
  const inverse = await post(`/proposals/${card.id}/undo`);
  place.after(makeCard(inverse.id));
  draw(place, { ...card, can_undo: false }, notice("info", "L’annulation attend un accord, comme toute modification."));
}

async function told(said, act) {
  try {
    await act();
  } catch (error) {
    fill(said, notice("error", error.message));
  }
}
