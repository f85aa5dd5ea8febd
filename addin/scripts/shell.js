// What every page of the add-in does first: theme, sign-in, sign-out, the frame around the view.

import { isSignedIn, keepSession, onRefusal } from "./api.js";
import { button, fill, h } from "./dom.js";
import { showSignIn, trySingleSignOn } from "./session.js";

/** The light or dark theme of the host; without a word from it, that of the system. */
export function applyTheme(isDark) {
  if (isDark === null || isDark === undefined) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = isDark ? "dark" : "light";
}

/**
 * Sign the user in, then show the page's view with `show(main)`; again after a refused token.
 * `askHost(means)` gives the host's token, or null.
 */
export async function open(askHost, show) {
  const main = document.querySelector("main");
  const leave = button("Se déconnecter", () => restart("left"), { class: "link" });
  document.querySelector("header").append(h("span", { class: "spring" }), leave);
  onRefusal(() => restart("refused"));
  await enter(isSignedIn() ? "kept" : "new");

  async function restart(reason) {
    keepSession();
    await enter(reason);
  }

  async function enter(reason) {
    leave.hidden = true;
    if (!isSignedIn()) {
      fill(main, h("p", { role: "status" }, "Connexion…"));
      const outcome = reason === "left" ? "absent" : await trySingleSignOn(askHost);
      if (outcome !== "done") await showSignIn(main, outcome);
    }
    leave.hidden = false;
    await show(main);
  }
}
