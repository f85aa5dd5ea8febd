"""Settings: the only reader of the environment, documented in `.env.example`."""

from __future__ import annotations

import hashlib
import os
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Effort = Literal["low", "medium", "high", "xhigh", "max"]
Geography = Literal["global", "us"]
Thinking = Literal["adaptive", "between_tools", "disabled"]
PROJECT_ROOT = Path(__file__).resolve().parent.parent
FOREIGN_CHAT_VARIABLES = (
    "DATABASE_URL",
    "LITERAL_API_KEY",
    "SLACK_BOT_TOKEN",
    "DISCORD_BOT_TOKEN",
    "TEAMS_APP_ID",
    "CHAINLIT_CUSTOM_AUTH",
    "CHAINLIT_URL",
    "CHAINLIT_DEBUG",
)


class Settings(BaseSettings):
    """Every setting of the product, read from `VOLTAIRE_*` variables or a `.env` file."""

    model_config = SettingsConfigDict(
        env_prefix="VOLTAIRE_",
        env_file=".env",
        extra="ignore",
        populate_by_name=True,
    )

    data_dir: Path = Field(default_factory=lambda: default_data_dir())  # noqa: PLW0108 - defined below
    database_url: SecretStr | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    secret_key: SecretStr | None = None
    upload_limit_mb: int = Field(default=50, gt=0)
    question_limit_chars: int = Field(default=4000, gt=0)
    ingest_workers: int = Field(default=2, ge=1, le=16)
    embedder: str | None = Field(default=None, description="Modèle de recherche, module:nom.")
    search_memory_mb: int = Field(
        default=1024, gt=0, description="Mémoire des index de recherche, par processus."
    )
    reranker: str | None = Field(default=None, description="Reclassement, module:nom.")
    log_level: str = "WARNING"

    retention_conversations_days: int = Field(default=1095, ge=0)
    retention_proofs_days: int = Field(default=3650, ge=0)
    retention_raw_mails_days: int = Field(default=1095, ge=0)
    retention_set_aside_days: int = Field(default=90, ge=0)
    retention_questions_days: int = Field(default=730, ge=0)
    retention_removed_files_days: int = Field(default=365, ge=0)

    anthropic_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("VOLTAIRE_ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY"),
    )
    anthropic_base_url: str | None = None
    model_fast: str = "claude-haiku-5-5"
    model_balanced: str = "claude-sonnet-5-5"
    model_deep: str = "claude-opus-5-5"
    model_timeout_s: float = Field(default=60.0, gt=0)
    effort_fast: Effort | None = "low"
    effort_balanced: Effort | None = "medium"
    effort_deep: Effort | None = "high"
    thinking_fast: Thinking | None = None
    thinking_balanced: Thinking | None = None
    thinking_deep: Thinking | None = None
    model_overrides: dict[str, str] = Field(
        default_factory=dict[str, str], description="Usage → niveau ou modèle, en JSON."
    )
    inference_geo: Geography | None = None
    knowledge_pack_tokens: int = Field(default=20_000, ge=0)

    model_first_event_s: float = Field(default=120.0, gt=0)
    model_total_s: float = Field(default=600.0, gt=0)
    model_concurrency: int = Field(default=64, ge=1)
    model_tenant_concurrency: int = Field(default=32, ge=1)
    model_queue_s: float = Field(default=30.0, gt=0)
    prices_file: Path | None = None
    budget_tenant_day_eur: Decimal | None = Field(default=Decimal(20), ge=0)
    budget_tenant_month_eur: Decimal | None = Field(default=Decimal(200), ge=0)
    budget_user_day_eur: Decimal | None = Field(default=Decimal(5), ge=0)
    budget_user_month_eur: Decimal | None = Field(default=Decimal(60), ge=0)
    budget_use_case_day_eur: Decimal | None = Field(default=Decimal(10), ge=0)
    budget_use_case_month_eur: Decimal | None = Field(default=Decimal(120), ge=0)
    otlp_endpoint: str | None = None

    graph_transcripts_state: SecretStr | None = Field(
        default=None, description="Secret des notifications Graph de transcriptions."
    )
    graph_base_url: str = "https://graph.microsoft.com/v1.0"

    mail_folder: Path | None = None
    graph_tenant_id: str | None = None
    graph_client_id: str | None = None
    graph_client_secret: SecretStr | None = None
    graph_mailboxes: str = ""
    libraries: str = Field(
        default="",
        description="Bibliothèques SharePoint et OneDrive à lire, un point-virgule entre deux.",
    )
    library_roles: str = Field(
        default="", description="Groupes Microsoft et profils : « Qualité=quality; Tous=all »."
    )
    imap_host: str | None = None
    imap_port: int = Field(default=993, ge=1, le=65535)
    imap_user: str = ""
    imap_password: SecretStr | None = None
    imap_folder: str = "INBOX"
    public_url: str | None = None

    twenty_url: str | None = Field(
        default=None, description="Adresse du serveur Twenty, sans /rest."
    )
    twenty_api_key: SecretStr | None = None
    twenty_webhook_secret: SecretStr | None = Field(
        default=None, description="Secret choisi pour signer les notifications de Twenty."
    )

    oidc_issuer: str | None = Field(
        default=None, description="Émetteur de l'annuaire, tel qu'il se nomme lui-même."
    )
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_tenant_id: str | None = Field(
        default=None, description="Identifiant de l'annuaire Entra, exigé dans chaque jeton."
    )
    oidc_firm: str | None = Field(default=None, description="Nom court du cabinet.")
    oidc_roles: dict[str, str] = Field(
        default_factory=dict[str, str],
        description="Groupe ou rôle d'application de l'annuaire → rôle de Voltaire, en JSON.",
    )
    oidc_audiences: str = Field(
        default="", description="Audiences des jetons d'Office, séparées par des virgules."
    )
    oidc_scope: str = "access_as_user"

    cors_origins: str = Field(
        default="", description="Sites autorisés à appeler l'API, séparés par des virgules."
    )
    rate_user_per_minute: int = Field(default=600, ge=0)
    rate_address_per_minute: int = Field(default=6000, ge=0)
    rate_sign_in_per_minute: int = Field(default=30, ge=0)
    addin_client_id: str | None = Field(
        default=None, description="Application Entra du complément Outlook et Teams."
    )
    mail_backfill_per_hour: int = Field(default=500, ge=1)

    watch_enabled: bool = False
    watch_base_url: str = "https://boamp-datadila.opendatasoft.com"
    watch_timeout_s: float = Field(default=30.0, gt=0)

    sql_timeout_ms: int = Field(default=3000, gt=0)
    sql_row_limit: int = Field(default=200, gt=0)
    today: str | None = Field(
        default=None, description="Date figée (AAAA-MM-JJ) pour les démonstrations et mesures."
    )
    eval_data: Path = PROJECT_ROOT.parent / "shared" / "data"

    @field_validator(
        "effort_fast",
        "effort_balanced",
        "effort_deep",
        "thinking_fast",
        "thinking_balanced",
        "thinking_deep",
        "inference_geo",
        mode="before",
    )
    @classmethod
    def read_blank_as_none(cls, value: object) -> object:
        """A variable left empty asks for the model's own default."""
        return None if value == "" else value

    @property
    def twenty_address(self) -> str | None:
        """Address of the Twenty server that is mirrored; None while it or its key is missing."""
        has_key = self.twenty_api_key is not None and self.twenty_api_key.get_secret_value()
        return self.twenty_url.rstrip("/") if self.twenty_url and has_key else None

    @property
    def postgres_dir(self) -> Path:
        """Folder of the embedded PostgreSQL cluster."""
        return self.data_dir / "postgres"

    @property
    def documents_dir(self) -> Path:
        """Folder where the demonstration firm's documents are laid out."""
        return self.data_dir / "documents"

    @property
    def drafts_dir(self) -> Path:
        """Folder of the drafts that answer mails read from a folder, as `.eml` files."""
        return self.data_dir / "brouillons"

    @property
    def libraries_dir(self) -> Path:
        """Folder where the contents of SharePoint and OneDrive libraries are kept to be read."""
        return self.data_dir / "bibliotheques"

    @property
    def policies_dir(self) -> Path:
        """Folder of the firms' policy files, one a firm."""
        return self.data_dir / "politiques"

    @property
    def tender_files_dir(self) -> Path:
        """Folder where people leave the tender files that the watch awaits."""
        return self.data_dir / "veille"


def default_data_dir() -> Path:
    """The project's ignored folder in a checkout, else the user's data folder.

    As root, PostgreSQL runs under an account of its own, which must be able to walk to its
    data: below a private folder (mode 0700) the data goes to `/var/lib/voltaire/<checkout>`.
    """
    if (PROJECT_ROOT / "pyproject.toml").is_file():
        chosen = PROJECT_ROOT / ".voltaire"
    else:
        chosen = Path(platformdirs.user_data_dir("voltaire"))
    if os.geteuid() == 0 and not is_walkable_by_others(chosen.parent):
        digest = hashlib.sha256(str(PROJECT_ROOT).encode()).hexdigest()[:10]
        return Path("/var/lib/voltaire") / digest
    return chosen


def is_walkable_by_others(folder: Path) -> bool:
    """Tell whether an account other than the owner can traverse `folder` and its parents."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    return all(part.stat().st_mode & 0o001 for part in (existing, *existing.parents))


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()


def prepare_process_environment() -> None:
    """Switch off every library's telemetry, network look-ups and threads, before its import."""
    cache = find_tiktoken_cache()
    defaults = {
        "DO_NOT_TRACK": "1",
        "SCARF_NO_ANALYTICS": "true",
        "UNSTRUCTURED_DISABLE_NOTICE": "1",
        "LANGSMITH_TRACING": "false",
        "LANGCHAIN_TRACING_V2": "false",
        "ANONYMIZED_TELEMETRY": "false",
        "OTEL_SDK_DISABLED": "true",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        # Threads waiting for one another cost more than they give: processes share the cores.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OMP_THREAD_LIMIT": "1",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    if cache is not None:
        os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(cache))


def allow_own_telemetry() -> None:
    """Let the OpenTelemetry SDK work, for the providers that are then built by name."""
    os.environ["OTEL_SDK_DISABLED"] = "false"


def prepare_chat_environment(app_root: Path, session_secret: str) -> None:
    """Give the chat page its folder and its session key, before its library is imported.

    The library would take foreign variables for its own (a database, other chat channels): they
    are taken out of this process.
    """
    for name in FOREIGN_CHAT_VARIABLES:
        os.environ.pop(name, None)
    os.environ["CHAINLIT_APP_ROOT"] = str(app_root)
    os.environ["CHAINLIT_AUTH_SECRET"] = session_secret
    os.environ["CHAINLIT_COOKIE_SAMESITE"] = "lax"


def find_tiktoken_cache() -> Path | None:
    """The tokenizer tables that LlamaIndex ships, so that tiktoken needs no download."""
    from importlib.util import find_spec

    spec = find_spec("llama_index.core")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "_static" / "tiktoken_cache"
    return folder if folder.is_dir() else None
