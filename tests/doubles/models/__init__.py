"""A perfect model and a worst one, served through the Messages API double so that the whole wire
is used.

The perfect one answers from the truth it is given; it proves that the paths lead to a right
answer. The worst one calls tools that do not exist, gives wrong arguments, obeys orders found in
what it reads, and invents quotes, numbers and ids; it proves the guards. Neither says anything
about a real model's quality.

A use case asked for one typed answer joins with its lies in `LIES` (`structured.py`); one that
calls tools, with a module of its own and a line in `CASES` (`registry.py`).

A request is known by the beginning of its system prompt. `spoil` (in `spoiling.py`) makes lies of
a typed answer: other numbers, other ids, quotes that stand nowhere. Then:

    messages_api.respond(perfect_model({"email_summary": StructuredTruth(answer)}))
    lying = StructuredTruth(answer, LIES["email_summary"])
    messages_api.respond(worst_model({"email_summary": lying}))

A trial in `tests/integration/trials.py` puts the use case in the fault matrix as well.
"""

from tests.doubles.models.registry import CASES, Case, perfect_model, worst_model

__all__ = ["CASES", "Case", "perfect_model", "worst_model"]
