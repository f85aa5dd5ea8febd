"""Every prompt of the product: the Markdown files beside the graphs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.prompts import Prompt, Untrusted, list_places, render_prompt

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class PromptFile:
    """A prompt's file; `places` are the values it must be given."""

    use_case: str
    path: Path
    places: frozenset[str]

    @property
    def name(self) -> str:
        """«reply_draft/prompt»."""
        return f"{self.use_case}/{self.path.stem}"

    def render(self, values: dict[str, str | Untrusted]) -> Prompt:
        """The prompt with these values. Raises `PromptMismatch`."""
        return render_prompt(self.path, **values)


def list_prompts(folder: Path = FOLDER) -> list[PromptFile]:
    """All prompts, by name."""
    return [
        PromptFile(
            str(path.parent.relative_to(folder)),
            path,
            frozenset(list_places(path.read_text(encoding="utf-8"))),
        )
        for path in sorted(folder.rglob("*.md"))
    ]
