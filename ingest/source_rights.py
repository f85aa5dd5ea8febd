"""Rights that a source gives file by file, brought to documents, which several files may tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from ingest.register import Entry
from knowledge.documents import AccessRole

Placed = dict[str, tuple[Entry, Entry]]
ALL: AccessRole = "all"
DISJOINT = (
    "Aucun profil n’a le droit de lire toutes les versions de ce document. Il n’est consultable "
    "par personne. Partagez ses versions avec un même groupe, ou donnez un autre code à l’une "
    "d’elles dans registre.yaml."
)


def is_within(access: Iterable[AccessRole], rights: Iterable[AccessRole]) -> bool:
    """Tell whether whoever `access` lets read may read by `rights` too."""
    given, allowed = frozenset(access), frozenset(rights)
    return ALL in allowed or (ALL not in given and given <= allowed)


def meet(one: Set[AccessRole], other: Set[AccessRole]) -> frozenset[AccessRole]:
    """Who may read by both."""
    if ALL in one:
        return frozenset(other)
    return frozenset(one if ALL in other else one & other)


def apply_rights(
    placed: Mapping[str, tuple[Entry, Entry]],
    rights: Mapping[str, tuple[AccessRole, ...]],
    held: Mapping[str, str],
) -> tuple[Placed, dict[str, str]]:
    """The entries with the rights of the source; a document is read by who may read all of it.

    `held` are the codes of what stays as it was read, by path. Also returned: the files of
    documents that nobody may read whole, and what to do.
    """
    by_code: dict[str, frozenset[AccessRole]] = {}
    codes = {**held, **{path: entry.code for path, (entry, _) in placed.items()}}
    for path, code in codes.items():
        by_code[code] = meet(by_code.get(code, frozenset({ALL})), frozenset(rights[path]))
    allowed = {
        path: (entry, leading.model_copy(update={"access": tuple(sorted(by_code[entry.code]))}))
        for path, (entry, leading) in placed.items()
        if by_code[entry.code]
    }
    return allowed, {path: DISJOINT for path in placed if path not in allowed}
