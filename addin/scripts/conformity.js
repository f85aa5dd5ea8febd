// The card of a non-conformity: what was not met, the proof, the severity, what is to decide.

import { get, post } from "./api.js";
import { button, fill, formatDay, h, list, notice, quoted, section } from "./dom.js";
import { showMaker } from "./summary.js";

const LABELS = { oui: "Non-conformité", incertain: "À examiner", non: "Aucune non-conformité" };
const SEVERITIES = { major: "majeure", minor: "mineure" };
const FAMILIES = {
  billing: "facturation", metering: "comptage", contract: "contrat", switching: "bascule", outage: "coupure",
  price: "prix", delay: "délai", privacy: "données personnelles", broker: "cabinet",
};
const STEPS = {
  containment: "Mesure immédiate", root_cause: "Cause probable", corrective_action: "Correction",
  effectiveness_check: "Contrôle d’efficacité",
};

/** The card; `onDecided` is called with the ids of the proposals a decision made. */
export function showConformity(found, highlights, onDecided) {
  const detected = found.detect;
  if (!detected) return null;
  if (detected.label === "non") {
    const text = detected.is_complaint ? "Réclamation sans exigence nommée\u00a0: rien à inscrire au registre." : "Rien à signaler dans ce fil.";
    return section("Non-conformité", h("p", {}, text));
  }
  return section("Non-conformité", h("div", { class: `card conformity ${detected.label}` },
    h("p", { class: "chips" },
      h("span", { class: `chip ${detected.label}` }, LABELS[detected.label]),
      detected.severity ? h("span", { class: `chip ${detected.severity}` }, `Gravité ${SEVERITIES[detected.severity]}`) : null,
      detected.family ? h("span", { class: "chip" }, FAMILIES[detected.family]) : null),
    detected.requirement ? h("p", {}, h("strong", {}, "Exigence\u00a0: "), detected.requirement) : null,
    detected.evidence ? h("p", {}, h("strong", {}, "Preuve\u00a0: "), quoted(detected.evidence.quote), " ", highlights.link(detected.evidence)) : null,
    list([...detected.reasons, ...detected.severity_reasons].filter((reason) => !detected.requirement || !reason.includes(detected.requirement))),
    detected.steps.length ? h("details", {}, h("summary", {}, "Étapes proposées"),
      h("dl", {}, detected.steps.map((step) => [h("dt", {}, STEPS[step.name]), h("dd", {}, step.text)]))) : null,
    detected.label === "incertain" ? showReview(found, detected, onDecided) : null,
    showMaker(detected, found.summarise)));
}

/** The decision asked of quality or direction, while the review is open. */
function showReview(found, detected, onDecided) {
  const place = h("div", { "aria-live": "polite" });
  get("/mail/reviews").then((reviews) => {
    const review = reviews.find((one) => one.key === detected.key && one.thread_id === found.thread_id);
    if (review) fill(place, askDecision(review, detected, place, onDecided));
    else fill(place, h("p", {}, "Cet examen est déjà tranché."));
  }).catch((error) => fill(place, notice("error", error.message)));
  return place;
}

function askDecision(review, detected, place, onDecided) {
  const family = h("select", {},
    h("option", { value: "" }, "Famille à préciser"),
    Object.entries(FAMILIES).map(([value, label]) => h("option", { value, selected: value === detected.family }, label)));
  const said = h("div");
  async function decide(decision) {
    const body = { decision, ...(decision === "oui" && family.value ? { family: family.value } : {}) };
    try {
      const made = await post(`/mail/reviews/${encodeURIComponent(review.key)}/decision`, body);
      fill(place, notice("done", decision === "oui" ? "Confirmée. La fiche attend votre accord plus bas." : "Écartée."),
        made.refusals.map((refusal) => notice("warning", refusal)));
      onDecided(made.proposals);
    } catch (error) {
      fill(said, notice("error", error.message));
    }
  }
  return [
    h("p", {}, `À trancher avant le ${formatDay(review.due_on)}.`),
    h("label", {}, "Famille", family), said,
    h("div", { class: "actions" }, button("Confirmer", () => decide("oui"), { class: "primary" }), button("Écarter", () => decide("non"))),
  ];
}
