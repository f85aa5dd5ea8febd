// Minutes of meetings: a list, one of them, a transcript brought, tasks proposed.

import { get, post, send } from "./api.js";
import { button, count, fill, formatDay, formatInstant, h, list, notice, quoted, section } from "./dom.js";
import { makeCard } from "./proposals.js";
import { showMaker } from "./summary.js";

const WAIT_MS = 1500;
const WAITS = 120;
const STATUSES = { running: "en cours", failed: "impossible" };
const KINDS = ".vtt,.srt,.docx,.txt";

/** The latest minutes, with the way to bring a transcript. */
export async function showMinutesList(place) {
  const headings = await get("/minutes", { limit: 20 });
  fill(place, bring(place), section("Comptes rendus", headings.length
    ? h("ul", { class: "rows" }, headings.map((one) => h("li", {}, drawHeading(place, one))))
    : h("p", {}, "Aucun compte rendu. Déposez une transcription ci-dessus.")));
}

function drawHeading(place, one) {
  const details = [
    one.starts_at ? formatInstant(one.starts_at) : one.file_name, one.client || null, STATUSES[one.status] ?? null,
    one.status === "ready" ? count(one.decisions, "décision", "décisions") : null,
    one.status === "ready" ? count(one.actions.length, "action", "actions") : null,
  ];
  return [button(one.title, () => showMinutes(place, one.id), { class: "link strong" }),
    h("p", { class: "maker" }, details.filter(Boolean).join(" · "))];
}

function bring(place) {
  const chosen = h("span", {}, "Aucun fichier choisi");
  const file = h("input", { type: "file", accept: KINDS, class: "unseen", on: {
    change: () => fill(chosen, file.files[0]?.name ?? "Aucun fichier choisi"),
  } });
  const said = h("div", { "aria-live": "polite" });
  const go = button("Établir le compte rendu", async () => {
    if (!file.files.length) return fill(said, notice("info", "Choisissez d’abord la transcription de la réunion."));
    const form = new FormData();
    form.append("file", file.files[0]);
    try {
      fill(said, h("p", { role: "status" }, "Lecture de la transcription…"));
      const made = await send("POST", "/minutes", form);
      await showMinutes(place, made.id);
    } catch (error) {
      fill(said, notice("error", error.message));
    }
  }, { class: "primary" });
  return h("div", { class: "card" },
    h("label", { class: "picker" }, file, h("span", { class: "pick" }, "Choisir une transcription"), " ", chosen),
    h("p", { class: "maker" }, "Fichier .vtt, .srt, .docx ou .txt, 32\u00a0Mo au plus."), said, h("div", { class: "actions" }, go));
}

/** One meeting's minutes, once they are ready. */
export async function showMinutes(place, id) {
  fill(place, h("p", { role: "status" }, "Compte rendu en préparation…"));
  try {
    let row = await get(`/minutes/${id}`);
    for (let wait = 0; row.status === "running" && wait < WAITS && place.isConnected; wait += 1) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
      row = await get(`/minutes/${id}`);
    }
    fill(place, back(place), row.minutes ? drawMinutes(id, row.minutes)
      : notice("error", row.failure ?? "Le compte rendu n’est pas encore prêt. Revenez dans un instant."));
  } catch (error) {
    fill(place, back(place), notice("error", error.message));
  }
}

function back(place) {
  return button("← Tous les comptes rendus", () => showMinutesList(place), { class: "link" });
}

function drawMinutes(id, minutes) {
  const inForce = minutes.decisions.filter((one) => one.status === "in_force");
  const said = minutes.decisions.filter((one) => one.status === "mentioned");
  return [
    h("h2", {}, minutes.title),
    h("p", { class: "maker" }, [minutes.client, minutes.is_date_known ? formatInstant(minutes.starts_at) : "date inconnue",
      `transcription lue à ${minutes.coverage.percent}\u00a0%`].filter(Boolean).join(" · ")),
    minutes.coverage.remarks.map((remark) => notice("warning", remark)),
    minutes.summary ? h("p", {}, minutes.summary) : null,
    part("Décisions", inForce), drawActions(minutes.actions), proposeTasks(id),
    part("Évoqué, sans accord", said), part("Points ouverts", minutes.open_points), part("Risques", minutes.risks),
    part("Contradictions", minutes.contradictions), part("Nombres à vérifier", minutes.numbers),
    minutes.next_meeting ? section("Prochaine réunion", h("p", {}, sayWhen(minutes.next_meeting))) : null,
    downloads(id), showMaker({ provenance: minutes.provenance, dropped: minutes.unproved }),
  ];
}

function sayWhen({ starts_at: moment, has_time: hasTime }) {
  if (!moment) return "date à confirmer";
  return hasTime ? formatInstant(moment) : formatDay(moment.slice(0, 10));
}

function part(title, items) {
  return items.length ? section(title, list(items.map((one) => [one.text, drawQuotes(one)]))) : null;
}

/** Who does what for when, each with the words it comes from. */
export function drawActions(actions) {
  if (!actions.length) return section("Actions", h("p", {}, "Aucune action convenue."));
  return section("Actions", h("ul", {}, actions.map((one) => h("li", {},
    h("strong", {}, one.owner ?? "Non attribué"), `\u00a0: ${one.due_on ? one.text.replace(/\.$/, "") : one.text}`, one.due_on ? `, pour le ${formatDay(one.due_on)}` : "",
    one.due_raw ? ` (${quoted(one.due_raw)})` : "", drawQuotes(one)))));
}

function drawQuotes(item) {
  return h("details", { class: "proof" }, h("summary", {}, "Ce qui a été dit"),
    item.quotes.map((one) => h("p", {}, one.speaker ? `${one.speaker}\u00a0: ` : "", h("q", {}, one.text))));
}

function proposeTasks(id) {
  const place = h("div", { "aria-live": "polite" });
  return h("div", {}, h("div", { class: "actions" }, button("Proposer les tâches", async () => {
    try {
      const made = await post(`/minutes/${id}/proposals`);
      fill(place, made.length ? null : notice("info", "Toutes les actions sont déjà des tâches ouvertes."),
        made.map((one) => (one.proposal_id ? makeCard(one.proposal_id) : notice("info", one.refusal))));
    } catch (error) {
      fill(place, notice("error", error.message));
    }
  })), place);
}

function downloads(id) {
  const said = h("div", { "aria-live": "polite" });
  const mail = button("Projet de courriel", async () => {
    try {
      const made = await get(`/minutes/${id}/mail`);
      const text = h("textarea", { rows: "10", readonly: true, "aria-label": "Projet de courriel" });
      text.value = made.body;
      fill(said, h("p", {}, h("strong", {}, "À\u00a0: "), made.to.join(", ") || "aucune adresse connue"),
        h("p", {}, h("strong", {}, "Objet\u00a0: "), made.subject), text);
    } catch (error) {
      fill(said, notice("error", error.message));
    }
  });
  return h("div", {}, h("div", { class: "actions" }, mail), said);
}
