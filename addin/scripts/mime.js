// A message rebuilt from what Outlook tells of it, where it does not give the file itself.

/** The bytes of a text message with the mail's own identifier, people, date and words. */
export function composeMime(item, text) {
  const headers = [
    ["From", person(item.from)],
    ["To", (item.to ?? []).map(person).join(",\r\n ")],
    ["Cc", (item.cc ?? []).map(person).join(",\r\n ")],
    ["Subject", word(item.subject ?? "")],
    ["Date", (item.dateTimeCreated ?? new Date()).toUTCString().replace("GMT", "+0000")],
    ["Message-ID", oneLine(item.internetMessageId ?? "")],
    ["MIME-Version", "1.0"],
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Transfer-Encoding", "base64"],
  ];
  const head = headers.filter(([, value]) => value).map(([name, value]) => `${name}: ${value}`);
  const body = toBase64(text).replace(/.{76}/g, "$&\r\n");
  return new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n${body}\r\n`);
}

function person(one) {
  if (!one?.emailAddress) return "";
  const address = oneLine(one.emailAddress).replace(/[<>,;"\s]/g, "");
  return one.displayName ? `${word(one.displayName)} <${address}>` : address;
}

/** A header's text as encoded words, which hold no line end and no markup of their own. */
function word(text) {
  const characters = Array.from(text);
  const words = [];
  for (let start = 0; start < characters.length; start += 10) {
    words.push(`=?utf-8?B?${toBase64(characters.slice(start, start + 10).join(""))}?=`);
  }
  return words.join("\r\n ");
}

function oneLine(text) {
  return text.replace(/[\r\n]+/g, " ").trim();
}

function toBase64(text) {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
