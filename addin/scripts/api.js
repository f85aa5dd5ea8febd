// The client of Voltaire's API: one base path, one bearer token, errors in French.

export const API = "/api";

const KEY = "voltaire.jeton";
const UNREACHABLE = "Voltaire ne répond pas. Vérifiez votre connexion, puis réessayez.";
const UNREADABLE = "La réponse de Voltaire n’est pas lisible. Réessayez dans un instant.";
const listeners = new Set();
const storage = findStorage();
let token = storage?.getItem(KEY) ?? null;

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

/** Keep the token of a session for this pane, or forget it. */
export function keepToken(value) {
  token = value;
  if (value === null) storage?.removeItem(KEY);
  else storage?.setItem(KEY, value);
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
export async function send(method, path, body, type) {
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
    keepToken(null);
    for (const listener of listeners) listener();
  }
  const problem = await readJson(answer).catch(() => ({}));
  throw new ApiError(answer.status, problem.detail ?? UNREADABLE);
}

async function readJson(answer) {
  try {
    return await answer.json();
  } catch {
    throw new ApiError(answer.status, UNREADABLE);
  }
}
