// The tab of Teams: the morning, the minutes, the actions; in a meeting, the minutes first.

import { get } from "./api.js";
import { fill, formatDay, h, list, notice, section } from "./dom.js";
import { showMinutesList } from "./minutes.js";
import { showMorning } from "./morning.js";
import { applyTheme, open } from "./shell.js";
import { askTeamsToken, openTeams } from "./teams.js";

const VIEWS = [
  ["matin", "Ce matin", showMorning], ["comptes-rendus", "Comptes rendus", showMinutesList], ["actions", "Actions", showActions],
];
const IN_MEETING = new Set(["sidePanel", "meetingStage"]);
const DARK = new Set(["dark", "contrast"]);

async function start() {
  const follow = (theme) => applyTheme(DARK.has(theme));
  const teams = await openTeams(follow);
  if (teams) follow(teams.theme);
  const isMeeting = IN_MEETING.has(teams?.place) || new URLSearchParams(location.search).get("lieu") === "reunion";
  await open(askTeamsToken, (main) => showTabs(main, isMeeting ? VIEWS.slice(1) : VIEWS));
}

function showTabs(main, views) {
  const panel = h("div", { role: "tabpanel", id: "panneau", tabindex: "0" });
  const tabs = views.map(([name, title], rank) => h("button", {
    type: "button", role: "tab", id: `onglet-${name}`, "aria-controls": "panneau", on: {
      click: () => choose(rank),
      keydown: (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) choose((rank + step + views.length) % views.length, true);
      },
    },
  }, title));
  fill(main, h("div", { role: "tablist", "aria-label": "Vues" }, tabs), panel);
  return choose(0);

  async function choose(chosen, isFocused = false) {
    tabs.forEach((tab, rank) => {
      tab.setAttribute("aria-selected", String(rank === chosen));
      tab.tabIndex = rank === chosen ? 0 : -1;
    });
    if (isFocused) tabs[chosen].focus();
    panel.setAttribute("aria-labelledby", tabs[chosen].id);
    const content = h("div");
    fill(panel, content);
    fill(content, h("p", { role: "status" }, "Chargement…"));
    try {
      await views[chosen][2](content);
    } catch (error) {
      fill(content, notice("error", error.message));
    }
  }
}

/** What the latest meetings left to do, by who does it. */
async function showActions(place) {
  const headings = await get("/minutes", { limit: 20 });
  const actions = headings.flatMap((one) => one.actions.map((action) => ({ ...action, meeting: one.title })));
  const owners = [...new Set(actions.map((one) => one.owner ?? ""))].sort((a, b) => (a === "") - (b === "") || a.localeCompare(b, "fr"));
  fill(place, owners.length ? owners.map((owner) => section(owner || "Non attribuées", list(
    actions.filter((one) => (one.owner ?? "") === owner).sort(byDate).map((one) => [
      one.text, one.due_on ? h("span", { class: "date" }, formatDay(one.due_on)) : null, h("div", { class: "maker" }, one.meeting)]),
    { class: "rows" }))) : notice("info", "Aucune action dans les derniers comptes rendus."));
}

function byDate(a, b) {
  return (a.due_on ?? "9999").localeCompare(b.due_on ?? "9999");
}

start();
