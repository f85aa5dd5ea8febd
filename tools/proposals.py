"""The `propose_*` tools, made from the write declarations: they store a proposal, no change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model

from core.context import Context
from core.errors import VoltaireError
from core.formats import NBSP
from crm.changes import ChangeDraft
from crm.objects import OBJECTS
from crm.proposals.approving import approve_by_policy
from crm.proposals.canonical import Origin
from crm.proposals.columns import Column
from crm.proposals.declarations import WRITABLES, Writable
from crm.proposals.errors import InvalidChange
from crm.proposals.records import find_row
from crm.proposals.submission import Submission, propose, propose_one, record_refusal
from tools.approvals import get_card
from tools.outputs import Failure, Proposed, ProposedLine, ToolOutput

__all__ = ["PROPOSAL_TOOLS", "Circumstances", "ProposalTool", "propose", "propose_from_tool"]

NUMBERS = "texte, point décimal : « 1234.56 »"
FORMATS = {
    "money": f"{NUMBERS}, en euros",
    "price": NUMBERS,
    "energy": NUMBERS,
    "power": NUMBERS,
    "percent": NUMBERS,
    "area": NUMBERS,
    "number": NUMBERS,
    "date": "AAAA-MM-JJ",
    "instant": "AAAA-MM-JJTHH:MM:SS+01:00",
    "reference": "identifiant rendu par un outil",
}


@dataclass(frozen=True)
class Circumstances:
    """In what turn a tool is called. `known_ids` are the ids that tools have returned in it.

    `is_tainted` tells that the turn has read mails, documents or minutes: what a model then
    writes may come from there.
    """

    name: str = "tool"
    conversation_id: UUID | None = None
    key: str | None = None
    engine: str = ""
    is_model: bool = True
    prompt_sha256: str | None = None
    is_tainted: bool = True
    known_ids: frozenset[str] | None = None

    @property
    def origin(self) -> Origin:
        """What a proposal keeps of them."""
        return Origin(
            self.name, self.engine, self.is_model, self.prompt_sha256, self.conversation_id
        )


class ProposalArguments(BaseModel):
    """What every proposal takes besides its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str = Field(
        max_length=2000, description="Pourquoi, en une phrase, avec les mots de la demande"
    )


@dataclass(frozen=True)
class ProposalTool:
    """A tool that proposes; `columns` are the fields it offers, none for all of them."""

    name: str
    object: str
    description: str
    columns: tuple[str, ...] = ()
    needs_record: bool = False
    label: str = field(default="Préparation d’une modification")

    @property
    def declared(self) -> Writable:
        """The write declaration it comes from."""
        return WRITABLES[self.object]

    @property
    def offered(self) -> Mapping[str, Column]:
        """The fields it takes, by name."""
        names = self.columns or tuple(self.declared.columns)
        return {n: self.declared.columns[n] for n in names if n not in self.declared.computed}

    @property
    def arguments(self) -> type[ProposalArguments]:
        """The pydantic model of its arguments: field values are typed by the service itself."""
        shape = Annotated[dict[str, Any], WithJsonSchema(_describe_fields(self.offered))]
        extra: dict[str, Any] = {"fields": (shape, ...)}
        if "update" in self.declared.operations:
            what = f"Identifiant de l’objet «{NBSP}{OBJECTS[self.object].singular}{NBSP}»"
            extra["record_id"] = (
                (UUID, Field(description=what))
                if self.needs_record
                else (UUID | None, Field(default=None, description=f"{what} ; absent pour créer"))
            )
        return create_model(f"{self.name}_arguments", __base__=ProposalArguments, **extra)


def _describe_fields(columns: Mapping[str, Column]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _describe(column) for name, column in columns.items()},
    }


def _describe(column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {"type": "string", "description": column.label}
    if column.choices:
        labels = ", ".join(f"{c.value} = {c.label}" for c in column.choices if c.value != c.label)
        described |= {"enum": [c.value for c in column.choices]}
        described["description"] += f" ({labels})" if labels else ""
    elif column.kind == "boolean":
        described["type"] = "boolean"
    elif column.kind == "list":
        described |= {"type": "array", "items": {"type": "string"}}
    elif column.is_integral:
        described["type"] = "integer"
    elif column.kind in FORMATS:
        described["description"] += f" ({FORMATS[column.kind]})"
    return described


def _make_tool(declared: Writable) -> ProposalTool:
    named = OBJECTS[declared.object]
    verb = "rattacher" if declared.operations == ("link",) else "créer ou modifier"
    return ProposalTool(
        f"propose_{declared.object}",
        declared.object,
        f"Propose de {verb}{NBSP}: {named.singular}. Rien n’est écrit : une personne approuve.",
    )


SPECIAL = (
    ProposalTool("propose_task", "tasks",
                 "Propose une tâche (ou d’en modifier une) : quoi, qui, pour quand."),
    ProposalTool("propose_note", "notes",
                 "Propose une note de suivi sur un client, un contrat, un appel d’offres…"),
    ProposalTool("propose_reply_draft", "reply_drafts",
                 "Propose un brouillon de réponse à un courriel. Le destinataire est son "
                 "expéditeur ; rien n’est envoyé.",
                 ("email_id", "subject", "body_text")),
    ProposalTool("propose_article", "kb_articles",
                 "Propose un article de la base de connaissances, à l’état de brouillon.",
                 ("title", "standard", "clause", "kind", "body", "review_due_on", "owner_id")),
    ProposalTool("propose_non_conformity_step", "non_conformities",
                 "Propose l’étape suivante d’une non-conformité : mesure immédiate, cause, action "
                 "corrective, contrôle d’efficacité, statut.",
                 ("status", "containment", "root_cause", "corrective_action", "due_on",
                  "effectiveness_check_on", "effectiveness_criterion", "closed_on", "owner_id"),
                 needs_record=True),
    ProposalTool("propose_verdict", "tenders",
                 "Propose le verdict d’un appel d’offres, avec son motif.",
                 ("verdict", "verdict_reason", "score", "status"), needs_record=True),
)  # fmt: skip
# Documents change through `tools.library`, which knows which status may follow which.
COVERED = frozenset(
    {"tasks", "notes", "reply_drafts", "kb_articles", "documents", "document_versions"}
)
PROPOSAL_TOOLS: Mapping[str, ProposalTool] = {
    tool.name: tool
    for tool in (
        *SPECIAL,
        *(_make_tool(declared) for name, declared in WRITABLES.items() if name not in COVERED),
    )
}


async def propose_from_tool(
    context: Context, tool: ProposalTool, arguments: Any, circumstances: Circumstances
) -> ToolOutput:
    """Store what a tool call wishes, for the context's user; a refusal comes back as a Failure."""
    draft = _make_draft(context, tool, arguments, circumstances)
    try:
        _check_offered(tool, draft)
        _check_ids(context, tool, draft, circumstances)
        typed: frozenset[str] = frozenset()
        if tool.object == "reply_drafts":
            draft, typed = await _address_reply(context, draft)
        submission = await propose_one(context, draft, circumstances.origin, typed=typed)
    except VoltaireError as error:
        await record_refusal(context, draft, circumstances.origin, error)
        return Failure(message=error.message)
    return await _tell(context, submission)


def _make_draft(
    context: Context, tool: ProposalTool, arguments: Any, circumstances: Circumstances
) -> ChangeDraft:
    record_id: UUID | None = getattr(arguments, "record_id", None)
    operation = tool.declared.operations[0]
    fields = dict(arguments.fields)
    if tool.object == "tasks" and record_id is None:
        # Who asks for a task in a conversation means their own, unless they name someone.
        fields.setdefault("owner_id", str(context.identity.user_id))
    return ChangeDraft(
        operation="update" if record_id else operation,
        object=tool.object,
        fields=fields,
        reason=arguments.reason,
        key=circumstances.key or f"tool:{uuid4()}",
        record_id=record_id,
        is_tainted=circumstances.is_tainted,
    )


def _check_offered(tool: ProposalTool, draft: ChangeDraft) -> None:
    refused = [n for n in draft.fields if n in tool.declared.columns and n not in tool.offered]
    if refused:
        label = tool.declared.columns[refused[0]].label
        raise InvalidChange(f"«{NBSP}{label}{NBSP}» ne se remplit pas par cette voie.")


def _check_ids(
    context: Context, tool: ProposalTool, draft: ChangeDraft, circumstances: Circumstances
) -> None:
    """An id comes from what a tool returned in the turn, never from a text that was read."""
    if circumstances.known_ids is None:
        return
    columns = tool.declared.columns
    given: list[object] = [
        value
        for name, value in draft.fields.items()
        if value is not None and name in columns and columns[name].kind == "reference"
    ]
    for value in [*given, *([draft.record_id] if draft.record_id else [])]:
        is_own = str(value) == str(context.identity.user_id)
        if not is_own and str(value).lower() not in circumstances.known_ids:
            raise InvalidChange(
                "Un identifiant ne vient d’aucune fiche lue pendant cet échange. Cherchez d’abord "
                "la fiche, puis reprenez son identifiant."
            )


async def _address_reply(
    context: Context, draft: ChangeDraft
) -> tuple[ChangeDraft, frozenset[str]]:
    """The draft sent back to the author of its mail: recipients are never taken from a text."""
    email_id = draft.fields.get("email_id")
    row = None
    async with context.database.transaction(context.identity) as connection:
        if isinstance(email_id, str) and _is_uuid(email_id):
            row = await find_row(connection, "emails", UUID(email_id))
        if row is None:
            raise InvalidChange("Le courriel auquel répondre est introuvable.")
        thread = await find_row(connection, "email_threads", row["thread_id"])
    subject = draft.fields.get("subject") or f"RE{NBSP}: {row['subject']}"
    computed = {
        "to_addresses": [row["from_address"]],
        "subject": subject,
        "account_id": str(thread["account_id"]) if thread and thread["account_id"] else None,
    }
    return replace(draft, fields={**draft.fields, **computed}), frozenset(computed)


async def _tell(context: Context, submission: Submission) -> ToolOutput:
    assert submission.proposal_id is not None  # noqa: S101 - a submission that raised nothing
    is_approved = submission.is_new and await approve_by_policy(context, submission.proposal_id)
    card = await get_card(context, submission.proposal_id)
    return Proposed(
        label=card.title,
        proposal_id=card.id,
        digest=card.digest,
        account=card.account_name,
        lines=tuple(
            ProposedLine(label=line.label, before=line.before, after=line.after)
            for line in card.lines
        ),
        needed=card.needed,
        is_new=submission.is_new,
        is_approved=is_approved,
        warnings=card.warnings,
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def list_ids(outputs: Sequence[ToolOutput]) -> frozenset[str]:
    """The ids of records that tool results gave, outside any text."""
    ids: set[str] = set()
    for output in outputs:
        ids.update(str(record_id) for record_id in getattr(output, "record_ids", ()))
        for mention in getattr(output, "mentions", ()):
            ids.update(str(c.record_id) for c in mention.candidates if c.record_id)
        if isinstance(output, Proposed):
            ids.add(str(output.proposal_id))
    return frozenset(ids)
