// What is asked of Teams: where the page stands, its theme, the user's token.

import { loadScript } from "./loading.js";

const PATIENCE_MS = 4000;

/** `{theme, place}` inside Teams, or null in a plain browser. */
export async function openTeams(onTheme) {
  if (window.parent === window) return null;
  try {
    await loadScript("vendor/teams-js.js");
    await inTime(microsoftTeams.app.initialize());
    const context = await inTime(microsoftTeams.app.getContext());
    microsoftTeams.app.registerOnThemeChangeHandler(onTheme);
    return { theme: context.app.theme, place: context.page.frameContext };
  } catch {
    return null;
  }
}

/** A token of Teams for this application, or null. */
export async function askTeamsToken() {
  return globalThis.microsoftTeams?.authentication.getAuthToken() ?? null;
}

function inTime(promise) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(reject, PATIENCE_MS))]);
}
