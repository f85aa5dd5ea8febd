"""Which model answers which use case, how hard it thinks, and what is wrong with that choice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.engine.catalog import KNOWN_MODELS, find_family, find_retirement
from core.engine.protocol import Tier
from core.formats import format_date
from core.settings import Effort, Settings, Thinking

RETIREMENT_NOTICE = dt.timedelta(days=90)
TIERS: tuple[Tier, ...] = ("fast", "balanced", "deep")
TIER_OF_NAME: dict[str, Tier] = {tier: tier for tier in TIERS}
# Thinking is paid out of `max_tokens`: room is added for it, so that the answer keeps its own.
THINKING_ROOM: dict[Effort | None, int] = {
    "low": 2048,
    "medium": 4096,
    "high": 8192,
    "xhigh": 16384,
    "max": 32768,
    None: 8192,
}


@dataclass(frozen=True)
class Choice:
    """A model and how it is asked to think; None leaves the model's own default."""

    model: str
    effort: Effort | None = None
    thinking: Thinking | None = None

    @property
    def thinking_room(self) -> int:
        """Tokens added to those asked for, for models that may think before they answer."""
        family = find_family(self.model)
        if family is None or "adaptive" not in family.thinking or self.thinking == "disabled":
            return 0
        return THINKING_ROOM[self.effort]


@dataclass(frozen=True)
class Routing:
    """Tier → model, and the use cases that are served otherwise.

    `overrides`: use case → a tier's name or a model's id.
    """

    models: Mapping[Tier, str]
    efforts: Mapping[Tier, Effort] = field(default_factory=dict[Tier, Effort])
    thinking: Mapping[Tier, Thinking] = field(default_factory=dict[Tier, Thinking])
    overrides: Mapping[str, str] = field(default_factory=dict[str, str])

    def choose(self, use_case: str, tier: Tier) -> Choice:
        """The model of this use case; what a model does not offer is left out, not sent."""
        override = self.overrides.get(use_case)
        tier = TIER_OF_NAME.get(override or tier, tier)
        model = override if override and override not in TIER_OF_NAME else self.models[tier]
        family = find_family(model)
        effort, thinking = self.efforts.get(tier), self.thinking.get(tier)
        if family is None or thinking not in family.thinking or clash(effort, thinking):
            thinking = None
        return Choice(model, effort if family and effort in family.efforts else None, thinking)

    def list_warnings(self, today: dt.date, *, official: bool) -> Iterator[str]:
        """In French, what an administrator should change; `official`: the server is Anthropic's.

        Another server names its models as it likes: only ids of Claude are judged there.
        """
        for label, model in self._list_models():
            yield from warn_about(label, model, today, official=official)
        for tier in TIERS:
            yield from self._warn_about_options(tier)

    def _list_models(self) -> Iterator[tuple[str, str]]:
        for tier in TIERS:
            yield f"niveau {tier}", self.models[tier]
        for use_case, override in self.overrides.items():
            if override not in TIER_OF_NAME:
                yield f"usage {use_case}", override

    def _warn_about_options(self, tier: Tier) -> Iterator[str]:
        family = find_family(self.models[tier])
        if family is None:
            return
        effort, thinking = self.efforts.get(tier), self.thinking.get(tier)
        for asked, offered in ((effort, family.efforts), (thinking, family.thinking)):
            if asked is not None and asked not in offered:
                yield (
                    f"Le modèle «\u00a0{self.models[tier]}\u00a0» (niveau {tier}) n’offre pas le "
                    f"réglage «\u00a0{asked}\u00a0»\u00a0: il n’est pas envoyé."
                )
        if clash(effort, thinking):
            yield (
                f"L’effort «\u00a0{effort}\u00a0» (niveau {tier}) demande une réflexion "
                f"libre\u00a0: le réglage «\u00a0{thinking}\u00a0» n’est pas envoyé."
            )


def clash(effort: Effort | None, thinking: Thinking | None) -> bool:
    """Whether the API refuses this effort with thinking held back."""
    return effort in {"xhigh", "max"} and thinking in {"between_tools", "disabled"}


def read_routing(settings: Settings) -> Routing:
    """The routing that the settings ask for."""
    efforts = (settings.effort_fast, settings.effort_balanced, settings.effort_deep)
    thinking = (settings.thinking_fast, settings.thinking_balanced, settings.thinking_deep)
    models = (settings.model_fast, settings.model_balanced, settings.model_deep)
    return Routing(
        dict(zip(TIERS, models, strict=True)),
        {tier: effort for tier, effort in zip(TIERS, efforts, strict=True) if effort},
        {tier: kind for tier, kind in zip(TIERS, thinking, strict=True) if kind},
        settings.model_overrides,
    )


def warn_about(label: str, model: str, today: dt.date, *, official: bool) -> Iterator[str]:
    """What is wrong with one model: withdrawn, soon withdrawn, or unknown to the SDK."""
    retirement = find_retirement(model)
    named = f"Le modèle «\u00a0{model}\u00a0» ({label})"
    if retirement is not None and retirement <= today:
        yield (
            f"{named} n’est plus servi depuis le {format_date(retirement)}\u00a0: choisissez-en un "
            "autre dans les réglages."
        )
    elif retirement is not None and retirement - today <= RETIREMENT_NOTICE:
        yield (
            f"{named} sera retiré le {format_date(retirement)}\u00a0: choisissez-en un autre avant "
            "cette date."
        )
    elif official and model not in KNOWN_MODELS:
        yield (
            f"{named} est inconnu de la bibliothèque installée\u00a0: vérifiez son nom, ou mettez "
            "Voltaire à jour."
        )
