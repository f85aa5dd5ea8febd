"""What can go wrong with an engine, each with a French message that says what to do."""

import datetime as dt
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


class EngineTimedOut(EngineUnavailable):
    """Nothing came in time, or the answer took too long as a whole."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"Le modèle n'a pas répondu en {seconds:.0f}\u00a0s. Réessayez dans quelques minutes.",
            seconds=seconds,
        )


class EngineBusy(EngineUnavailable):
    """Too many calls already run in this process or for this firm."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"Le modèle est très demandé\u00a0: aucune place ne s'est libérée en {seconds:.0f}"
            "\u00a0s. Réessayez dans une minute.",
            seconds=seconds,
        )


class BreakerOpen(EngineUnavailable):
    """The last calls all failed: the model is left alone until `retry_at`."""

    def __init__(self, retry_at: dt.datetime, reason: str) -> None:
        super().__init__(
            f"Le modèle a échoué plusieurs fois de suite\u00a0; il sera réessayé à "
            f"{retry_at:%H}\u00a0h\u00a0{retry_at:%M}. Dernière cause\u00a0: {reason}"
        )
        self.retry_at = retry_at


class BudgetExhausted(EngineError):
    """A budget of the firm is spent; `retry_at` is the beginning of its next period."""

    status: ClassVar[int] = 503

    def __init__(self, message: str, retry_at: dt.datetime, **details: object) -> None:
        super().__init__(message, **details)
        self.retry_at = retry_at


class AnswerCutShort(EngineError):
    """The model reached its limit of length before the end of its answer."""

    def __init__(self) -> None:
        super().__init__(
            "La réponse du modèle dépassait la longueur permise et s'arrêtait en chemin. Posez une "
            "question plus étroite pour l'obtenir de lui."
        )


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


class UnprovedOutput(EngineError):
    """The answer has the form asked for, and nothing in it is proved by its sources."""

    def __init__(self) -> None:
        super().__init__(
            "Rien de ce que le modèle a rendu n'est prouvé par la source. Le résultat des règles "
            "est donné à la place."
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
