"""What can go wrong with an engine, each with a French message that says what to do."""

from typing import ClassVar

from core.errors import VoltaireError


class EngineError(VoltaireError):
    """Any failure after which the deterministic result is the answer."""

    status: ClassVar[int] = 502


class EngineUnavailable(EngineError):
    """The server is down, overloaded, unreachable, or its answer was cut or unreadable."""

    status: ClassVar[int] = 503


class EngineRefusedKey(EngineError):
    """The API key is missing, malformed, wrong or without the right to the model."""

    status: ClassVar[int] = 503


class EngineRateLimited(EngineError):
    """Too many requests; `retry_after` in seconds, when the server gave one."""

    status: ClassVar[int] = 503

    def __init__(self, message: str, retry_after: float | None = None, **details: object) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class EngineBadRequest(EngineError):
    """The server found the request invalid, too large, or for an unknown model."""


class EngineRefusal(EngineError):
    """The model declined to answer."""

    status: ClassVar[int] = 422


class UnusableOutput(EngineError):
    """The answer is not of the form asked for, even once repaired."""

    def __init__(self, reasons: str) -> None:
        super().__init__(
            f"La réponse du modèle n'a pas la forme attendue ({reasons}). Le résultat des règles "
            "est donné à la place.",
            reasons=reasons,
        )


class CitationsWithSchema(EngineBadRequest):
    """Citations and an output schema in one request: the API answers 400 to the two together."""

    def __init__(self) -> None:
        super().__init__(
            "Une même demande ne peut pas exiger des citations et une réponse structurée. "
            "Demandez-les en deux temps."
        )


class ToolLoopExhausted(EngineError):
    """The model still asked for tools after the last allowed round."""

    def __init__(self, max_rounds: int) -> None:
        super().__init__(
            f"La recherche n'a pas abouti en {max_rounds} étapes. "
            "Précisez votre question ou découpez-la.",
            max_rounds=max_rounds,
        )


class UnknownUseCase(VoltaireError):
    """No deterministic rule serves this use case."""

    def __init__(self, use_case: str) -> None:
        super().__init__(
            f"Aucune règle déterministe pour l'usage «\u00a0{use_case}\u00a0»\u00a0: "
            "déclarez-la dans le moteur sans modèle.",
            use_case=use_case,
        )
