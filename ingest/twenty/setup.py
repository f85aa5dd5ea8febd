"""What Twenty must have before it is mirrored: objects, fields, the announcements' address.

Each step looks at what is there first: a second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from core.formats import NBSP
from crm.objects import OBJECTS
from ingest.clients.twenty import Record, TwentyClient
from ingest.twenty.mapping import BY_OBJECT, MAPPED, MappedField, MappedObject

OBJECT_MADE = f"Objet créé{NBSP}: {{label}} ({{name}})."
FIELD_MADE = f"Champ créé{NBSP}: {{object}}, {{label}} ({{name}})."
WRONG_TYPE = (
    f"À corriger{NBSP}: le champ {{name}} de {{object}} est du type {{found}} dans Twenty, "
    "{expected} est attendu. Renommez-le ou supprimez-le, puis relancez."
)
MISSING_OPTIONS = (
    f"À corriger{NBSP}: le champ {{name}} de {{object}} n’a pas les valeurs {{missing}} dans "
    "Twenty. Ajoutez-les à sa liste, puis relancez."
)
NATIVE_MISSING = (
    f"À corriger{NBSP}: l’objet {{name}} n’est pas actif dans Twenty. Activez-le, puis relancez."
)
WEBHOOK_MADE = "Webhook enregistré."
WEBHOOK_CHANGED = "Webhook mis à jour."
OPERATIONS = tuple(f"{mapped.singular}.*" for mapped in MAPPED)
COLORS = ("green", "turquoise", "sky", "blue", "purple", "pink", "red", "orange", "yellow", "gray")
LINK_ICON = "IconLink"


async def set_up(client: TwentyClient) -> list[str]:
    """Make the missing objects and fields; what was done, and what a person must correct."""
    objects = {str(one["nameSingular"]): one for one in await client.list_metadata("objects")}
    lines: list[str] = []
    for mapped in MAPPED:
        if mapped.singular in objects:
            continue
        if mapped.is_native:
            lines.append(NATIVE_MISSING.format(name=mapped.singular))
            continue
        objects[mapped.singular] = await client.create_metadata("objects", _describe(mapped))
        lines.append(OBJECT_MADE.format(label=mapped.label, name=mapped.singular))
    for mapped in MAPPED:
        if mapped.singular in objects:
            lines += await _set_up_fields(client, mapped, objects)
    return lines


async def set_up_webhook(client: TwentyClient, address: str, secret: str) -> list[str]:
    """Have Twenty announce the mirrored records' changes at `address`; what was done."""
    wanted = {"targetUrl": address, "operations": list(OPERATIONS),
              "description": "Voltaire", "secret": secret}  # fmt: skip
    found = await client.list_metadata("webhooks")
    held = next((one for one in found if one.get("targetUrl") == address), None)
    if held is None:
        await client.create_metadata("webhooks", wanted)
        return [WEBHOOK_MADE]
    is_same = set(held.get("operations") or ()) == set(OPERATIONS)
    if is_same and held.get("secret", secret) == secret:
        return []
    await client.update_metadata("webhooks", str(held["id"]), wanted)
    return [WEBHOOK_CHANGED]


async def _set_up_fields(
    client: TwentyClient, mapped: MappedObject, objects: Mapping[str, Record]
) -> list[str]:
    held = objects[mapped.singular]
    found = {str(one["name"]): one for one in cast(list[Record], held.get("fields") or [])}
    lines: list[str] = []
    for one in _list_distinct(mapped):
        if one.field in found:
            lines += _check(mapped, one, found[one.field])
        elif not one.is_native:
            await client.create_metadata("fields", _describe_field(mapped, one, objects))
            lines.append(
                FIELD_MADE.format(object=mapped.label, label=_label(mapped, one), name=one.field)
            )
    return lines


def _list_distinct(mapped: MappedObject) -> Iterator[MappedField]:
    """Each of Twenty's fields once, though it may hold several of our columns."""
    met: set[str] = set()
    for one in mapped.fields:
        if one.field not in met:
            met.add(one.field)
            yield one


def _check(mapped: MappedObject, one: MappedField, found: Record) -> list[str]:
    expected = mapped.type_of(one)
    if found["type"] != expected:
        return [WRONG_TYPE.format(name=one.field, object=mapped.label, found=found["type"],
                                  expected=expected)]  # fmt: skip
    choices = {c.value.upper() for c in mapped.columns[one.column].choices}
    held = {str(o["value"]) for o in cast(list[Record], found.get("options") or [])}
    missing = sorted(choices - held) if expected == "SELECT" else []
    if missing:
        return [MISSING_OPTIONS.format(name=one.field, object=mapped.label,
                                       missing=", ".join(missing))]  # fmt: skip
    return []


def _describe(mapped: MappedObject) -> dict[str, Any]:
    named = OBJECTS[mapped.object]
    return {
        "nameSingular": mapped.singular, "namePlural": mapped.plural,
        "labelSingular": named.singular.capitalize(), "labelPlural": named.plural.capitalize(),
        "description": "Synchronisé avec Voltaire", "isLabelSyncedWithName": False,
    }  # fmt: skip


def _describe_field(
    mapped: MappedObject, one: MappedField, objects: Mapping[str, Record]
) -> dict[str, Any]:
    column, kind = mapped.columns[one.column], mapped.type_of(one)
    described: dict[str, Any] = {
        "objectMetadataId": objects[mapped.singular]["id"], "name": one.field,
        "label": _label(mapped, one), "type": kind, "isLabelSyncedWithName": False,
    }  # fmt: skip
    if kind == "SELECT":
        described["options"] = [
            {"value": choice.value.upper(), "label": choice.label, "position": rank,
             "color": COLORS[rank % len(COLORS)]}
            for rank, choice in enumerate(column.choices)
        ]  # fmt: skip
    if kind == "RELATION":
        target = BY_OBJECT[str(column.target)]
        described["relationCreationPayload"] = {
            "type": "MANY_TO_ONE", "targetObjectMetadataId": objects[target.singular]["id"],
            "targetFieldLabel": OBJECTS[mapped.object].plural.capitalize(),
            "targetFieldIcon": LINK_ICON,
        }  # fmt: skip
    return described


def _label(mapped: MappedObject, one: MappedField) -> str:
    return "Adresse" if one.composite == "ADDRESS" else mapped.columns[one.column].label
