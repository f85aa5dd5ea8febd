"""A firm's policy: one readable YAML file, checked strictly, with safe defaults."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.formats import NBSP
from crm.proposals.declarations import WRITABLES
from crm.proposals.errors import InvalidPolicy

DEFAULT_FILE = Path(__file__).parent / "policy.yaml"
FRENCH = {
    "extra_forbidden": "réglage inconnu",
    "missing": "réglage manquant",
    "literal_error": "valeurs admises\u00a0: {expected}",
    "greater_than_equal": "au moins {ge}",
    "less_than_equal": "au plus {le}",
    "string_pattern_mismatch": 'montant entre guillemets attendu, comme "50000"',
    "string_type": 'texte entre guillemets attendu, comme "50000"',
    "int_type": "nombre entier attendu",
    "bool_type": "true ou false attendu",
    "list_type": "liste attendue",
    "too_short": "liste non vide attendue",
    "value_error": "{error}",
}
BusinessRole = Literal["sales", "quality", "director"]
Euros = str


class PolicyModel(BaseModel):
    """Strict: no unknown key, no value converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class AutoApproval(PolicyModel):
    """A kind of change approved by the policy itself; empty `fields` means any field."""

    object: str = Field(alias="objet")
    operation: Literal["create", "update", "link"]
    fields: list[str] = Field(default_factory=list[str], alias="champs")


class ObjectRule(PolicyModel):
    """What a firm wants for one object; None leaves the declaration's or the general rule."""

    proposers: list[BusinessRole] | None = Field(default=None, alias="proposent")
    approvers: list[BusinessRole] | None = Field(default=None, alias="approuvent", min_length=1)
    threshold_eur: Euros | None = Field(
        default=None, alias="seuil_eur", pattern=r"^\d{1,12}(\.\d{1,2})?$"
    )
    always_two: bool = Field(default=False, alias="toujours_deux")


class Policy(PolicyModel):
    """Everything `crm.proposals.decision` decides by."""

    lifetime_days: int = Field(alias="validite_jours", ge=7, le=365)
    proposals_per_hour: int = Field(alias="propositions_par_heure", ge=1)
    approvals_per_hour: int = Field(alias="approbations_par_heure", ge=1)
    threshold_eur: Euros = Field(
        alias="seuil_second_approbateur_eur", pattern=r"^\d{1,12}(\.\d{1,2})?$"
    )
    second_roles: list[BusinessRole] = Field(alias="seconds_approbateurs", min_length=1)
    own_only: list[BusinessRole] = Field(alias="limites_a_leurs_clients")
    auto: list[AutoApproval] = Field(alias="approbation_automatique")
    drafts_placed: bool = Field(alias="brouillons_deposes_d_office")
    objects: dict[str, ObjectRule] = Field(alias="objets")

    @field_validator("objects")
    @classmethod
    def _known_objects(cls, value: dict[str, ObjectRule]) -> dict[str, ObjectRule]:
        for name in value:
            _check_object(name)
        return value

    @field_validator("auto")
    @classmethod
    def _known_changes(cls, value: list[AutoApproval]) -> list[AutoApproval]:
        for change in value:
            _check_object(change.object)
            for name in change.fields:
                if name not in WRITABLES[change.object].columns:
                    raise ValueError(f"champ inconnu «{NBSP}{name}{NBSP}»")
        return value

    def proposers_of(self, name: str) -> frozenset[str]:
        """The roles that may propose on an object."""
        rule = self.objects.get(name)
        chosen = rule.proposers if rule else None
        return WRITABLES[name].proposers if chosen is None else frozenset(chosen)

    def approvers_of(self, name: str) -> frozenset[str]:
        """The roles that may approve on an object."""
        rule = self.objects.get(name)
        chosen = rule.approvers if rule else None
        return WRITABLES[name].approvers if chosen is None else frozenset(chosen)

    def threshold_cents(self, name: str) -> int:
        """From which amount two persons approve, in cents."""
        rule = self.objects.get(name)
        euros = rule.threshold_eur if rule and rule.threshold_eur else self.threshold_eur
        return int(Decimal(euros) * 100)

    def always_two(self, name: str) -> bool:
        """Tell whether the object always wants two persons."""
        return bool((rule := self.objects.get(name)) and rule.always_two)


def default_policy() -> Policy:
    """The policy of a firm that wrote none."""
    return parse_policy("")


def parse_policy(text: str) -> Policy:
    """The defaults with what `text` changes. InvalidPolicy says in French what to correct."""
    values = {**_load_defaults(), **_load_mapping(text)}
    try:
        return Policy.model_validate(values)
    except ValidationError as error:
        raise InvalidPolicy(_explain(error)) from error


def find_policy(folder: Path, slug: str) -> Policy:
    """The policy of firm `slug`: its file in `folder` if there is one, over the defaults."""
    path = folder / f"{slug}.yaml"
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        return _read_policy(None, 0)
    return _read_policy(path, stamp)


@lru_cache(maxsize=256)
def _read_policy(path: Path | None, stamp: int) -> Policy:  # noqa: ARG001 - part of the cache key
    if path is None:
        return default_policy()
    try:
        return parse_policy(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidPolicy(f"Le fichier de règles «{NBSP}{path.name}{NBSP}» est illisible.") from (
            error
        )


@lru_cache(maxsize=1)
def _load_defaults() -> Mapping[str, Any]:
    return _load_mapping(DEFAULT_FILE.read_text(encoding="utf-8"))


def _load_mapping(text: str) -> dict[str, Any]:
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidPolicy(
            "Le fichier de règles du cabinet n’est pas du YAML lisible. Vérifiez les retraits et "
            "les deux-points."
        ) from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise InvalidPolicy("Le fichier de règles du cabinet doit être une liste de réglages.")
    return cast("dict[str, Any]", loaded)


def _check_object(name: str) -> None:
    if name not in WRITABLES:
        raise ValueError(f"objet inconnu «{NBSP}{name}{NBSP}»")


def _explain(error: ValidationError) -> str:
    lines: list[str] = []
    for detail in error.errors():
        place = ".".join(str(part) for part in detail["loc"]) or "fichier"
        lines.append(f"«{NBSP}{place}{NBSP}»{NBSP}: {_french(detail)}")
    return f"Règles du cabinet à corriger{NBSP}: " + " ; ".join(lines) + "."


def _french(detail: Any) -> str:
    context: Mapping[str, Any] = detail.get("ctx", {})
    template = FRENCH.get(detail["type"], "valeur refusée")
    values = {name: str(value).replace(" or ", " ou ") for name, value in context.items()}
    return template.format(**{"expected": "", "ge": "", "le": "", "error": "", **values})
