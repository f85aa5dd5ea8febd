"""Objects and fields of a workspace, and what is refused of new ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.doubles.twenty.refusals import bad_request

NAME = re.compile(r"[a-z][a-zA-Z0-9]*")
OPTION = re.compile(r"[A-Z][A-Z0-9_]*")
RESERVED = frozenset(
    "user users role roles workspace workspaces job jobs plan plans event events field fields "
    "link links currency currencies fullNames address addresses type types object objects index "
    "relation relations aggregate".split()
)
TYPES = frozenset(
    "TEXT NUMBER NUMERIC BOOLEAN DATE DATE_TIME UUID SELECT MULTI_SELECT RATING POSITION FULL_NAME "
    "CURRENCY LINKS ADDRESS EMAILS PHONES ACTOR FILES ARRAY RAW_JSON RICH_TEXT RELATION "
    "MORPH_RELATION TS_VECTOR".split()
)
COMPOSITES = {
    "FULL_NAME": ("firstName", "lastName"),
    "CURRENCY": ("amountMicros", "currencyCode"),
    "LINKS": ("primaryLinkUrl", "primaryLinkLabel", "secondaryLinks"),
    "ADDRESS": ("addressStreet1", "addressStreet2", "addressCity", "addressPostcode",
                "addressState", "addressCountry", "addressLat", "addressLng"),
    "EMAILS": ("primaryEmail", "additionalEmails"),
    "PHONES": ("primaryPhoneNumber", "primaryPhoneCountryCode", "primaryPhoneCallingCode",
               "additionalPhones"),
    "ACTOR": ("source", "workspaceMemberId", "name"),
}  # fmt: skip
SYSTEM = {
    "id": "UUID", "createdAt": "DATE_TIME", "updatedAt": "DATE_TIME", "deletedAt": "DATE_TIME",
    "createdBy": "ACTOR", "position": "POSITION",
}  # fmt: skip
STANDARD = {
    ("company", "companies"): {
        "name": "TEXT", "domainName": "LINKS", "address": "ADDRESS", "employees": "NUMBER",
        "annualRecurringRevenue": "CURRENCY",
    },
    ("person", "people"): {
        "name": "FULL_NAME", "emails": "EMAILS", "phones": "PHONES", "jobTitle": "TEXT",
        "company": "RELATION", "city": "TEXT",
    },
    ("opportunity", "opportunities"): {"name": "TEXT", "amount": "CURRENCY", "stage": "SELECT"},
}  # fmt: skip


@dataclass
class FieldMetadata:
    """A field; a relation leads to the object named `target` through «<name>Id»."""

    id: str
    name: str
    label: str
    type: str
    options: list[dict[str, Any]] = field(default_factory=list)
    target: str | None = None

    def write(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "label": self.label, "type": self.type,
                "options": self.options or None, "isActive": True}  # fmt: skip


@dataclass
class ObjectMetadata:
    """An object of the workspace."""

    id: str
    singular: str
    plural: str
    label: str
    fields: dict[str, FieldMetadata]

    def write(self) -> dict[str, Any]:
        return {
            "id": self.id, "nameSingular": self.singular, "namePlural": self.plural,
            "labelSingular": self.label, "isActive": True,
            "fields": [one.write() for one in self.fields.values()],
        }  # fmt: skip


def make_object(singular: str, plural: str, label: str, own: dict[str, str]) -> ObjectMetadata:
    """An object with the fields that every one has, and its own."""
    fields = {
        name: FieldMetadata(str(uuid4()), name, name, kind)
        for name, kind in {**SYSTEM, **own}.items()
    }
    if "company" in own:
        fields["company"].target = "company"
    return ObjectMetadata(str(uuid4()), singular, plural, label, fields)


def make_workspace() -> dict[str, ObjectMetadata]:
    """The objects of a new workspace, by singular name."""
    return {
        singular: make_object(singular, plural, singular.capitalize(), own)
        for (singular, plural), own in STANDARD.items()
    }


def add_object(held: dict[str, ObjectMetadata], body: Any) -> ObjectMetadata:
    """The object that `body` describes, once added."""
    known = {"nameSingular", "namePlural", "labelSingular", "labelPlural", "description", "icon",
             "isLabelSyncedWithName"}  # fmt: skip
    _check(body, known, ("nameSingular", "namePlural", "labelSingular", "labelPlural"))
    singular, plural = body["nameSingular"], body["namePlural"]
    if not NAME.fullmatch(singular) or not NAME.fullmatch(plural) or singular == plural:
        raise bad_request("Name is not valid: must be camelCase, singular and plural distinct")
    _check_name(singular)
    _check_name(plural)
    names = {name for one in held.values() for name in (one.singular, one.plural)}
    if names & {singular, plural}:
        raise bad_request("Object already exists")
    held[singular] = make_object(singular, plural, body["labelSingular"], {"name": "TEXT"})
    return held[singular]


def add_field(held: dict[str, ObjectMetadata], body: Any) -> FieldMetadata:
    """The field that `body` describes, once added to its object."""
    known = {"objectMetadataId", "name", "label", "type", "description", "icon", "options",
             "defaultValue", "settings", "isNullable", "relationCreationPayload",
             "isLabelSyncedWithName"}  # fmt: skip
    _check(body, known, ("objectMetadataId", "name", "label", "type"))
    by_id = {one.id: one for one in held.values()}
    owner = by_id.get(body["objectMetadataId"])
    if owner is None:
        raise bad_request("Object metadata does not exist")
    if not NAME.fullmatch(body["name"]) or body["type"] not in TYPES:
        raise bad_request("Field name or type is not valid")
    _check_name(body["name"])
    if body["name"] in owner.fields:
        raise bad_request(f'Name "{body["name"]}" is not available')
    made = FieldMetadata(str(uuid4()), body["name"], body["label"], body["type"])
    if made.type == "SELECT":
        made.options = _check_options(body.get("options"))
    if made.type == "RELATION":
        made.target = _check_relation(by_id, body.get("relationCreationPayload"))
    owner.fields[made.name] = made
    return made


def _check_name(name: str) -> None:
    if name in RESERVED:
        raise bad_request(f'The name "{name}" is not available')


def _check(body: Any, known: set[str], required: tuple[str, ...]) -> None:
    if not isinstance(body, dict):
        raise bad_request("Body must be an object")
    if unknown := set(body) - known:
        raise bad_request(f"property {sorted(unknown)[0]} should not exist")
    for name in required:
        if not isinstance(body.get(name), str) or not body[name].strip():
            raise bad_request(f"{name} should not be empty")


def _check_options(options: Any) -> list[dict[str, Any]]:
    if not isinstance(options, list) or not options:
        raise bad_request("Options are required for enum fields")
    for one in options:
        if set(one) < {"value", "label", "position"} or not OPTION.fullmatch(str(one["value"])):
            raise bad_request("Option value is not valid")
    if len({one["value"] for one in options}) != len(options):
        raise bad_request("Duplicated option value")
    return options


def _check_relation(by_id: dict[str, ObjectMetadata], payload: Any) -> str:
    needed = {"type", "targetObjectMetadataId", "targetFieldLabel", "targetFieldIcon"}
    if not isinstance(payload, dict) or not needed <= set(payload):
        raise bad_request("Relation creation payload is required")
    target = by_id.get(payload["targetObjectMetadataId"])
    if target is None or payload["type"] not in {"MANY_TO_ONE", "ONE_TO_MANY"}:
        raise bad_request("Relation creation payload is not valid")
    return target.singular
