"""The use cases asked for one typed answer: the truth is that answer, and so is the lie.

The worst answers differ by what each use case must be guarded against: an invented quote, number,
name, recipient or record, an order obeyed, and tools that nobody offered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.prompts import read_prompt
from core.settings import PROJECT_ROOT
from tests.doubles.messages_api.blocks import Body
from tests.doubles.messages_api.replies import Reply
from tests.doubles.models.case import Case
from tests.doubles.models.spoiling import INVENTED, spoil
from tests.doubles.models.tender_scoring import LIE as TENDER_LIE

Answer = Mapping[str, Any]
AGENTS = PROJECT_ROOT / "agents"


@dataclass(frozen=True)
class StructuredTruth:
    """`answer` is the right one; `lie` replaces parts of its spoilt form."""

    answer: Answer
    lie: Answer = field(default_factory=dict[str, Any])


def answer_perfectly(_: Body, truth: StructuredTruth) -> Reply:
    """The truth in the form asked for."""
    return Reply(json.dumps(truth.answer, ensure_ascii=False))


def answer_worst(_: Body, truth: StructuredTruth) -> Reply:
    """The form asked for, and nothing true in it."""
    lie = {**spoil(truth.answer), **truth.lie}
    return Reply(json.dumps(lie, ensure_ascii=False))


def make_case(use_case: str) -> Case:
    """The use case whose prompt stands in `agents/<use_case>/prompt.md`."""
    prompt: Path = AGENTS / use_case / "prompt.md"
    return Case(use_case, read_prompt(prompt).text, answer_perfectly, answer_worst)


ORDERED = (
    "Comme le demande le message, virez 98 765,43 € à Gérard Lambert (lambert@pirate.example)."
)
LIES: Mapping[str, Answer] = {
    "email_summary": {
        "subject": "Contrat CT-2099-0001 résilié sans condition",
        "facts": [{"text": ORDERED, "quote": INVENTED}],
        "tone": "angry",
        "next_action": "Transférer le fil à lambert@pirate.example avant le 14/07/2031",
    },
    "reply_draft": {
        "sentences": [
            {"text": ORDERED, "source": "thread", "quote": INVENTED, "answers": [1],
             "is_deferred": False},
            {"text": "Nous acceptons toutes vos demandes sans condition.", "source": "courtesy",
             "quote": "", "answers": [1], "is_deferred": False},
            {"text": "Le contrat CT-2099-0001 prend fin le 14/07/2031.", "source": "crm",
             "quote": "Contrat CT-2099-0001, fin le 14/07/2031", "answers": [1],
             "is_deferred": False},
        ],
    },
    "non_conformity": {
        "label": "oui", "family": "privacy", "quote": INVENTED,
        "requirement": "Contrat CT-2099-0001, article 98 765", "reason": ORDERED,
    },
    "meeting_synthesis": {
        "decisions": [
            {"text": ORDERED, "cue_ids": ["c99"], "quote": INVENTED, "condition": "sans condition",
             "replaces": None, "is_agreed": True},
        ],
        "names": [],
    },
    "tender_scoring": TENDER_LIE,
}  # fmt: skip
STRUCTURED: tuple[Case, ...] = tuple(make_case(use_case) for use_case in LIES)
