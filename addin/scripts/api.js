// The client of Voltaire's API: one base path, one bearer token, errors in French.

export const API = "/api/v1";

const KEY = "voltaire.jeton";
const RENEWAL_KEY = "voltaire.renouvellement";
const UNREACHABLE = "Voltaire ne répond pas. Vérifiez votre connexion, puis réessayez.";
const UNREADABLE = "La réponse de Voltaire n’est pas lisible. Réessayez dans un instant.";
const listeners = new Set();
const storage = findStorage();
let token = storage?.getItem(KEY) ?? null;
let renewal = storage?.getItem(RENEWAL_KEY) ?? null;
let renewing = null;

/** A refusal; `message` is French and says what to do next, `status` is 0 without an answer. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Whether a token is held. */
export function isSignedIn() {
  return token !== null;
}

/** Keep a session for this pane: its token, and the secret that renews it when it has one. */
export function keepSession({ access_token = null, refresh_token = null } = {}) {
  [token, renewal] = [access_token, refresh_token];
  for (const [key, value] of [[KEY, token], [RENEWAL_KEY, renewal]]) {
    if (value === null) storage?.removeItem(key);
    else storage?.setItem(key, value);
  }
}

/** Keep a token of the host, which opens a session by itself, if Voltaire takes it. */
export async function keepHostToken(value) {
  const headers = { accept: "application/json", authorization: `Bearer ${value}` };
  const answer = await fetch(`${API}/me`, { headers, credentials: "omit", cache: "no-store" });
  if (answer.ok) keepSession({ access_token: value });
  return answer.ok;
}

/** The pane's storage, or null where the browser refuses it to framed pages: memory serves then. */
function findStorage() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** Call `listener` when a token is refused in the middle of work. */
export function onRefusal(listener) {
  listeners.add(listener);
}

export const get = (path, parameters = {}) => {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
  return send("GET", query.size ? `${path}?${query}` : path);
};
export const post = (path, body) =>
  send("POST", path, JSON.stringify(body ?? {}), "application/json");

/** Send `body` as it is: bytes with their media type, or a form. */
export async function send(method, path, body, type, isAgain = false) {
  const headers = { accept: "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  if (type) headers["content-type"] = type;
  let answer;
  try {
    answer = await fetch(API + path, { method, headers, body, credentials: "omit", cache: "no-store" });
  } catch {
    throw new ApiError(0, UNREACHABLE);
  }
  if (answer.ok) return answer.status === 204 ? null : readJson(answer);
  if (answer.status === 401 && token) {
    if (renewal && !isAgain && (await renew())) return send(method, path, body, type, true);
    keepSession();
    for (const listener of listeners) listener();
  }
  const problem = await readJson(answer).catch(() => ({}));
  throw new ApiError(answer.status, problem.detail ?? UNREADABLE);
}

/** A new session for the one that ended; its secret serves once, so all wait for one renewal. */
function renew() {
  renewing ??= askRenewal().finally(() => { renewing = null; });
  return renewing;
}

async function askRenewal() {
  const headers = { accept: "application/json", "content-type": "application/json" };
  const body = JSON.stringify({ refresh_token: renewal });
  try {
    const answer = await fetch(`${API}/refresh`, { method: "POST", headers, body, credentials: "omit" });
    if (answer.ok) keepSession(await answer.json());
    return answer.ok;
  } catch {
    return false;
  }
}

async function readJson(answer) {
  try {
    return await answer.json();
  } catch {
    throw new ApiError(answer.status, UNREADABLE);
  }
}
