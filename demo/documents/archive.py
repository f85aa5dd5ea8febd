"""Office files whose bytes depend on their content alone: fixed dates, fixed order."""

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from demo.documents.source import Properties

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_DEFAULT_INSTANT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def get_instant(properties: Properties) -> datetime:
    """The instant written in a file's metadata: nine o'clock on its first day of validity."""
    day = properties.valid_from
    return datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC) if day else _DEFAULT_INSTANT


def freeze_archive(data: bytes, replaced: Mapping[str, bytes] | None = None) -> bytes:
    """Rewrite a zip with fixed timestamps; `replaced` gives new content by member name."""
    new_content = replaced or {}
    frozen = BytesIO()
    with ZipFile(BytesIO(data)) as before, ZipFile(frozen, "w") as after:
        for name in before.namelist():
            member = ZipInfo(name, _ZIP_EPOCH)
            member.compress_type = ZIP_DEFLATED
            member.create_system = 3
            after.writestr(member, new_content.get(name) or before.read(name))
    return frozen.getvalue()
