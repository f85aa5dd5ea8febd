// What is asked of Outlook: the selected mail, its bytes, a reply to open, a body to fill.
// Nothing here sends a mail.

import { loadScript } from "./loading.js";
import { composeMime } from "./mime.js";

/** Resolves with Outlook's mailbox, or null outside Outlook. */
export async function openMailbox() {
  if (!globalThis.Office) return null;
  await Office.onReady();
  return Office.context?.mailbox ?? null;
}

/** A token of Office for this application (nested app authentication), or null. */
export async function askOfficeToken({ client_id, authority, scope }) {
  if (!Office.context.requirements.isSetSupported("NestedAppAuth", "1.1")) return null;
  await loadScript("vendor/msal-browser.js");
  const application = await msal.createNestablePublicClientApplication({
    auth: { clientId: client_id, authority },
  });
  const request = { scopes: [scope] };
  try {
    return (await application.acquireTokenSilent(request)).accessToken;
  } catch {
    return (await application.acquireTokenPopup(request)).accessToken;
  }
}

/** «read», «compose», or null for what is not a mail. */
export function modeOf(item) {
  if (!item || (item.itemType && item.itemType !== Office.MailboxEnums.ItemType.Message)) return null;
  return typeof item.displayReplyForm === "function" ? "read" : "compose";
}

/** The names by which Voltaire may know a mail; of a draft, those of the mail it answers. */
export function identify(mailbox, item) {
  return { internet_message_id: item.internetMessageId ?? item.inReplyTo ?? "", conversation_id: conversationOf(mailbox, item) };
}

/** The conversation's id as Microsoft Graph writes it. */
export function conversationOf(mailbox, item) {
  if (!item.conversationId) return "";
  return mailbox.convertToRestId?.(item.conversationId, Office.MailboxEnums.RestVersion.v2_0) ?? item.conversationId;
}

/** The mail's bytes: as received where Outlook gives them, else rebuilt from its fields. */
export async function readMime(item) {
  if (typeof item.getAsFileAsync === "function") {
    try {
      return decode(await ask((done) => item.getAsFileAsync(done)));
    } catch {
      // Some Outlook versions name the function and refuse it.
    }
  }
  const text = await ask((done) => item.body.getAsync(Office.CoercionType.Text, done));
  return composeMime(item, text);
}

/** Open a reply that holds `text`; its owner reads it over and sends it. */
export function openReply(item, text, toAll) {
  const form = { htmlBody: toHtml(text) };
  if (toAll) item.displayReplyAllForm(form);
  else item.displayReplyForm(form);
}

/** Put `text` at the head of the message being written. */
export async function insertText(item, text) {
  const type = await ask((done) => item.body.getTypeAsync(done));
  const isHtml = type === Office.CoercionType.Html;
  const content = isHtml ? toHtml(text) : `${text}\n\n`;
  const coercionType = isHtml ? Office.CoercionType.Html : Office.CoercionType.Text;
  await ask((done) => item.body.prependAsync(content, { coercionType }, done));
}

/** Plain text as HTML that shows it and nothing else. */
export function toHtml(text) {
  const escaped = text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<div>${escaped.replace(/\r?\n/g, "<br>")}</div><br>`;
}

function ask(call) {
  return new Promise((resolve, reject) => {
    call((result) => {
      if (result.status === Office.AsyncResultStatus.Succeeded) resolve(result.value);
      else reject(new Error(result.error?.message ?? "Outlook a refusé la demande."));
    });
  });
}

function decode(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
