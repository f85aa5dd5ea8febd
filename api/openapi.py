"""The API's own description: French summaries, examples, and every error that may come."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api.once import LEFT_OUT
from api.operations import OPERATIONS
from api.problems import PROBLEM_TYPE, Problem, problem, title_of
from core.addresses import API
from core.office import SHEET_TYPE, WORD_TYPE

Schema = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
ABOUT = (
    "Chaque erreur est un document `application/problem+json` (RFC 9457) dont le champ `detail` "
    "dit, en français, que faire. Les listes viennent par pages (`limit`, `offset`), l’en-tête "
    "`Link` donnant la suivante. Une demande `POST` qui porte un en-tête `Idempotency-Key` peut "
    "être répétée sans risque."
)
ERRORS = {
    400: "Le corps de la demande est illisible.",
    401: "Connectez-vous d’abord.",
    403: "Votre profil ne permet pas cette action.",
    404: "Introuvable pour vous.",
    409: "La demande contredit l’état présent. Rechargez et réessayez.",
    413: "La demande dépasse la taille permise.",
    422: "Le champ « question » est obligatoire.",
    429: "Trop de demandes. Réessayez dans un instant.",
    500: "Une erreur inattendue est survenue. Réessayez.",
    503: "La base de données ne répond pas. Réessayez.",
}
# Answers that are no JSON, or not only: what they may be.
STREAM = "text/event-stream"
EVENT: Schema = {
    "type": "object",
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
    "required": ["event", "data"],
}
MEDIA = {
    "get_document_file": ("*/*",),
    "get_turn_citation": ("text/markdown",),
    "get_turn_proof": ("text/markdown", "text/html"),
    "get_turn_table": ("text/csv",),
    "get_turn_workbook": (SHEET_TYPE,),
    "get_document_table": (SHEET_TYPE,),
    "get_minutes_document": (WORD_TYPE, "application/pdf", "text/markdown"),
    "get_minutes_cue": ("text/markdown",),
    "follow_tender": (STREAM,),
    "get_tender_export": ("text/markdown", SHEET_TYPE, WORD_TYPE),
    "get_tender_piece": ("*/*",),
    "get_tender_place": ("text/markdown",),
    "get_costs": ("application/json", "text/csv"),
    "export_records": ("text/csv", SHEET_TYPE),
    "ask": ("application/json", STREAM),
    "receive_mail_notifications": ("application/json", "text/plain"),
    "receive_transcript_notifications": ("application/json", "text/plain"),
}
# Bodies that a route reads by itself: what they may be.
YAML = "application/yaml"
BODIES: dict[str, Schema] = {
    "bring_mail": {
        "message/rfc822": {"type": "string", "format": "binary"},
        "multipart/form-data": {
            "type": "object",
            "properties": {
                "file": {
                    "type": "string",
                    "format": "binary",
                    "description": "Le courriel, .eml ou .msg.",
                }
            },
            "required": ["file"],
        },
    },
    "receive_twenty_notification": {"application/json": {"type": "object"}},
    "put_tender_profile": {"application/json": {"type": "object"}, YAML: {"type": "string"}},
    "put_tender_grid": {"application/json": {"type": "object"}, YAML: {"type": "string"}},
}
NOTIFIED = ("receive_mail_notifications", "receive_transcript_notifications")
IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "Clé choisie par vous, une par demande. La même demande répétée avec la même clé rend la "
        "première réponse, pendant 24 heures, sans rien refaire."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "example": "4f0c2c1e-commande-17",
}


def name_operation(route: APIRoute) -> str:
    """The identifier of a route in the description: the name of its function."""
    return route.name


def install_openapi(app: FastAPI) -> None:
    """Make `app` describe itself completely."""

    def describe() -> Schema:
        if not app.openapi_schema:
            schema = get_openapi(title=app.title, version="1", description=ABOUT, routes=app.routes)
            app.openapi_schema = complete(schema)
        return app.openapi_schema

    app.openapi = describe


def complete(schema: Schema) -> Schema:
    """`schema` with its errors, examples and French words."""
    components: Schema = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    for component in components.values():
        component.pop("description", None)
    components["Problem"] = Problem.model_json_schema()
    for path, operations in schema["paths"].items():
        for method in METHODS:
            if method in operations:
                _complete_operation(path, method, operations[method])
    return schema


def list_statuses(path: str, method: str, operation: Schema) -> list[int]:
    """The errors that an operation may answer with."""
    found = {503}
    if path.startswith(API):
        found |= {401, 403, 404, 429, 500}
    if operation.get("parameters"):
        found.add(422)
    if method != "get":
        found |= {400, 409, 413, 422}
    return sorted(found)


def _complete_operation(path: str, method: str, operation: Schema) -> None:
    if operation["operationId"] in BODIES:
        held = BODIES[operation["operationId"]]
        content = {media: {"schema": schema} for media, schema in held.items()}
        operation["requestBody"] = {"required": True, "content": content}
    known = OPERATIONS.get(operation["operationId"])
    if known is not None:
        operation["summary"] = operation["description"] = known.summary
        operation["tags"] = [known.group]
        _give_example(operation.get("requestBody"), known.body)
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                response["description"] = known.summary
                _give_example(response, known.answer)
    if method == "post" and path.startswith(API) and not LEFT_OUT.match(path):
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    _give_media(operation)
    operation["responses"].pop("422", None)
    for status in list_statuses(path, method, operation):
        operation["responses"][str(status)] = _error(status)


def _give_media(operation: Schema) -> None:
    name: str = operation["operationId"]
    if name in MEDIA:
        found: Schema = operation["responses"]["200"].get("content", {})
        operation["responses"]["200"]["content"] = {
            media: found.get(media, {"schema": EVENT if media == STREAM else {"type": "string"}})
            for media in MEDIA[name]
        }
    if name in NOTIFIED:
        operation["responses"]["202"] = {"description": "Prise en compte."}


def _give_example(holder: Schema | None, example: Any) -> None:
    content = (holder or {}).get("content", {}).get("application/json")
    if content is not None and example is not None:
        content["example"] = example


def _error(status: int) -> Schema:
    return {
        "description": title_of(status),
        "content": {
            PROBLEM_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": problem(status, ERRORS[status]),
            }
        },
    }
