"""Tasks, notes, e-mails, drafts of answers and meetings."""

from crm.catalogue import BusinessObject, Choice, Field, Link

TASKS = BusinessObject(
    name="tasks",
    singular="tâche",
    plural="tâches",
    is_feminine=True,
    title="title",
    words=("todo", "à faire", "actions à mener", "choses à faire", "rappels", "relances",
           "relance", "relancer"),
    fields=(
        Field("title", "Tâche", "text", is_feminine=True),
        Field("due_on", "Échéance", "date", is_feminine=True, words=(
            "en retard", "pour quand", "date limite", "prévues", "dues", "à échéance",
            "à faire pour")),
        Field("source", "Origine", "enum", is_feminine=True, choices=(
            Choice("manual", "Saisie", ("manuelle", "manuelles")),
            Choice("email", "Courriel", ("issues de mails",)),
            Choice("meeting", "Réunion", ("issues de réunions",)),
            Choice("tender", "Appel d’offres"), Choice("system", "Automatique", (
                "automatiques",)),
        )),
        Field("status", "Statut", "enum", words=("état",), choices=(
            Choice("open", "Ouverte", ("ouvertes", "à faire", "en cours", "non faites",
                                       "restantes")),
            Choice("done", "Faite", ("faites", "terminées", "achevées", "réalisées")),
            Choice("cancelled", "Annulée", ("annulées",)),
        )),
    ),
    columns=("title", "account.name", "owner.full_name", "due_on", "status"),
    order="due_on",
    links={
        "account": Link("accounts", "account_id", "Client"),
        "owner": Link("users", "owner_id", "Responsable"),
        "contract": Link("contracts", "contract_id", "Contrat"),
        "tender": Link("tenders", "tender_id", "Appel d’offres"),
        "non_conformity": Link("non_conformities", "non_conformity_id", "Non-conformité"),
    },
    search=("title",),
    date="due_on",
)  # fmt: skip

EMAIL_THREADS = BusinessObject(
    name="email_threads",
    singular="fil de courriels",
    plural="fils de courriels",
    is_feminine=False,
    title="subject",
    fields=(
        Field("subject", "Objet", "text"),
        Field("last_message_at", "Dernier message", "instant"),
    ),
    columns=("subject", "account.name", "last_message_at"),
    order="last_message_at",
    links={"account": Link("accounts", "account_id", "Client")},
    date="last_message_at",
)

EMAILS = BusinessObject(
    name="emails",
    singular="courriel",
    plural="courriels",
    is_feminine=False,
    title="subject",
    words=("mail", "mails", "e-mail", "e-mails", "email", "emails", "message", "messages",
           "échange", "échanges", "correspondance"),
    fields=(
        Field("subject", "Objet", "text", words=("sujet",)),
        Field("direction", "Sens", "enum", choices=(
            Choice("in", "Reçu", ("reçus", "entrants", "reçue")),
            Choice("out", "Envoyé", ("envoyés", "sortants")),
        )),
        Field("from_address", "Expéditeur", "text", words=("de qui", "émetteur")),
        Field("to_addresses", "Destinataires", "list"),
        Field("sent_at", "Date", "instant", is_feminine=True, words=(
            "dernier", "derniers", "récents", "récent", "dernière")),
        Field("body_text", "Texte", "text"),
    ),
    columns=("sent_at", "account.name", "direction", "from_address", "subject"),
    order="sent_at",
    links={
        "thread": Link("email_threads", "thread_id", "Fil"),
        "contact": Link("contacts", "contact_id", "Contact"),
    },
    paths={"account": "thread.account"},
    search=("subject",),
    date="sent_at",
)  # fmt: skip

MEETINGS = BusinessObject(
    name="meetings",
    singular="réunion",
    plural="réunions",
    is_feminine=True,
    title="title",
    words=("rendez-vous", "rdv", "entretien", "entretiens", "comité", "comités", "visio"),
    fields=(
        Field("title", "Titre", "text"),
        Field("starts_at", "Début", "instant", words=("prévues", "prévue", "a lieu", "quand",
                                                     "prochaine", "prochaines")),
        Field("ends_at", "Fin", "instant", is_feminine=True),
        Field("location", "Lieu", "text", words=("où",)),
        Field("attendees", "Participants", "list", words=("présents",)),
        Field("summary", "Résumé", "text", words=("compte rendu",)),
    ),
    columns=("title", "account.name", "starts_at", "location", "attendees"),
    order="starts_at",
    links={
        "account": Link("accounts", "account_id", "Client"),
        "owner": Link("users", "owner_id", "Responsable"),
    },
    search=("title",),
    date="starts_at",
)  # fmt: skip

NOTES = BusinessObject(
    name="notes",
    singular="note de suivi",
    plural="notes de suivi",
    is_feminine=True,
    title="body",
    fields=(
        Field("body", "Note", "text", is_feminine=True),
        Field("written_on", "Écrite le", "date"),
    ),
    columns=("written_on", "account.name", "author.full_name", "body"),
    order="written_on",
    links={
        "account": Link("accounts", "account_id", "Client"),
        "author": Link("users", "author_id", "Auteur"),
        "contract": Link("contracts", "contract_id", "Contrat"),
        "tender": Link("tenders", "tender_id", "Appel d’offres"),
        "non_conformity": Link("non_conformities", "non_conformity_id", "Non-conformité"),
    },
    date="written_on",
)

REPLY_DRAFTS = BusinessObject(
    name="reply_drafts",
    singular="brouillon de réponse",
    plural="brouillons de réponse",
    is_feminine=False,
    title="subject",
    fields=(
        Field("to_addresses", "Destinataires", "list"),
        Field("cc_addresses", "Copie", "list", is_feminine=True),
        Field("subject", "Objet", "text"),
        Field("body_text", "Texte", "text"),
    ),
    columns=("account.name", "subject", "to_addresses"),
    order="subject",
    links={
        "account": Link("accounts", "account_id", "Client"),
        "email": Link("emails", "email_id", "Courriel d’origine"),
    },
)
