"""PowerPoint presentations: a slide is a page, its title a heading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest.readers.elements import to_blocks, use_local_language_pipeline
from ingest.readers.file_types import PPTX
from ingest.readers.titles import find_title
from knowledge.models import ParsedDocument


def read_slides(path: Path) -> ParsedDocument:
    """Texts, lists and tables of a PPTX, slide by slide, speaker's notes included."""
    use_local_language_pipeline()
    import pptx
    from unstructured.partition.pptx import partition_pptx

    presentation: Any = pptx.Presentation(str(path))
    titles = {
        (number, str(slide.shapes.title.text).strip())
        for number, slide in enumerate(presentation.slides, start=1)
        if slide.shapes.title is not None
    }

    def level(element: Any) -> int:
        return int((element.metadata.page_number, element.text.strip()) in titles)

    elements = partition_pptx(
        filename=str(path), languages=["fra"], include_page_breaks=False, include_slide_notes=True
    )
    blocks = tuple(to_blocks(elements, heading_level=level))
    first = next((block.text for block in blocks if block.kind == "heading"), None)
    title = find_title(presentation.core_properties.title) or first
    return ParsedDocument(title, PPTX.media_type, max(1, len(presentation.slides)), blocks)
