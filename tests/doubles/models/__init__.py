"""A perfect model and a worst one, served through the Messages API double so that the whole wire
is used.

The perfect one answers from the truth it is given; it proves that the paths lead to a right
answer. The worst one calls tools that do not exist, gives wrong arguments, obeys orders found in
what it reads, and invents quotes, numbers and ids; it proves the guards. Neither says anything
about a real model's quality.

A use case joins with one module and one line in `CASES` (`registry.py`):

    def answer_perfectly(body: Body, truth: SummaryTruth) -> Reply:
        return Reply(json.dumps(truth.expected, ensure_ascii=False))

    def answer_worst(body: Body, truth: SummaryTruth) -> Reply:
        return Reply(json.dumps(spoil(truth.expected), ensure_ascii=False))

    EMAIL_SUMMARY = Case("email_summary", load_prompt().text, answer_perfectly, answer_worst)

A request is known by the beginning of its system prompt. `spoil` (in `spoiling.py`) makes lies of
a typed answer: other numbers, other ids, quotes that stand nowhere. Then:

    messages_api.respond(perfect_model({"email_summary": truth}))
    messages_api.respond(worst_model({"email_summary": truth}))

A trial in `tests/integration/trials.py` puts the use case in the fault matrix as well.
"""

from tests.doubles.models.registry import CASES, Case, perfect_model, worst_model

__all__ = ["CASES", "Case", "perfect_model", "worst_model"]
