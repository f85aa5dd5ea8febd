"""Errors as `application/problem+json` (RFC 9457), with a French detail."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from core.database import UnusableValue
from core.errors import VoltaireError
from core.formats import join_words

logger = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"

TITLES = {
    400: "Demande incorrecte",
    401: "Connexion requise",
    403: "Accès refusé",
    404: "Introuvable",
    405: "Méthode non permise",
    409: "Conflit",
    413: "Demande trop volumineuse",
    415: "Format non pris en charge",
    422: "Demande incorrecte",
    429: "Trop de demandes",
    500: "Erreur interne",
    503: "Service indisponible",
}
UNEXPECTED = (
    "Une erreur inattendue est survenue. Réessayez ; si elle persiste, prévenez votre "
    "administrateur."
)
UNUSABLE = (
    "Une valeur de la demande ne peut pas être employée (caractère nul, nombre ou date hors "
    "limites). Corrigez-la et réessayez."
)
DETAILS = {
    400: "Le corps de la demande est illisible. Vérifiez son format et renvoyez-la.",
    404: "Cette adresse n’existe pas.",
}
INVALID_FIELDS = {
    "missing": "Le champ « {field} » est obligatoire.",
    "string_too_short": "Le champ « {field} » est vide ou trop court.",
    "string_too_long": "Le champ « {field} » est trop long.",
    "json_invalid": "Le corps de la demande n’est pas du JSON valide.",
    "string_type": "Le champ « {field} » doit être un texte.",
    "uuid_parsing": "Le champ « {field} » doit être un identifiant (UUID).",
    "uuid_type": "Le champ « {field} » doit être un identifiant (UUID).",
    "int_parsing": "Le champ « {field} » doit être un nombre entier.",
    "extra_forbidden": "Le champ « {field} » n’est pas connu.",
    "model_attributes_type": "Le corps de la demande doit être un objet JSON.",
}


# How the validator names the branches of a value that may be of several kinds.
BRANCH = re.compile(r"(?:str|int|bool|float|decimal|list\[.*\]|constrained-.*|function-.*)")
SEVERAL_KINDS = (
    "Le champ « {field} » n’a pas la forme attendue : un texte, un nombre entier, ou vrai ou faux. "
    "Écrivez en texte un montant ou un nombre à virgule (« 41.50 »)."
)
CHOICE = "Le champ « {field} » attend {choices}."


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(default="about:blank", description="Toujours « about:blank ».")
    title: str = Field(description="Le statut, en clair.")
    status: int = Field(description="Le statut HTTP.")
    detail: str = Field(description="Ce qui ne va pas et que faire, en français.")


class BodyTooLarge(HTTPException):
    """More bytes came than the limit allows."""

    def __init__(self, detail: str) -> None:
        super().__init__(413, detail)


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of `app` with a problem document."""

    @app.exception_handler(VoltaireError)
    async def on_voltaire_error(_: Request, error: VoltaireError) -> JSONResponse:
        return problem_response(error.status, error.message, _headers_of(error))

    @app.exception_handler(UnusableValue)
    async def on_unusable_value(_: Request, __: Exception) -> JSONResponse:
        return problem_response(422, UNUSABLE)

    @app.exception_handler(RequestValidationError)
    async def on_invalid_request(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem_response(422, describe_invalid(error.errors()))

    @app.exception_handler(HTTPException)
    async def on_http_error(_: Request, error: HTTPException) -> JSONResponse:
        detail = error.detail if isinstance(error, BodyTooLarge) else DETAILS.get(error.status_code)
        return problem_response(
            error.status_code, detail or title_of(error.status_code) + ".", error.headers
        )

    @app.exception_handler(Exception)
    async def on_unexpected(_: Request, error: Exception) -> JSONResponse:
        if not is_departure(error):
            logger.error("Erreur inattendue", exc_info=error)
        return problem_response(500, UNEXPECTED)


def _headers_of(error: VoltaireError) -> dict[str, str]:
    headers = {"www-authenticate": "Bearer"} if error.status == 401 else {}
    wait = error.details.get("retry_after_s")
    return headers if wait is None else {**headers, "retry-after": str(max(1, round(wait)))}


def is_departure(error: BaseException | None) -> bool:
    """Tell the trace of a browser that left before its answer: no error of ours."""
    return isinstance(error, RuntimeError) and "No response returned" in str(error)


def problem_response(
    status: int, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The problem document of `status`."""
    return JSONResponse(
        problem(status, detail),
        status_code=status,
        headers=dict(headers or {}),
        media_type=PROBLEM_TYPE,
    )


def problem(status: int, detail: str) -> dict[str, Any]:
    """The members of a problem document."""
    return Problem(title=title_of(status), status=status, detail=detail).model_dump()


def title_of(status: int) -> str:
    """The French title of an HTTP status."""
    return TITLES.get(status) or f"Erreur {HTTPStatus(status).value}"


def describe_invalid(errors: Sequence[Any]) -> str:
    """One French sentence per error of a request."""
    return " ".join(dict.fromkeys(_describe(error) for error in errors))


def _describe(error: dict[str, Any]) -> str:
    names = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
    if names and BRANCH.fullmatch(names[-1]):
        return SEVERAL_KINDS.format(field=".".join(names[:-1]))
    if error["type"] in ("literal_error", "enum") and names:
        return CHOICE.format(field=".".join(names), choices=_list_choices(error))
    template = INVALID_FIELDS.get(error["type"])
    if template is None or ("{field}" in template and not names):
        field = f"Le champ « {'.'.join(names)} »" if names else "Le corps de la demande"
        return f"{field} n’a pas la forme attendue."
    return template.format(field=".".join(names))


def _list_choices(error: dict[str, Any]) -> str:
    """The values that a field takes, in French: « oui » ou « non »."""
    expected = str(error.get("ctx", {}).get("expected", ""))
    values = [value.strip().strip("'") for value in re.split(r", | or ", expected)]
    return join_words([f"« {value} »" for value in values if value], "ou")
