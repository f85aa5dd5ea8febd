// What of the portfolio a thread speaks of: proved, ambiguous or unknown.

import { formatDay, h, list, notice, section } from "./dom.js";

const CODES = {
  prm: "PRM", pce: "PCE", delivery_point: "Point de livraison", siret: "SIRET", contract: "Contrat",
  tender: "Appel d’offres", reference: "Référence",
};
const CERTAINTY = {
  ambiguous: "Plusieurs fiches possibles", unknown: "Absentes du portefeuille", invalid: "Format incorrect",
};
const ENERGIES = { electricity: "électricité", gas: "gaz" };

/** The client, its contracts, the references recognised, what must be asked. */
export function showRecords(links) {
  if (!links) return null;
  return section("Dans le portefeuille",
    links.account
      ? h("p", {}, h("strong", {}, links.account.name), links.contact ? `, ${links.contact.name}` : "")
      : h("p", {}, links.account_candidates.length ? "Plusieurs clients sont possibles\u00a0:" : "Aucun client reconnu."),
    links.account ? null : list(links.account_candidates.map((one) => one.name)),
    links.questions.map((question) => notice("info", question)),
    links.conflicts.map((conflict) => notice("warning", conflict)),
    showContracts(links.contracts),
    showCodes(links.codes));
}

function showContracts(contracts) {
  if (!contracts.length) return null;
  const lines = contracts.map((one) => [
    h("strong", {}, one.reference), ` ${one.supplier}, ${ENERGIES[one.energy] ?? one.energy}`,
    one.end_on ? `, jusqu’au ${formatDay(one.end_on)}` : "",
  ]);
  if (lines.length <= 3) return [h("h3", {}, "Contrats"), list(lines)];
  return [h("h3", {}, "Contrats"), list(lines.slice(0, 3)),
    h("details", {}, h("summary", {}, `Voir les ${lines.length - 3} autres`), list(lines.slice(3)))];
}

function showCodes(codes) {
  if (!codes.length) return null;
  const known = codes.filter((one) => one.certainty === "certain");
  const others = Object.keys(CERTAINTY).map((certainty) => [certainty, codes.filter((one) => one.certainty === certainty)]);
  return [h("h3", {}, "Références citées"), list([
    ...known.map(({ code, records }) => [name(code), `\u00a0: ${records[0].name}`]),
    ...others.filter(([, held]) => held.length).map(([certainty, held]) => [
      `${CERTAINTY[certainty]}\u00a0: `, held.map(({ code }, rank) => [rank ? ", " : "", name(code)])]),
  ])];
}

function name(code) {
  return [`${CODES[code.kind] ?? CODES.reference} `, h("strong", {}, code.value)];
}
