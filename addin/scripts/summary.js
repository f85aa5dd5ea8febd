// The summary of a thread: what is asked, known, decided and due, each with its passage.

import { count, formatDay, h, list, notice, quoted, section } from "./dom.js";

const URGENCY = { 3: "Aujourd’hui", 2: "Cette semaine", 1: "Sans urgence" };
const TONES = { neutral: "neutre", friendly: "cordial", worried: "inquiet", annoyed: "mécontent", angry: "en colère" };
const CATEGORIES = {
  non_conformite: "Non-conformité", facturation: "Facturation", technique_grd: "Technique et réseau",
  contrat: "Contrat", demande_devis: "Demande d’offre", renouvellement: "Renouvellement",
  document: "Document demandé", rendez_vous: "Rendez-vous", relance: "Relance", autre: "Autre",
  spam_newsletter: "Lettre d’information", auto_reponse: "Réponse automatique", injection: "Instruction suspecte",
};
const NATURES = { contract_end: " fin de contrat" };
const PARTS = [
  ["request", "Demande"], ["facts", "Faits"], ["decisions", "Décisions"], ["open_questions", "Questions ouvertes"],
];

/** The warnings, then the summary. */
export function showSummary(found, highlights) {
  const summary = found.summarise;
  if (!summary) return null;
  return [showWarnings(summary), section("En bref",
    h("p", { class: "chips" },
      h("span", { class: `chip urgency-${found.urgency ?? 1}` }, URGENCY[found.urgency] ?? URGENCY[1]),
      h("span", { class: "chip" }, CATEGORIES[found.category] ?? CATEGORIES.autre),
      h("span", { class: "chip" }, `Ton ${TONES[summary.tone] ?? TONES.neutral}`)),
    h("p", { class: "subject" }, summary.subject),
    summary.is_short
      ? h("p", {}, "Ce courriel est court : il se lit tel quel.")
      : PARTS.map(([name, title]) => showPart(title, newItems(summary, name), highlights)),
    showDates("Échéances", summary.deadlines.filter(isLimit), highlights),
    showDates("Autres dates", summary.deadlines.filter((one) => !isLimit(one)), highlights),
    showRecordFacts(summary.records),
    showAmounts(summary.amounts, highlights),
    summary.next_action ? h("p", { class: "next" }, h("strong", {}, "Suite proposée\u00a0: "), summary.next_action) : null,
    showMaker(summary),
  )];
}

/** Who wrote a result, and what verification left out; nothing where `other` has said as much. */
export function showMaker({ provenance, dropped }, other = null) {
  if (!dropped && other && JSON.stringify(other.provenance) === JSON.stringify(provenance)) return null;
  const maker = provenance.is_model ? "Rédigé par un modèle, vérifié sur le courriel." : "Établi par règles, sans modèle.";
  const left = dropped ? ` ${count(dropped, "phrase écartée", "phrases écartées")} faute de preuve.` : "";
  return h("p", { class: "maker" }, `${maker} ${provenance.fallback_reason ?? ""}${left}`);
}

/** A question asked is a request already shown: it is not told twice. */
function newItems(summary, name) {
  const asked = new Set(summary.request.map((item) => item.text));
  return name === "open_questions" ? summary[name].filter((item) => !asked.has(item.text)) : summary[name];
}

function showPart(title, items, highlights) {
  if (!items.length) return null;
  return [h("h3", {}, title), list(items.map((item) => [item.text, " ",
    item.evidence.map((span) => [
      squeeze(item.text).includes(squeeze(span.quote)) ? null : h("q", {}, span.quote), " ",
      highlights.link(span, "Passage"), " ",
    ])]))];
}

/** A day by which something is asked; the end of a contract or a meeting is none. */
function isLimit({ nature }) {
  return !nature || nature === "limit";
}

function showDates(title, dates, highlights) {
  const kept = dates.filter((one) => one.place === "new" || one.place === "subject");
  if (!kept.length) return null;
  return [h("h3", {}, title), list(kept.map((one) => [
    h("strong", {}, formatDay(one.on), one.at ? ` à ${formatTime(one.at)}` : ""), NATURES[one.nature] ?? "", ` ${quoted(one.raw)} `, highlights.link(one.span, "Passage"),
  ]))];
}

function showRecordFacts(records) {
  if (!records?.length) return null;
  return [h("h3", {}, "D’après le portefeuille"), list(records.map((one) => one.text))];
}

function showAmounts(amounts, highlights) {
  const kept = amounts.filter((one) => one.place === "new" || one.place === "subject");
  if (!kept.length) return null;
  return [h("h3", {}, "Montants et quantités"), list(kept.map((one) => [one.raw, " ", highlights.link(one.span, "Passage")]))];
}

function showWarnings({ anomalies, hidden }) {
  const unseen = hidden.filter((one) => one.text.trim());
  return [
    anomalies.map((one) => notice("warning", h("strong", {}, "Attention\u00a0: "), one.message, one.quote ? [" ", h("q", {}, one.quote)] : null)),
    unseen.length ? notice("warning", h("strong", {}, "Texte caché retiré\u00a0: "), unseen.map((one) => [h("q", {}, one.text.slice(0, 200)), " "])) : null,
  ];
}

/** Blanks made one, so that a table's row compares with its sentence. */
function squeeze(text) {
  return text.replace(/\s+/g, " ").trim();
}

function formatTime(text) {
  const [hours, minutes] = text.split(":");
  return `${Number(hours)}\u00a0h${minutes === "00" ? "" : `\u00a0${minutes}`}`;
}
