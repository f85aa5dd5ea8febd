"""Every business object, by name."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import InvalidInput
from crm.catalogue import BusinessObject, Field
from crm.objects.accounts import ACCOUNTS, CONTACTS
from crm.objects.contracts import AMENDMENTS, CONTRACTS
from crm.objects.exchanges import (
    EMAIL_THREADS,
    EMAILS,
    MEETINGS,
    NOTES,
    REPLY_DRAFTS,
    TASKS,
)
from crm.objects.grid import GRID_REQUESTS, INCIDENTS
from crm.objects.knowledge import (
    DOCUMENT_TEMPLATES,
    DOCUMENT_VERSIONS,
    DOCUMENTS,
    KB_ARTICLES,
    MARKET_WATCH,
)
from crm.objects.opportunities import (
    EFFICIENCY_OPPORTUNITIES,
    FLEXIBILITY_OPPORTUNITIES,
    PPA_PROJECTS,
)
from crm.objects.quality import NON_CONFORMITIES
from crm.objects.sites import CONTRACT_DELIVERY_POINTS, DELIVERY_POINTS, SITES
from crm.objects.tenders import (
    COMPETITORS,
    TENDER_COMPETITORS,
    TENDER_CRITERIA,
    TENDER_LOTS,
    TENDERS,
)
from crm.objects.users import USERS

OBJECTS: Mapping[str, BusinessObject] = {
    declared.name: declared
    for declared in (
        ACCOUNTS, CONTACTS, TENDERS, TENDER_LOTS, TENDER_CRITERIA, COMPETITORS,
        TENDER_COMPETITORS, CONTRACTS, CONTRACT_DELIVERY_POINTS,
        AMENDMENTS, NON_CONFORMITIES, SITES, DELIVERY_POINTS, INCIDENTS, GRID_REQUESTS,
        FLEXIBILITY_OPPORTUNITIES, PPA_PROJECTS, EFFICIENCY_OPPORTUNITIES, KB_ARTICLES,
        DOCUMENT_TEMPLATES, MARKET_WATCH, TASKS, NOTES, EMAIL_THREADS, EMAILS,
        REPLY_DRAFTS, MEETINGS, DOCUMENTS, DOCUMENT_VERSIONS, USERS,
    )
}  # fmt: skip


def get_object(name: str) -> BusinessObject:
    """The declaration of `name`; InvalidInput lists the known ones."""
    declared = OBJECTS.get(name)
    if declared is None:
        known = ", ".join(OBJECTS)
        raise InvalidInput(f"L’objet « {name} » n’existe pas. Objets connus : {known}.")
    return declared


def resolve_field(declared: BusinessObject, dotted: str) -> tuple[BusinessObject, Field]:
    """The field behind `status` or `account.segment`, with the object that holds it."""
    *steps, name = dotted.split(".")
    holder = declared
    for step in expand_steps(declared, steps):
        holder = OBJECTS[holder.links[step].target]
    found = holder.by_name.get(name)
    if found is None:
        known = ", ".join(holder.by_name)
        raise InvalidInput(
            f"Le champ « {dotted} » n’existe pas pour « {declared.plural} ». Champs de "
            f"« {holder.plural} » : {known}."
        )
    return holder, found


def expand_steps(declared: BusinessObject, steps: list[str]) -> list[str]:
    """Turn the short names of `steps` into direct links; InvalidInput for an unknown one."""
    expanded: list[str] = []
    holder = declared
    for step in steps:
        path = holder.link_path(step)
        if path is None:
            known = ", ".join([*holder.links, *holder.paths]) or "aucun"
            raise InvalidInput(
                f"« {holder.plural} » n’a pas de lien « {step} ». Liens connus : {known}."
            )
        for direct in path.split("."):
            expanded.append(direct)
            holder = OBJECTS[holder.links[direct].target]
    return expanded
