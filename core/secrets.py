"""The installation's secret and what is derived from it: passwords of roles, signing keys."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigurationError
from core.settings import Settings


@dataclass(frozen=True)
class Secrets:
    """Keys derived (HMAC-SHA-256) from one installation secret; never printed."""

    root: bytes

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key of its own for each `purpose`."""
        return hmac.new(self.root, purpose.encode(), hashlib.sha256).digest()

    def role_password(self, role: str) -> str:
        """The database password of `role`."""
        return self.derive(f"role:{role}").hex()

    def __repr__(self) -> str:
        return "Secrets(…)"


def load_secrets(settings: Settings) -> Secrets:
    """The secret of the settings, else the one kept in the data folder (made at first use)."""
    if settings.secret_key is not None:
        value = settings.secret_key.get_secret_value()
        if len(value) < 32:
            raise ConfigurationError(
                "VOLTAIRE_SECRET_KEY est trop courte : donnez au moins 32 caractères aléatoires."
            )
        return Secrets(value.encode())
    return Secrets(_read_or_create(settings.data_dir / "secret"))


def _read_or_create(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_suffix(f".{secrets.token_hex(4)}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_hex(32))
            try:
                path.hardlink_to(draft)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip().encode()
    except OSError as error:
        raise ConfigurationError(
            f"Le dossier de données {path.parent} n’est pas accessible ({error.strerror}). "
            "Donnez les droits d’écriture à ce compte ou choisissez un autre dossier avec "
            "VOLTAIRE_DATA_DIR."
        ) from error
