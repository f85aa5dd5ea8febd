// What the page's library leaves out: the end of an answer kept in sight, names for its bare
// buttons, tables that sort and scroll from the keyboard.
const NEAR_PX = 240;
const NUMBER = /^-?\d[\d\u00a0\u202f ]*(,\d+)?/;
const DATE = /^(\d{2})\/(\d{2})\/(\d{4})(?: à (\d{1,2})\s*h\s*(\d{2})?)?$/;
const SHORT = 18;
const NAMES = [
  [".positive-feedback-off", "Réponse utile"],
  [".positive-feedback-on", "Réponse utile, avis donné"],
  [".negative-feedback-off", "Réponse à corriger"],
  [".negative-feedback-on", "Réponse à corriger, avis donné"],
  ["#search-chats-button", "Chercher une conversation"],
  ["#new-chat-button", "Nouvelle conversation"],
  ["#sidebar-trigger-button", "Afficher ou masquer les conversations"],
  ["#thread-options", "Renommer ou supprimer la conversation"],
  ["#user-nav-button", "Votre compte"],
  ["#theme-toggle", "Thème"],
  ["#upload-button", "Joindre des fichiers"],
  ["[role=separator][tabindex]", "Largeur du panneau"],
  ["#chat-submit", "Envoyer le message"],
  ["#stop-button", "Arrêter la réponse"],
  ["#side-view-title button", "Fermer la source"],
  ["#chat-input", "Votre question"],
  ["#command-Approbations", "Approbations"],
  ["#command-Veille", "Veille"],
  ["button:has(> svg.lucide-eye)", "Montrer le mot de passe"],
  ["button:has(> svg.lucide-eye-off)", "Cacher le mot de passe"],
  ["button:has(> svg.lucide-chevron-left)", "Page précédente"],
  ["button:has(> svg.lucide-chevron-right)", "Page suivante"],
  ["button:has(> svg.lucide-zoom-in)", "Agrandir"],
  ["button:has(> svg.lucide-zoom-out)", "Réduire"],
  [".overflow-auto:has(> div > .react-pdf__Document)", "Page du document"],
  ["button:has(> svg.lucide-copy)", "Copier"],
  ["button:has(> svg.lucide-check)", "Copié"],
  ["button:has(> svg.lucide-arrow-down)", "Aller à la fin"],
];
// What looks like a button, or like an item of a list, without saying so.
const ROLES = [
  ["#thread-options", { role: "button", tabIndex: 0 }],
  ['a > button[data-sidebar="menu-button"]', { role: "link", tabIndex: -1 }],
  ["#upload-button", { role: "button" }],
  [".overflow-auto:has(> div > .react-pdf__Document)", { role: "region", tabIndex: 0 }],
  ['ul[data-sidebar="menu"] > :not(li)', { role: "listitem" }],
];
let scroller = null;
let height = 0;

function findScroller() {
  let node = document.querySelector("[data-step-type]");
  while (node && !/auto|scroll/.test(getComputedStyle(node).overflowY)) node = node.parentElement;
  return node;
}

// The page follows new messages but not the buttons that come after them: the last ones stayed
// half hidden under the composer. Whoever reads the end keeps seeing it; whoever went up stays.
// The page of the morning is read from its top.
function follow() {
  if (!scroller?.isConnected) {
    scroller = findScroller();
    height = scroller?.scrollHeight ?? 0;
  }
  if (!scroller) return;
  const grown = scroller.scrollHeight > height;
  const wasAtEnd = height - scroller.clientHeight - scroller.scrollTop < NEAR_PX;
  height = scroller.scrollHeight;
  if (!grown) return;
  if (document.getElementById("welcome-screen")) scroller.scrollTop = 0;
  else if (wasAtEnd) scroller.scrollTop = height;
}

function nameButtons() {
  for (const [selector, name] of NAMES)
    for (const node of document.querySelectorAll(selector))
      if (node.getAttribute("aria-label") !== name) node.setAttribute("aria-label", name);
  for (const [selector, wanted] of ROLES)
    for (const node of document.querySelectorAll(selector))
      if (node.role !== wanted.role) Object.assign(node, wanted);
  // A narrow page shows a source in a dialog whose title has another id than the one it names.
  const title = document.querySelector("[role=dialog] #side-view-title");
  title?.closest("[role=dialog]").setAttribute("aria-labelledby", title.id);
  for (const node of document.querySelectorAll("[aria-controls]"))
    if (!document.getElementById(node.getAttribute("aria-controls"))) node.removeAttribute("aria-controls");
}

/** What a cell is sorted by: a number, a day, else its words. */
function read(cell) {
  const text = cell.textContent.trim();
  const day = DATE.exec(text);
  if (day) return Number(day[3] + day[2] + day[1] + (day[4] ?? "0").padStart(2, "0") + (day[5] ?? "00"));
  const number = NUMBER.exec(text);
  if (number) return Number(number[0].replace(/[\u00a0\u202f ]/g, "").replace(",", "."));
  return text === "–" || text === "" ? null : text;
}

function compare(left, right) {
  if (left === null || right === null) return (left === null) - (right === null);
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left).localeCompare(String(right), "fr", { numeric: true });
}

function sort(table, column, heading) {
  const isDown = heading.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) mark(other, "none");
  mark(heading, isDown ? "descending" : "ascending");
  const body = table.tBodies[0];
  const kept = [...body.rows].filter((row) => !row.classList.contains("is-total"));
  const total = body.querySelector(".is-total");
  const keyed = kept.map((row) => ({ row, key: read(row.cells[column]) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return compare(a.key, b.key);
    return isDown ? compare(b.key, a.key) : compare(a.key, b.key);
  });
  for (const { row } of keyed) body.insertBefore(row, total);
}

function mark(heading, order) {
  heading.setAttribute("aria-sort", order);
  const sign = { ascending: "▲", descending: "▼", none: "↕" }[order];
  const button = heading.querySelector(".sort-button");
  if (button) button.textContent = sign;
}

function prepareTable(table) {
  table.dataset.ready = "";
  const title = table.closest(".message-content")?.querySelector(".font-bold")?.textContent;
  const frame = table.parentElement;
  Object.assign(frame, { tabIndex: 0 });
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", `Tableau ${title ?? ""}`.trim());
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  for (const row of rows) {
    if (/^Total\b/.test(row.cells[0]?.textContent ?? "")) row.classList.add("is-total");
    for (const cell of row.cells) if (cell.textContent.length <= SHORT) cell.classList.add("is-short");
  }
  if (rows.length < 3 || !table.tHead) return;
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort-button";
    button.setAttribute("aria-label", `Trier par ${heading.textContent}`);
    button.addEventListener("click", () => sort(table, column, heading));
    heading.append(button);
    mark(heading, "none");
  });
}

function tidy() {
  follow();
  nameButtons();
  // A table is read once its message is whole: the one being written has no buttons yet.
  for (const table of document.querySelectorAll(".message-content table:not([data-ready])"))
    prepareTable(table);
}

let isPlanned = false;
new MutationObserver(() => {
  if (isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(() => {
    isPlanned = false;
    tidy();
  });
}).observe(document.body, { childList: true, subtree: true, characterData: true });
