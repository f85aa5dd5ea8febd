"""What a model is asked about a tender file: what is sought, why the verdict, the passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from agents.tender_scoring.answer import FactKey
from agents.tender_scoring.facts import Fact, Facts
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.passages import Given
from agents.tender_scoring.topics import LISTED, READ_TWICE, TOPICS
from agents.tender_scoring.verdicts import Reason
from core.context import PARIS
from core.engine.protocol import Message, Request, Text
from core.prompts import Prompt, Untrusted, fence, read_prompt

USE_CASE = "tender_scoring"
MAX_TOKENS = 6000


@lru_cache(maxsize=1)
def load_prompt() -> Prompt:
    """The text of `prompt.md` and its SHA-256."""
    return read_prompt(Path(__file__).with_name("prompt.md"))


def list_sought(facts: Facts) -> tuple[FactKey, ...]:
    """What rules did not read, what they read on a scanned page, and what is read twice."""
    return tuple(
        topic.key for topic in LISTED
        if topic.key in READ_TWICE or _is_uncertain(getattr(facts, topic.key))
    )  # fmt: skip


def _is_uncertain(held: Fact | tuple[Fact, ...] | None) -> bool:
    facts = held if isinstance(held, tuple) else (held,) if held else ()
    return not facts or any(each.is_ocr for fact in facts for each in fact.evidence)


def build_request(
    drafted: TenderAnalysis,
    sought: Sequence[FactKey],
    given: Given,
    reasons: Mapping[str, Reason],
    record: str,
) -> Request:
    """The request: the prompt, then what is sought and the passages, all of the file fenced.

    The rules' own values are not told, so that the second reading is one.
    """
    prompt = load_prompt()
    wanted = "\n".join(f"- {key} : {TOPICS[key].label}" for key in sought)
    criteria = "à relever" if seeks_criteria(drafted) else "déjà lus, n’en rendez pas"
    told = "\n".join(f"{mark} : {reason.text}" for mark, reason in reasons.items())
    asked = "\n".join((
        f"Énoncés cherchés :\n{wanted}",
        f"Critères d’attribution : {criteria}.",
        fence(Untrusted("motifs du verdict", told or "aucun")),
        given.write(),
        "Rendez l’objet JSON.",
    ))  # fmt: skip
    return Request(
        use_case=USE_CASE, tier="deep", system=prompt.text,
        messages=(Message("user", (*given.scans, Text(asked))),), tools=(),
        today=drafted.as_of.astimezone(PARIS).date(), max_tokens=MAX_TOKENS,
        prompt_sha256=prompt.sha256, record=record,
    )  # fmt: skip


def seeks_criteria(drafted: TenderAnalysis) -> bool:
    """Whether rules read no award criterion, or weights that do not add up."""
    own = [criterion for criterion in drafted.criteria if criterion.stage == "offer"]
    return not own or any(t.total != 100 for t in drafted.criteria_totals if t.stage == "offer")
