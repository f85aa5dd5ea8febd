"""The tools offered to an engine: names, schemas, rights, and the one way to call them.

The tenant and the user come from the context, never from arguments. A tool whose roles the user
lacks is not even offered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.context import Context, Identity
from core.engine.protocol import ToolSpec
from core.errors import VoltaireError
from core.settings import get_settings
from crm.objects import OBJECTS
from crm.query_parts import Bound, Filter, Grouping, Measure, RelatedFilter
from tools.knowledge import read_knowledge
from tools.outputs import Failure, ToolOutput
from tools.proposals import PROPOSAL_TOOLS, Circumstances, ProposalTool, propose_from_tool
from tools.reads import read_aggregate, read_list, read_mentions, read_overview, read_record
from tools.sql import query_sql

EVERYONE = frozenset({"reader", "sales", "quality", "director", "admin"})
OBJECT_NAMES = ", ".join(OBJECTS)


class Arguments(BaseModel):
    """What a tool takes: strict, with no unknown key."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MentionArguments(Arguments):
    text: str = Field(max_length=20_000, description="La question, telle qu’elle a été posée")


class ListArguments(Arguments):
    object: str = Field(description=f"Objet : {OBJECT_NAMES}")
    filters: list[Filter] = Field(default_factory=list[Filter])
    related: list[RelatedFilter] = Field(
        default_factory=list[RelatedFilter],
        description="Conditions d’existence ou d’absence d’objets liés",
    )
    columns: list[str] = Field(
        default_factory=list[str], description="Colonnes ; vide pour celles d’usage"
    )
    order_by: str | None = None
    descending: bool = False
    limit: int = Field(default=20, ge=1, le=200)


class AggregateArguments(Arguments):
    object: str = Field(description=f"Objet : {OBJECT_NAMES}")
    measures: list[Measure] = Field(default_factory=list[Measure], max_length=6)
    group_by: list[Grouping] = Field(default_factory=list[Grouping], max_length=3)
    filters: list[Filter] = Field(default_factory=list[Filter])
    related: list[RelatedFilter] = Field(default_factory=list[RelatedFilter])
    having: list[Bound] = Field(
        default_factory=list[Bound], description="Bornes sur la première mesure des groupes"
    )
    descending: bool = True
    limit: int = Field(default=50, ge=1, le=200)


class RecordArguments(Arguments):
    object: str = Field(description=f"Objet : {OBJECT_NAMES}")
    record_id: UUID


class OverviewArguments(Arguments):
    account_id: UUID = Field(description="Identifiant du client, donné par find_mentions")


class SqlArguments(Arguments):
    sql: str = Field(description="Un SELECT PostgreSQL sur les tables des objets")


class KnowledgeArguments(Arguments):
    query: str = Field(max_length=8000, description="La question ou ses mots importants")
    kinds: list[str] = Field(
        default_factory=list[str],
        description="manual, procedure, instruction, record, guide, template, tender, regulation, "
        "market, memo",
    )
    standards: list[str] = Field(default_factory=list[str], description="ISO 9001…")
    codes: list[str] = Field(default_factory=list[str], description="Codes de documents")
    as_of: dt.date | None = Field(
        default=None, description="Date à laquelle se placer ; absente pour aujourd’hui"
    )
    version: str | None = Field(
        default=None,
        max_length=40,
        description="Version nommée par la question (« 2.0 », ou « précédente »), avec le code du "
        "document dans codes",
    )


@dataclass(frozen=True)
class Tool:
    """A capability: `label` is what a broker reads while it runs."""

    name: str
    label: str
    description: str
    arguments: type[BaseModel]
    run: Callable[..., Awaitable[ToolOutput]]
    roles: frozenset[str] = EVERYONE

    @property
    def spec(self) -> ToolSpec:
        """What an engine is told of the tool."""
        return ToolSpec(self.name, self.description, self.arguments.model_json_schema())


async def _find_mentions(context: Context, a: MentionArguments) -> ToolOutput:
    return await read_mentions(context, a.text)


async def _list_records(context: Context, a: ListArguments) -> ToolOutput:
    return await read_list(
        context, a.object, a.filters, a.related, a.columns, a.order_by, a.descending, a.limit
    )


async def _aggregate(context: Context, a: AggregateArguments) -> ToolOutput:
    return await read_aggregate(
        context,
        a.object,
        a.measures,
        a.group_by,
        a.filters,
        a.related,
        a.having,
        a.descending,
        a.limit,
    )


async def _get_record(context: Context, a: RecordArguments) -> ToolOutput:
    return await read_record(context, a.object, a.record_id)


async def _get_overview(context: Context, a: OverviewArguments) -> ToolOutput:
    return await read_overview(context, a.account_id)


async def _query_sql(context: Context, a: SqlArguments) -> ToolOutput:
    settings = get_settings()
    return await query_sql(
        context, a.sql, timeout_ms=settings.sql_timeout_ms, row_limit=settings.sql_row_limit
    )


async def _search_knowledge(context: Context, a: KnowledgeArguments) -> ToolOutput:
    return await read_knowledge(
        context, a.query, kinds=tuple(a.kinds), standards=tuple(a.standards),
        codes=tuple(a.codes), as_of=a.as_of, version=a.version,
    )  # fmt: skip


TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool(
            "find_mentions", "Repérage des noms et références",
            "Repère dans un texte les clients, sites, personnes, fournisseurs, lieux et "
            "références qu’il cite, avec leurs identifiants. À appeler d’abord dès qu’un nom "
            "propre ou un code apparaît. Plusieurs candidats : demander lequel, ne pas deviner.",
            MentionArguments, _find_mentions),
        Tool(
            "list_records", "Lecture du portefeuille",
            "Liste des enregistrements d’un objet selon des conditions, avec leur nombre total et "
            "leurs sommes. Les champs d’objets liés s’écrivent pointés (account.name, "
            "site.commune, owner.full_name, account.id).",
            ListArguments, _list_records),
        Tool(
            "aggregate_records", "Calcul sur le portefeuille",
            "Compte, somme, moyenne, minimum ou maximum d’un champ, au besoin par groupes "
            "(segment, énergie, fournisseur, mois d’échéance…). Tout total doit venir d’ici.",
            AggregateArguments, _aggregate),
        Tool(
            "get_record", "Lecture d’une fiche",
            "Tous les champs d’un enregistrement dont l’identifiant est connu.",
            RecordArguments, _get_record),
        Tool(
            "get_account_overview", "Vue d’ensemble du client",
            "Vue à 360° d’un client : contrats actifs, prochaines échéances, points de livraison "
            "et volumes, appels d’offres, non-conformités, opportunités, derniers échanges.",
            OverviewArguments, _get_overview),
        Tool(
            "query_sql", "Requête SQL en lecture",
            "Un SELECT libre (PostgreSQL) quand aucun autre outil ne répond. Lecture seule, "
            "tables des objets seulement, 200 lignes au plus.",
            SqlArguments, _query_sql),
        Tool(
            "search_knowledge", "Recherche dans la base de connaissances",
            "Cherche dans les procédures, modèles, notes réglementaires et de marché, dossiers "
            "d’appels d’offres. Rend des phrases exactes à citer. Documents en vigueur, "
            "valables à la date as_of, ou d’une version nommée (version).",
            KnowledgeArguments, _search_knowledge),
    )
}  # fmt: skip


def _make_proposal_tool(proposal: ProposalTool) -> Tool:
    async def run(context: Context, arguments: Any, circumstances: Circumstances) -> ToolOutput:
        return await propose_from_tool(context, proposal, arguments, circumstances)

    return Tool(
        proposal.name, proposal.label, proposal.description, proposal.arguments, run,
        roles=proposal.declared.proposers,
    )  # fmt: skip


WRITING_TOOLS: Mapping[str, Tool] = {
    name: _make_proposal_tool(proposal) for name, proposal in PROPOSAL_TOOLS.items()
}
ALL_TOOLS: Mapping[str, Tool] = {**TOOLS, **WRITING_TOOLS}


def list_tools(identity: Identity) -> tuple[Tool, ...]:
    """The tools that the user's roles open, in a stable order."""
    return tuple(tool for tool in ALL_TOOLS.values() if tool.roles & identity.roles)


def proposes(name: str) -> bool:
    """Tell whether a tool proposes a change rather than reads."""
    return name in WRITING_TOOLS


def _describe_wrong(detail: Any) -> str:
    place = ".".join(str(part) for part in detail["loc"]) or "arguments"
    wrong = {"missing": "manque", "extra_forbidden": "n’est pas connu"}
    return f"« {place} » {wrong.get(detail['type'], 'n’a pas la forme ou l’étendue attendue')}"


async def call_tool(
    context: Context,
    name: str,
    arguments: Mapping[str, Any],
    circumstances: Circumstances | None = None,
) -> ToolOutput:
    """Run a tool; whatever goes wrong comes back as a Failure in French.

    `circumstances` tell a proposal where it comes from; without them it counts as tainted.
    """
    tool = next((t for t in list_tools(context.identity) if t.name == name), None)
    if tool is None:
        return Failure(message=f"L’outil « {name} » n’existe pas ou n’est pas permis.")
    try:
        checked = tool.arguments.model_validate(dict(arguments))
        if proposes(name):
            return await tool.run(context, checked, circumstances or Circumstances())
        return await tool.run(context, checked)
    except ValidationError as error:
        places = " ; ".join(_describe_wrong(detail) for detail in error.errors())
        return Failure(message=f"Arguments refusés pour « {name} » : {places}.")
    except VoltaireError as error:
        return Failure(message=error.message)
