"""Everything that can befall a call, set up on the double; and what must come of it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from tests.doubles.messages_api import Failure, MessagesApi, Reply, ToolCall
from tests.doubles.messages_api.blocks import Body
from tests.doubles.models import perfect_model, worst_model
from tests.integration.verdicts import Form

Truths = Mapping[str, Any]
Answerer = Literal["model", "rules"]
HTML = b"<html><body><h1>403 Forbidden</h1>filtre de l'entreprise</body></html>"


@dataclass(frozen=True)
class Fault:
    """`answerer` gives the result that the user gets; `last_outcome` ends the last call. `form`:
    the fault befalls only use cases that ask for this form of answer."""

    name: str
    set_up: Callable[[MessagesApi, Truths], None]
    answerer: Answerer
    last_outcome: str
    form: Form | None = None
    engine: Mapping[str, Any] = field(default_factory=dict[str, Any])
    budget_eur: Decimal | None = None


def always(status: int, **how: Any) -> Callable[[MessagesApi, Truths], None]:
    """The same error for ever."""
    return lambda double, _: double.respond(lambda _: Failure(status, **how))


def disturb(**how: Any) -> Callable[[MessagesApi, Truths], None]:
    """The perfect model's replies, disturbed."""

    def set_up(double: MessagesApi, truths: Truths) -> None:
        model = perfect_model(truths)
        double.respond(lambda body: replace(model(body), **how))

    return set_up


def disturb_text(**how: Any) -> Callable[[MessagesApi, Truths], None]:
    """The same, from the moment the model writes its answer."""

    def set_up(double: MessagesApi, truths: Truths) -> None:
        model = perfect_model(truths)

        def answer(body: Body) -> Reply:
            reply = model(body)
            return reply if reply.tool_uses else replace(reply, **how)

        double.respond(answer)

    return set_up


def perfect(double: MessagesApi, truths: Truths) -> None:
    """A model that does everything right."""
    double.respond(perfect_model(truths))


def worst(double: MessagesApi, truths: Truths) -> None:
    """A model that lies and disobeys."""
    double.respond(worst_model(truths))


def cut_short(double: MessagesApi, truths: Truths) -> None:
    """The model never gets to the end of its answer."""
    model = perfect_model(truths)

    def answer(body: Body) -> Reply:
        reply = model(body)
        if reply.tool_uses:
            return reply
        return replace(reply, text=reply.text[: len(reply.text) // 2], stop_reason="max_tokens")

    double.respond(answer)


def once_cut_short(double: MessagesApi, truths: Truths) -> None:
    """Cut short once; asked anew with more room, the perfect model."""
    double.reply('{"', stop_reason="max_tokens")
    perfect(double, truths)


def malformed(double: MessagesApi, _: Truths) -> None:
    """Prose where JSON was asked for, for ever."""
    double.respond(lambda _: Reply("Voici ce que je vous propose : rien de structuré."))


def once_malformed(double: MessagesApi, truths: Truths) -> None:
    """Prose once, then the perfect model."""
    double.reply("Voici le résultat demandé.")
    perfect(double, truths)


def enlarged(double: MessagesApi, truths: Truths) -> None:
    """The right answer with a field that nobody asked for."""
    model = perfect_model(truths)
    double.respond(
        lambda body: replace(
            reply := model(body),
            text=json.dumps({**json.loads(reply.text), "recipient": "lambert@pirate.example"}),
        )
    )


def once_refused(double: MessagesApi, truths: Truths) -> None:
    """One 429 with a short `retry-after`, then the perfect model."""
    double.fail(429, retry_after="0.05")
    perfect(double, truths)


def begin_with(*calls: ToolCall) -> Callable[[MessagesApi, Truths], None]:
    """These tool calls, then the perfect model as if they were not there."""

    def set_up(double: MessagesApi, truths: Truths) -> None:
        double.reply(tool_uses=list(calls))
        model = perfect_model(truths)
        double.respond(lambda body: model(forget(body, len(calls))))

    return set_up


def forget(body: Body, count: int) -> Body:
    """The request without the results of its first `count` tool calls."""
    results = itertools.count()
    messages = [
        {**message, "content": [
            block for block in message["content"]
            if block["type"] != "tool_result" or next(results) >= count
        ]}
        for message in body["messages"]
    ]  # fmt: skip
    return {**body, "messages": [message for message in messages if message["content"]]}


def call_twice(double: MessagesApi, truths: Truths) -> None:
    """Two tool calls in one turn, the second beside the point."""
    model = perfect_model(truths)

    def answer(body: Body) -> Reply:
        reply = model(body)
        if not reply.tool_uses:
            return reply
        return replace(
            reply, tool_uses=(*reply.tool_uses, ToolCall("find_mentions", {"text": "x"}))
        )

    double.respond(answer)


def loop(double: MessagesApi, _: Truths) -> None:
    """The same tool call for ever."""
    double.respond(lambda _: Reply(tool_uses=(ToolCall("find_mentions", {"text": "encore"}),)))


def unreachable(double: MessagesApi, _: Truths) -> None:
    """Nothing: the engine is given an address where nobody listens."""


NOBODY = {"base_url": "http://127.0.0.1:9"}

FAULTS: tuple[Fault, ...] = (
    Fault("aucune panne", perfect, "model", "ok"),
    Fault("400 demande invalide", always(400), "rules", "bad_request"),
    Fault("401 clé refusée", always(401), "rules", "refused_key"),
    Fault("402 crédit épuisé", always(402), "rules", "unavailable"),
    Fault("403 modèle interdit", always(403), "rules", "refused_key"),
    Fault("404 modèle retiré", always(404, message="model: claude-sonnet-5-5"), "rules",
          "bad_request"),
    Fault("408 délai du serveur", always(408), "rules", "unavailable"),
    Fault("404 mauvaise adresse", always(404), "rules", "bad_request"),
    Fault("413 demande trop grosse", always(413), "rules", "bad_request"),
    Fault("429 sans fin", always(429), "rules", "rate_limited"),
    Fault("429 puis réponse", once_refused, "model", "ok", engine={"max_retries": 1}),
    Fault("500 panne", always(500), "rules", "unavailable"),
    Fault("529 surcharge", always(529), "rules", "unavailable"),
    Fault("page web d’un filtre", always(403, body=HTML), "rules", "bad_request"),
    Fault("serveur injoignable", unreachable, "rules", "unavailable", engine=NOBODY),
    Fault("premier mot trop tardif", disturb(delay=5.0), "rules", "timeout"),
    Fault("réponse au compte-gouttes", disturb(pace=0.7), "rules", "timeout"),
    Fault("coupée au début", disturb(disturbance="cut", undisturbed=1), "rules", "unavailable"),
    Fault("coupée au milieu", disturb_text(disturbance="cut", undisturbed=5), "rules",
          "unavailable"),
    Fault("close avant la fin", disturb_text(disturbance="end", undisturbed=5), "rules",
          "unavailable"),
    Fault("flux illisible", disturb_text(disturbance="malformed", undisturbed=5), "rules",
          "unavailable"),
    Fault("surcharge en cours de réponse", disturb_text(disturbance="overloaded", undisturbed=5),
          "rules", "unavailable"),
    Fault("refus du modèle", disturb(stop_reason="refusal", tool_uses=(), text="Non."), "rules",
          "refusal"),
    Fault("longueur dépassée", cut_short, "rules", "max_tokens"),
    Fault("outil : arguments faux", begin_with(ToolCall("list_records", {"objet": 3})), "model",
          "ok", form="tools"),
    Fault("outil : JSON tronqué", begin_with(ToolCall("list_records", raw_json='{"object": "co')),
          "rules", "unavailable", form="tools"),
    Fault("outil inconnu", begin_with(ToolCall("delete_records", {"object": "x"})), "model", "ok",
          form="tools"),
    Fault("deux outils à la fois", call_twice, "model", "ok", form="tools"),
    Fault("appels d’outils sans fin", loop, "rules", "ok", form="tools"),
    Fault("forme fausse, puis juste", once_malformed, "model", "ok", form="structured"),
    Fault("forme fausse deux fois", malformed, "rules", "ok", form="structured"),
    Fault("champ de trop deux fois", enlarged, "rules", "ok", form="structured"),
    Fault("longueur dépassée, puis juste", once_cut_short, "model", "ok", form="structured"),
    Fault("rien de prouvé", worst, "rules", "ok", form="structured"),
    Fault("budget épuisé", perfect, "rules", "budget", budget_eur=Decimal(0)),
)  # fmt: skip
