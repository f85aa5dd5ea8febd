// The task pane of Outlook: beside a mail that is read, or a message being written.

import { ApiError, get, post, send } from "./api.js";
import { showConformity } from "./conformity.js";
import { button, fill, h, notice, section } from "./dom.js";
import { Highlights } from "./highlights.js";
import * as outlook from "./outlook.js";
import { showProposals } from "./proposals.js";
import { showRecords } from "./records.js";
import { showReply } from "./reply.js";
import { applyTheme, open } from "./shell.js";
import { showSummary } from "./summary.js";

const WAIT_MS = 2000;
const WAITS = 10;
const NO_MAIL = "Sélectionnez un courriel\u00a0: Voltaire le montre ici.";
const NO_THREAD = "Voltaire n’a pas lu le fil auquel vous répondez. Ouvrez le courriel reçu et demandez son analyse.";
const STOPPED = "L’analyse de ce fil s’est arrêtée en chemin. Ce qui est trouvé est montré ci-dessous.";

let mailbox = null;
let turn = 0;

async function start() {
  mailbox = await outlook.openMailbox();
  if (!mailbox) {
    fill(document.querySelector("main"), notice("info", "Ce volet s’ouvre dans Outlook, à côté d’un courriel."));
    return;
  }
  applyTheme(Office.context.officeTheme?.isDarkTheme);
  mailbox.addHandlerAsync?.(Office.EventType.ItemChanged, () => show(document.querySelector("main")));
  await open(outlook.askOfficeToken, show);
}

/** Show the selected mail; a later selection silences what an earlier one still waits for. */
async function show(main) {
  const mine = (turn += 1);
  const item = mailbox.item;
  const mode = outlook.modeOf(item);
  const view = { main, item, mode, isCurrent: () => mine === turn && main.querySelector("form.card") === null };
  if (!mode) return fill(main, notice("info", NO_MAIL));
  fill(main, h("p", { role: "status" }, "Recherche de ce courriel…"));
  try {
    const seen = await find(item);
    if (!view.isCurrent()) return;
    if (seen) await showThread(view, seen);
    else if (mode === "read") offerAnalysis(view);
    else fill(main, notice("info", NO_THREAD));
  } catch (error) {
    if (view.isCurrent()) showFailure(view, error);
  }
}

async function find(item) {
  const names = outlook.identify(mailbox, item);
  if (!names.internet_message_id && !names.conversation_id) return null;
  try {
    return await get("/mail/messages", names);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** A mail Voltaire has not read: its owner decides whether the firm's records take it in. */
function offerAnalysis(view) {
  const said = h("div", { "aria-live": "polite" });
  async function analyse() {
    fill(said, h("p", { role: "status" }, "Analyse en cours, quelques secondes…"));
    try {
      const mime = await outlook.readMime(view.item);
      const conversation = encodeURIComponent(outlook.conversationOf(mailbox, view.item));
      const seen = await send("POST", `/mail/messages?conversation_id=${conversation}`, mime, "message/rfc822");
      if (view.isCurrent()) await showThread(view, seen);
    } catch (error) {
      if (view.isCurrent()) fill(said, notice("error", error instanceof ApiError ? error.message : "Outlook n’a pas donné ce courriel. Réessayez."));
    }
  }
  fill(view.main, section("Courriel non analysé",
    h("p", {}, "Voltaire n’a pas encore lu ce courriel. L’analyser l’enregistre dans Voltaire, où votre cabinet le verra."),
    said, h("div", { class: "actions" }, button("Analyser ce courriel", analyse, { class: "primary" }))));
}

async function showThread(view, seen) {
  let found = await get(`/mail/threads/${seen.thread_id}`);
  for (let wait = 0; !found.is_done && !found.detect && wait < WAITS && view.isCurrent(); wait += 1) {
    fill(view.main, h("p", { role: "status" }, "Voltaire lit ce fil…"));
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    found = await get(`/mail/threads/${seen.thread_id}`);
  }
  if (!view.isCurrent()) return;
  if (view.mode === "compose") fill(view.main, showReply(found, acts(view)));
  else showFindings(view, found);
}

function showFindings(view, found) {
  const highlights = new Highlights(found.clean ?? []);
  const made = (found.propose ?? []).concat(found.decision ? found.decision.proposals.map((id) => ({ proposal_id: id })) : []);
  const proposals = showProposals(
    made.map((one) => one.proposal_id).filter(Boolean), made.map((one) => one.refusal).filter(Boolean));
  fill(view.main,
    found.is_done ? null : showStopped(view, found),
    showSummary(found, highlights),
    showRecords(found.link),
    showConformity(found, highlights, proposals.add),
    showReply(found, acts(view)),
    proposals.section,
    highlights.show());
  view.main.scrollTo?.(0, 0);
}

function acts({ item, mode }) {
  if (mode === "compose") return [["Insérer", (text) => outlook.insertText(item, text)]];
  return [
    ["Insérer dans une réponse", async (text) => outlook.openReply(item, text, false)],
    ["Répondre à tous", async (text) => outlook.openReply(item, text, true)],
  ];
}

function showStopped(view, found) {
  const said = h("div", { "aria-live": "polite" });
  const again = button("Reprendre l’analyse", async () => {
    try {
      await post(`/mail/threads/${found.thread_id}/run`);
      if (view.isCurrent()) await show(view.main);
    } catch (error) {
      fill(said, notice("error", error.message));
    }
  });
  return [notice("warning", STOPPED), said, h("div", { class: "actions" }, again)];
}

function showFailure(view, error) {
  const message = error instanceof ApiError ? error.message : "Ce volet a rencontré une erreur. Réessayez.";
  fill(view.main, notice("error", message), h("div", { class: "actions" }, button("Réessayer", () => show(view.main))));
}

start();
