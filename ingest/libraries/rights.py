"""Who may read a library's file: its permissions, told in the product's profiles.

What cannot be told gives the file to nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from core.errors import ConfigurationError
from core.formats import NBSP
from knowledge.documents import AccessRole

ORGANISATION = "organisation"
"""How the settings name a link open to everyone in the firm."""
READING = frozenset({"read", "write", "owner"})
UNREAD = (
    "Les droits de ce fichier n’ont pas pu être lus dans Microsoft 365. Il n’est consultable par "
    f"personne{NBSP}; ils seront relus au prochain passage. Si cela se répète, donnez à "
    f"l’application le rôle «{NBSP}fullcontrol{NBSP}» sur ce site (docs/sharepoint.md)."
)
UNKNOWN = (
    f"Ce fichier n’est partagé qu’avec {{named}}, que VOLTAIRE_LIBRARY_ROLES ne relie à aucun "
    f"profil. Il n’est consultable par personne. Ajoutez-y «{NBSP}Nom du groupe=profil{NBSP}» "
    "(docs/sharepoint.md)."
)
UNGROUPED = (
    "Ce fichier n’est partagé avec aucun groupe, ou seulement avec des personnes désignées une à "
    "une. Il n’est consultable par personne. Partagez-le dans SharePoint avec un groupe que "
    "VOLTAIRE_LIBRARY_ROLES relie à un profil (docs/sharepoint.md)."
)
FEW = 3


@dataclass(frozen=True)
class Rights:
    """The profiles that may read a file, or why none may."""

    access: tuple[AccessRole, ...] = ()
    refusal: str | None = None


def read_roles(text: str) -> dict[str, frozenset[AccessRole]]:
    """« Qualité=quality, admin; Tous=all » by folded name. Raises ConfigurationError."""
    found: dict[str, frozenset[AccessRole]] = {}
    for part in filter(str.strip, text.split(";")):
        name, equals, roles = part.rpartition("=")
        listed = [role.strip() for role in roles.split(",") if role.strip()]
        known: list[AccessRole] = [role for role in get_args(AccessRole) if role in listed]
        if not equals or not name.strip() or not listed or len(known) != len(set(listed)):
            raise ConfigurationError(
                f"VOLTAIRE_LIBRARY_ROLES ne se lit pas{NBSP}: «{NBSP}{part.strip()[:60]}{NBSP}». "
                f"Écrivez «{NBSP}Nom du groupe=profil, profil{NBSP}», un point-virgule entre deux "
                f"groupes ; profils admis{NBSP}: {', '.join(get_args(AccessRole))}."
            )
        found[name.strip().casefold()] = frozenset(known)
    return found


def find_rights(
    permissions: Sequence[Mapping[str, Any]] | None,
    roles: Mapping[str, frozenset[AccessRole]],
    now: dt.datetime,
) -> Rights:
    """The rights that `permissions` give at `now`; None where they could not be read."""
    if permissions is None:
        return Rights(refusal=UNREAD)
    standing = [one for one in permissions if not _has_expired(one, now)]
    names = [name for one in standing for name in _list_names(one)]
    given = frozenset(role for name in names for role in roles.get(name.casefold(), ()))
    if given:
        return Rights(tuple(role for role in get_args(AccessRole) if role in given))
    if not names:
        return Rights(refusal=UNGROUPED)
    told = [f"«{NBSP}{name}{NBSP}»" for name in dict.fromkeys(names)]
    others = f" et {len(told) - FEW} autres" if len(told) > FEW else ""
    return Rights(refusal=UNKNOWN.format(named=", ".join(told[:FEW]) + others))


def _has_expired(permission: Mapping[str, Any], now: dt.datetime) -> bool:
    """Whether a permission is over; so is one whose end cannot be told.

    Year 1 stands for no end: https://learn.microsoft.com/graph/api/resources/permission
    """
    written = permission.get("expirationDateTime")
    if not written:
        return False
    try:
        end = dt.datetime.fromisoformat(str(written))
    except ValueError:
        return True
    if end.tzinfo is None:
        end = end.replace(tzinfo=dt.UTC)
    return end.year > 1 and end <= now


def _list_names(permission: Mapping[str, Any]) -> Iterator[str]:
    """The groups a permission lets read, by name; people one by one give a profile to nobody."""
    if not READING & set(permission.get("roles") or ()):
        return
    link = permission.get("link") or {}
    if link.get("scope") == "organization":
        yield ORGANISATION
    granted = [permission.get("grantedToV2"), *(permission.get("grantedToIdentitiesV2") or ())]
    for identity in filter(None, granted):
        for kind in ("group", "siteGroup"):
            name = (identity.get(kind) or {}).get("displayName")
            if name:
                yield str(name)
