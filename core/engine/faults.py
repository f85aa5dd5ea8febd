"""What the SDK raises, judged: worth another attempt or not, and as which of our errors."""

import email.utils
import random
from datetime import UTC, datetime

import anthropic
import httpx2

from core.engine.errors import (
    EngineBadRequest,
    EngineError,
    EngineRateLimited,
    EngineRefusedKey,
    EngineUnavailable,
)

RETRIED_STATUSES = {408, 409, 429}
# The `type` of an error event decides when the stream has begun with a status of 200.
STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "api_error": 500,
    "overloaded_error": 529,
}
FIRST_PAUSE = 0.5
LONGEST_BACKOFF = 8.0
# Someone waits at the screen: a longer `retry-after` is reported at once, not slept through.
LONGEST_RETRY_AFTER = 30.0

TRY_LATER = "Réessayez dans quelques minutes."
CHECK_ADDRESS = (
    "Vérifiez l'adresse du serveur dans les réglages, puis lancez «\u00a0voltaire doctor\u00a0»."
)
CHECK_KEY = (
    "Faites vérifier la clé d'API dans les réglages par votre administrateur, "
    "puis lancez «\u00a0voltaire doctor\u00a0»."
)
CHOOSE_MODEL = "Choisissez-en un autre dans les réglages."
MESSAGE_OF_STATUS = {
    402: (
        "Le compte du modèle n'a plus de crédit. Demandez à votre administrateur de le recharger."
    ),
    408: f"Le modèle n'a pas répondu à temps. {TRY_LATER}",
    504: f"Le modèle n'a pas répondu à temps. {TRY_LATER}",
}


class UnreadableStream(Exception):
    """The stream ended early, or held what no Messages API sends."""

    def __init__(self, *, started: bool) -> None:
        super().__init__("the stream is incomplete or malformed")
        self.started = started


def check_key(api_key: str) -> str:
    """The key without surrounding blanks. Raises `EngineRefusedKey` if no header can carry it."""
    key = api_key.strip()
    if not key:
        raise EngineRefusedKey(f"Aucune clé d'API n'est réglée pour le modèle. {CHECK_KEY}")
    if not all("!" <= character <= "~" for character in key):
        raise EngineRefusedKey(
            "La clé d'API du modèle contient des caractères impossibles "
            f"(espace, accent ou retour à la ligne). {CHECK_KEY}"
        )
    return key


def find_pause(fault: Exception, attempt: int) -> float | None:
    """Seconds to wait before attempt `attempt + 1`; None when another attempt is no use."""
    if isinstance(fault, UnreadableStream) and not fault.started:
        return None
    if isinstance(fault, anthropic.APIStatusError):
        if not _is_retryable(fault):
            return None
        retry_after = find_retry_after(fault)
        if retry_after is not None:
            return retry_after if retry_after <= LONGEST_RETRY_AFTER else None
    backoff = min(FIRST_PAUSE * 2.0**attempt, LONGEST_BACKOFF)
    return backoff * random.uniform(0.75, 1.0)  # noqa: S311 - spreads retries, keeps no secret


def _is_retryable(fault: anthropic.APIStatusError) -> bool:
    asked = fault.response.headers.get("x-should-retry")
    if asked in {"true", "false"}:
        return asked == "true"
    status = find_status(fault)
    return status in RETRIED_STATUSES or status >= 500


def find_status(fault: anthropic.APIStatusError) -> int:
    """The HTTP status, or the one that an error event inside a stream stands for."""
    if fault.status_code >= 400:
        return fault.status_code
    return STATUS_OF_TYPE.get(fault.type or "api_error", 500)


def find_retry_after(fault: anthropic.APIStatusError) -> float | None:
    """Seconds asked for by the server, given as a number or as an HTTP date."""
    value = fault.response.headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value)
    return seconds if seconds is not None and seconds > 0 else None


def _seconds_until(http_date: str) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(http_date)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()


def describe_fault(fault: Exception, model: str, key: str) -> EngineError:
    """Our error for this fault; none of its texts holds the key."""
    if isinstance(fault, anthropic.APIStatusError):
        return _describe_status(fault, model, key)
    if isinstance(fault, (anthropic.APITimeoutError, httpx2.TimeoutException)):
        return EngineUnavailable(MESSAGE_OF_STATUS[408])
    if isinstance(fault, anthropic.APIConnectionError):
        return EngineUnavailable(f"Le serveur du modèle est injoignable. {CHECK_ADDRESS}")
    if isinstance(fault, UnreadableStream) and not fault.started:
        return EngineUnavailable(
            f"L'adresse réglée ne répond pas comme un serveur de modèle. {CHECK_ADDRESS}"
        )
    return EngineUnavailable(f"La réponse du modèle a été interrompue. {TRY_LATER}")


def _describe_status(fault: anthropic.APIStatusError, model: str, key: str) -> EngineError:
    status = find_status(fault)
    details: dict[str, object] = {"status": status, "request_id": fault.request_id}
    if status == 401 or (status == 403 and fault.type is not None):
        return _describe_refused_key(status, model, details)
    if status == 429:
        return _describe_rate_limit(find_retry_after(fault), details)
    if status in {402, 408, 409} or status >= 500:
        return EngineUnavailable(
            MESSAGE_OF_STATUS.get(status, f"Le modèle est surchargé ou en panne. {TRY_LATER}"),
            **details,
        )
    return _describe_bad_request(fault, model, key, details)


def _describe_refused_key(status: int, model: str, details: dict[str, object]) -> EngineError:
    if status == 401:
        return EngineRefusedKey(f"La clé d'API du modèle a été refusée. {CHECK_KEY}", **details)
    return EngineRefusedKey(
        f"La clé d'API ne donne pas droit au modèle «\u00a0{model}\u00a0». {CHECK_KEY}", **details
    )


def _describe_rate_limit(seconds: float | None, details: dict[str, object]) -> EngineError:
    when = "dans une minute" if seconds is None else f"dans {seconds:.0f}\u00a0s"
    return EngineRateLimited(
        f"Trop de demandes ont été adressées au modèle. Réessayez {when}.", seconds, **details
    )


def _describe_bad_request(
    fault: anthropic.APIStatusError, model: str, key: str, details: dict[str, object]
) -> EngineError:
    reason = (fault.api_message or "").replace(key, "…")[:300]
    details = {**details, "reason": reason}
    if fault.status_code == 404 and fault.type == "not_found_error":
        return EngineBadRequest(_describe_not_found(reason, model), **details)
    if fault.type is None:
        return EngineBadRequest(
            "L'adresse réglée ne répond pas comme un serveur de modèle, ou un filtre du réseau "
            f"s'interpose. {CHECK_ADDRESS}",
            **details,
        )
    if fault.status_code == 413:
        return EngineBadRequest(
            "La demande est trop volumineuse pour le modèle. "
            "Raccourcissez-la ou retirez des pièces jointes.",
            **details,
        )
    return EngineBadRequest(
        "Le modèle a jugé la demande invalide. Reformulez-la\u00a0; "
        "si l'erreur revient, signalez-la à votre administrateur.",
        **details,
    )


def _describe_not_found(reason: str, model: str) -> str:
    """Anthropic names the model it does not know; other servers answer so to a wrong path too."""
    if model in reason:
        return f"Le modèle «\u00a0{model}\u00a0» n'existe pas ou n'est plus servi. {CHOOSE_MODEL}"
    return (
        f"Le serveur n'a pas trouvé ce qui lui est demandé\u00a0: l'adresse est fausse, ou le "
        f"modèle «\u00a0{model}\u00a0» n'existe pas. {CHECK_ADDRESS}"
    )
