// The morning: deadlines, mails triaged, decisions and approvals that wait.

import { get } from "./api.js";
import { count, fill, formatDay, h, list, section } from "./dom.js";
import { makeCard } from "./proposals.js";

const URGENCY = { 3: "aujourd’hui", 2: "cette semaine", 1: "sans urgence" };
const CARDS = 3;

/** The page of the day, from the portfolio's rows. */
export async function showMorning(place) {
  const [topics, threads, reviews, pending] = await Promise.all([
    get("/morning"), get("/mail/threads", { limit: 8 }), get("/mail/reviews"), get("/proposals"),
  ]);
  const cards = pending.flatMap((group) => group.cards);
  fill(place, topics.map(drawTopic),
    section("Non-conformités à examiner", list(reviews.map((one) => [
      h("strong", {}, one.subject), ` ${one.account ?? "client inconnu"}, avant le ${formatDay(one.due_on)}`])) ?? nothing()),
    section("Courriels depuis hier", list(threads.map(drawThread)) ?? nothing()),
    section(`À approuver${cards.length ? `\u00a0: ${count(cards.length, "proposition", "propositions")}` : ""}`,
      cards.length ? cards.slice(0, CARDS).map((card) => makeCard(card.id)) : nothing(),
      cards.length > CARDS ? h("p", {}, h("a", { href: "/", target: "_blank", rel: "noopener" }, "Tout voir dans Voltaire")) : null));
}

function drawTopic(topic) {
  const rest = topic.total - topic.lines.length;
  return section(topic.title, list(topic.lines.map((line) => [
    h("strong", {}, line.title), ` ${line.detail}`, h("span", { class: "date" }, line.date)]), { class: "rows" }) ?? nothing(),
  rest > 0 ? h("p", { class: "maker" }, `et ${count(rest, "autre", "autres")}`) : null);
}

function drawThread(thread) {
  return [h("strong", {}, thread.subject), ` ${thread.account ?? "client inconnu"}, ${URGENCY[thread.urgency] ?? "en cours de tri"}`,
    thread.next_action ? h("div", { class: "maker" }, thread.next_action) : null];
}

function nothing() {
  return h("p", { class: "maker" }, "Rien aujourd’hui.");
}
