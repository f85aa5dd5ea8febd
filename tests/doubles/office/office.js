// Outlook's office.js, as far as the pane asks of it; what it is told goes to window.acts.
(() => {
  const acts = (window.acts = []);
  const handlers = [];
  const state = window.hostState;

  const succeed = (done, value) => setTimeout(() => done({ status: "succeeded", value }), 0);
  const refuse = (done, message) => setTimeout(() => done({ status: "failed", error: { message } }), 0);

  function makeItem(given) {
    if (!given) return null;
    const body = {
      getAsync: (type, done) => succeed(done, given.text),
      getTypeAsync: (done) => succeed(done, given.bodyType),
      prependAsync: (content, options, done) => {
        if (options.coercionType !== given.bodyType) return refuse(done, "type");
        acts.push({ name: "prepend", content, type: options.coercionType });
        return succeed(done);
      },
    };
    if (given.mode === "compose") {
      return { itemType: "message", conversationId: given.conversationId, inReplyTo: given.internetMessageId, body, subject: {} };
    }
    if (given.mode === "appointment") return { itemType: "appointment" };
    const item = {
      itemType: "message", internetMessageId: given.internetMessageId, conversationId: given.conversationId,
      subject: given.subject, from: given.from, to: given.to, cc: given.cc,
      dateTimeCreated: new Date("2026-11-13T08:00:00Z"), body,
      displayReplyForm: (form) => acts.push({ name: "reply", ...form }),
      displayReplyAllForm: (form) => acts.push({ name: "replyAll", ...form }),
    };
    if (given.file) item.getAsFileAsync = (done) => succeed(done, given.file);
    return item;
  }

  const mailbox = {
    item: makeItem(state.item),
    convertToRestId: (id) => id.replaceAll("/", "-").replaceAll("+", "_"),
    addHandlerAsync: (event, handler) => handlers.push(handler),
  };
  window.selectItem = (given) => {
    mailbox.item = makeItem(given);
    for (const handler of handlers) handler({ type: "olkItemSelectedChanged" });
  };
  window.Office = {
    onReady: async () => ({ host: "Outlook", platform: "OfficeOnline" }),
    context: {
      mailbox,
      officeTheme: state.isDark === null ? undefined : { isDarkTheme: state.isDark },
      requirements: { isSetSupported: (name) => name === "NestedAppAuth" && state.offersTokens },
    },
    EventType: { ItemChanged: "olkItemSelectedChanged" },
    AsyncResultStatus: { Succeeded: "succeeded", Failed: "failed" },
    CoercionType: { Text: "text", Html: "html" },
    MailboxEnums: { ItemType: { Message: "message", Appointment: "appointment" }, RestVersion: { v2_0: "v2.0" } },
  };
})();
