"""Asking a running instance over HTTP, with nothing heavier than the standard library."""

from __future__ import annotations

import http.client
import json
from typing import Any

from api.instance import Instance
from core.addresses import API
from core.errors import InvalidInput, VoltaireError

TIMEOUT_S = 120


class InstanceUnreachable(VoltaireError):
    """The instance does not answer."""

    status = 503


def ask_instance(instance: Instance, question: str, user: str | None) -> dict[str, Any]:
    """The answer, as the API gives it. Raises VoltaireError with the API's own message."""
    headers = {
        "authorization": f"Bearer {instance.token}",
        "content-type": "application/json",
        "accept": "application/json",
        "x-voltaire-user": user or instance.user or "",
        "x-voltaire-surface": "cli",
    }
    connection = http.client.HTTPConnection(instance.host, instance.port, timeout=TIMEOUT_S)
    try:
        body = json.dumps({"question": question}).encode("utf-8", "replace")
        connection.request("POST", f"{API}/ask", body, headers)
        response = connection.getresponse()
        content = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise InstanceUnreachable(
            f"L’instance {instance.address} ne répond pas. Relancez « voltaire serve »."
        ) from error
    finally:
        connection.close()
    if response.status >= 400:
        raise InvalidInput(str(content.get("detail", "La question n’a pas pu être traitée.")))
    return content
