"""A source printed, then scanned: an image-only PDF without a text layer."""

from io import BytesIO
from typing import Any
from zlib import crc32

import numpy as np
import pypdfium2 as pdfium
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from demo.documents.pdf import build_pdf
from demo.documents.source import Source

_DPI = 150
_PAPER = 246
_JPEG_QUALITY = 60


def build_scan(source: Source) -> bytes:
    """The .pdf bytes: every page a grey, slightly turned and noisy picture at 150 dpi."""
    seed = crc32(source.properties.file.encode())
    noise = np.random.default_rng(seed)
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    canvas.setTitle(source.properties.title)
    for page in _render_pages(build_pdf(source)):
        canvas.drawImage(_to_jpeg(_age(page, noise)), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _render_pages(data: bytes) -> list[Image.Image]:
    document: Any = pdfium.PdfDocument(data)
    try:
        return [page.render(scale=_DPI / 72).to_pil().convert("L") for page in document]
    finally:
        document.close()


def _age(page: Image.Image, noise: np.random.Generator) -> Image.Image:
    angle = float(noise.uniform(0.3, 0.7))
    turned = page.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
    grey = np.asarray(turned, dtype=np.float32) * (_PAPER / 255)
    shade = np.linspace(0, -10, grey.shape[1], dtype=np.float32)
    grain = noise.normal(0, 5, grey.shape).astype(np.float32)
    return Image.fromarray(np.clip(grey + shade + grain, 0, 255).astype(np.uint8))


def _to_jpeg(page: Image.Image) -> ImageReader:
    stream = BytesIO()
    page.save(stream, "JPEG", quality=_JPEG_QUALITY)
    stream.seek(0)
    return ImageReader(stream)
