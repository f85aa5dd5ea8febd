// Signing in: the token Office or Teams gives, if Voltaire takes it; else a form, in plain sight.

import { keepHostToken, keepSession, post } from "./api.js";
import { button, fill, h, notice } from "./dom.js";

const PATIENCE_MS = 8000;
const NO_SSO = "La connexion automatique n’a pas abouti ici. Connectez-vous avec votre compte Voltaire.";
const PLAIN = "Connectez-vous avec votre compte Voltaire.";

/** How to ask Office for a token: `{client_id, authority, scope}`; no client_id, no attempt. */
export async function readMeans() {
  const answer = await fetch("config.json", { cache: "no-store" });
  return answer.ok ? answer.json() : { client_id: null };
}

/** Try the host's token: «done», «absent» where the host offers none, or «failed». */
export async function trySingleSignOn(askHost) {
  try {
    const means = await readMeans();
    if (!means.client_id) return "absent";
    const hostToken = await inTime(askHost(means));
    if (!hostToken) return "failed";
    return (await keepHostToken(hostToken)) ? "done" : "failed";
  } catch {
    return "failed";
  }
}

/** The form, in `place`; resolves once the user is signed in. */
export function showSignIn(place, outcome) {
  return new Promise((resolve) => {
    const said = h("div", { "aria-live": "polite" });
    const email = field("Adresse", "email", "username");
    const password = field("Mot de passe", "password", "current-password");
    const submit = button("Se connecter", signIn, { class: "primary", type: "submit" });
    const form = h("form", { class: "card", on: { submit: (event) => event.preventDefault() } },
      h("h2", {}, "Connexion"), h("p", {}, outcome === "failed" ? NO_SSO : PLAIN),
      email.label, password.label, said, submit);
    fill(place, form);
    email.input.focus();

    async function signIn() {
      if (!form.reportValidity()) return;
      try {
        const session = await post("/login", { email: email.input.value, password: password.input.value });
        keepSession(session);
        resolve(session);
      } catch (error) {
        fill(said, notice("error", error.message));
        password.input.value = "";
        password.input.focus();
      }
    }
  });
}

function field(label, type, autocomplete) {
  const input = h("input", { type, autocomplete, required: true, name: autocomplete });
  return { input, label: h("label", {}, label, input) };
}

function inTime(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), PATIENCE_MS));
  return Promise.race([promise, late]);
}
