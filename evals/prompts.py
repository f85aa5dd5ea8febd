"""The prompts as rendered, kept under review, and what they weigh.

`python -m evals.prompts` gives the prompts their hard spaces, writes the snapshots that a test
compares, and `docs/measures/prompts.md`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

from agents.prompts import PromptFile, list_prompts
from core.engine.catalog import find_family
from core.engine.tokens import estimate_tokens
from core.formats import format_number
from core.prompts import Untrusted, read_prompt
from core.settings import PROJECT_ROOT, Settings, prepare_process_environment

SNAPSHOTS = PROJECT_ROOT / "tests" / "unit" / "snapshots" / "prompts"
SAMPLES = Path(__file__).with_name("prompt_samples.yaml")
REPORT = PROJECT_ROOT / "docs" / "measures" / "prompts.md"

CODE = re.compile(r"(```.*?```|`[^`\n]*`|^→[^\n]*$)", re.DOTALL | re.MULTILINE)
BEFORE_SIGN = re.compile(r"(?<=\S) (?=[;:?!»](?:\s|$|[.,)\]*]))", re.MULTILINE)
AFTER_GUILLEMET = re.compile(r"« (?=\S)")


def mend_spaces(text: str) -> str:
    """The text with hard spaces in guillemets and before double signs, code left as it is."""
    parts = CODE.split(text)
    for index in range(0, len(parts), 2):
        parts[index] = AFTER_GUILLEMET.sub("«\u00a0", BEFORE_SIGN.sub("\u00a0", parts[index]))
    return "".join(parts)


def mend_all() -> None:
    """Mend every prompt's file in place."""
    for prompt in list_prompts():
        text = prompt.path.read_text(encoding="utf-8")
        prompt.path.write_text(mend_spaces(text), encoding="utf-8")


def render_all() -> dict[str, str]:
    """Every prompt by name, its places filled from the samples."""
    samples = yaml.safe_load(SAMPLES.read_text(encoding="utf-8")) or {}
    return {p.name: render_sample(p, samples.get(p.name, {})) for p in list_prompts()}


def render_sample(prompt: PromptFile, samples: dict[str, str]) -> str:
    """One prompt; a place without a sample gets a labelled stand-in, fenced as untrusted."""
    if not prompt.places:
        return read_prompt(prompt.path).text
    values: dict[str, str | Untrusted] = {
        place: samples.get(place) or Untrusted("exemple", f"Valeur de «\u00a0{place}\u00a0».")
        for place in prompt.places
    }
    return prompt.render(values).text


def find_snapshot(name: str) -> Path:
    """Where the rendered prompt is kept."""
    return SNAPSHOTS / f"{name.replace('/', '.')}.md"


def format_report(rendered: dict[str, str], settings: Settings) -> str:
    """The Markdown page of the weights."""
    model = settings.model_balanced
    family = find_family(model)
    minimum = family.minimum_prefix if family else 0
    lines = [
        "# Tokens par consigne",
        "",
        "Commande\u00a0: `python -m evals.prompts`. Estimation hors ligne (tiktoken, corrigée pour "
        f"`{model}`), places remplies par des exemples. Une consigne sous {minimum}\u00a0tokens, "
        "outils compris, n’est pas gardée par le cache de ce modèle.",
        "",
        "| consigne | caractères | tokens | seule, gardée par le cache |",
        "| --- | ---: | ---: | --- |",
    ]
    for name, text in sorted(rendered.items()):
        tokens = estimate_tokens(text, model)
        kept = "oui" if tokens >= minimum else "non"
        lines.append(f"| {name} | {format_number(len(text))} | {format_number(tokens)} | {kept} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Mend, then write the snapshots and the page; stale snapshots are removed."""
    prepare_process_environment()
    mend_all()
    rendered = render_all()
    SNAPSHOTS.mkdir(parents=True, exist_ok=True)
    for stale in set(SNAPSHOTS.glob("*.md")) - {find_snapshot(name) for name in rendered}:
        stale.unlink()
    for name, text in rendered.items():
        find_snapshot(name).write_text(f"{text}\n", encoding="utf-8")
    report = format_report(rendered, Settings.model_construct())
    REPORT.write_text(report, encoding="utf-8")
    sys.stdout.write(report)


if __name__ == "__main__":
    main()
