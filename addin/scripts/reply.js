// The reply that is proposed: its text to correct, what it covers, what it rests on.

import { button, fill, h, list, notice, quoted, section } from "./dom.js";
import { showMaker } from "./summary.js";

const COVERAGE = { answered: "répondu", deferred: "réponse annoncée", unknown: "sans réponse" };
const SOURCES = {
  template: "Modèle du cabinet", thread: "Fil du courriel", crm: "Portefeuille", knowledge: "Base de connaissances",
  style: "Formule d’usage", missing: "À compléter",
};
const STATES = {
  placed: "Un brouillon attend déjà dans Outlook.",
  edited: "Vous avez repris le brouillon dans Outlook\u00a0: Voltaire n’y touche plus.",
};
const MISSING = "[À COMPLÉTER]";
const PLACES = {
  echeance: "L’échéance de votre réponse", date: "La date", objet: "L’objet", montant: "Le montant", responsable: "Le responsable",
  signature: "Votre signature", "contact.nom": "Le nom du contact", "client.nom": "Le nom du client",
  "contrat.reference": "La référence du contrat", "contrat.date_fin": "La fin du contrat",
};

/** `acts` are `[label, act]`: each is given the text as it stands when its button is pressed. */
export function showReply(found, acts) {
  const draft = found.draft;
  if (!draft) return section("Réponse proposée", h("p", {}, "Aucune réponse n’est préparée pour ce fil."));
  if (draft.reason) return section("Réponse proposée", h("p", {}, draft.message));
  const said = h("div", { "aria-live": "polite" });
  const text = h("textarea", { rows: "12", lang: draft.language, "aria-label": "Texte de la réponse" });
  text.value = draft.body;
  return section("Réponse proposée",
    STATES[found.mailbox_draft?.state] ? notice("info", STATES[found.mailbox_draft.state]) : null,
    draft.review.map((reason) => notice("warning", reason)),
    draft.refused.map((refusal) => notice("warning", refusal)),
    text,
    h("p", { class: "maker" }, "Voltaire n’envoie rien\u00a0: vous relisez la réponse dans Outlook et vous l’envoyez."),
    said,
    h("div", { class: "actions" }, acts.map(([label, act], rank) =>
      button(label, () => insert(act, text.value, said), { class: rank ? null : "primary" }))),
    draft.to.length ? h("p", {}, h("strong", {}, "Destinataires prévus\u00a0: "), [...draft.to, ...draft.cc].join(", ")) : null,
    showCoverage(draft), showMissing(draft), showSources(draft), showMaker(draft, found.summarise));
}

async function insert(act, text, said) {
  try {
    await act(text);
    const left = text.split(MISSING).length - 1;
    fill(said, left
      ? notice("warning", `Insérée. Complétez les passages ${quoted(MISSING)} avant d’envoyer.`)
      : notice("done", "Insérée. Relisez-la avant d’envoyer."));
  } catch {
    fill(said, notice("error", "Outlook n’a pas pris la réponse. Copiez le texte ci-dessus."));
  }
}

function showCoverage({ coverage, confidence }) {
  if (!coverage.length) return null;
  return [h("h3", {}, `Points du courriel, confiance ${Math.round(confidence * 100)}\u00a0%`), list(coverage.map((one) => [
    h("span", { class: `chip ${one.status}` }, COVERAGE[one.status]), " ", h("q", {}, one.ask.quote),
    one.answer ? h("div", { class: "answer" }, one.answer) : null,
  ]), { class: "coverage" })];
}

function showMissing({ missing }) {
  return missing.length ? [h("h3", {}, "Il manque"), list(missing.map((name) => PLACES[name] ?? name.replaceAll(/[._]/g, " ")))] : null;
}

function showSources({ body, sources }) {
  if (!sources.length) return null;
  const characters = Array.from(body);
  return h("details", {}, h("summary", {}, "D’où vient chaque phrase"), list(sources.map((source) => [
    characters.slice(source.start, source.end).join(""), " ",
    h("span", { class: "chip" }, SOURCES[source.kind]),
    source.spans.map((span) => [" ", h("q", {}, span.quote)]),
  ])));
}
