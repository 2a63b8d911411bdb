"""Settings, read from the environment and from ``.env`` (see ``.env.example`` for each)."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_cache_path, user_config_path, user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sorter_core.errors import InvalidInput

APP = "tiktok-sorter"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseSettings):
    """All settings; a field's upper-case name is its variable.

    >>> Settings(_env_file=None, PORT="9000").port
    9000
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", case_sensitive=False
    )

    # The library and where its state lies
    data_dir: Path | None = None
    artifacts_dir: Path | None = None
    state_dir: Path = Field(default_factory=lambda: user_config_path(APP))
    cache_dir: Path = Field(default_factory=lambda: user_cache_path(APP))
    models_dir: Path | None = None
    demo_dir: Path = Field(default_factory=lambda: user_data_path(APP) / "demo")

    # The server
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    api_key: SecretStr | None = None
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    debug_mode: bool = False

    # The analysis and the job
    workers: int = Field(0, ge=0, le=256, description="decoding processes; 0: one a core")
    decode_seconds: float = Field(60, gt=0, description="limit for one file")
    decode_memory_mb: int = Field(2048, ge=256, description="limit for one worker")
    decode_megapixels: float = Field(40, gt=0, description="limit for one picture")
    stage_seconds: float = Field(900, gt=0, description="limit for one stage of the job")
    encoders: Annotated[tuple[str, ...], NoDecode] = ("frames", "sound", "caption")
    joblib_backend: str = "loky"
    seed: int = 0

    # From a link to metadata
    max_requests_per_minute: int = Field(60, ge=1)
    max_urls_per_batch: int = Field(3, ge=1)
    max_concurrent_extractions: int = Field(5, ge=1)
    max_video_seconds: int = Field(3600, ge=1)
    extraction_timeout: float = Field(30, gt=0)
    cache_enabled: bool = True
    cache_ttl_seconds: int = Field(3600, ge=0)
    cache_entries: int = Field(1000, ge=1)
    redis_url: SecretStr | None = None
    proxy_url: SecretStr | None = None
    scraperapi_key: SecretStr | None = None
    cookies_file: Path | None = None
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    openai_model: str = "gpt-4o-mini"
    default_language: Literal["en", "id"] = "en"
    fill_per_minute: float = Field(20, gt=0, le=600, description="questions about own videos")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    enable_metrics: bool = False

    @field_validator("trusted_proxies", "allowed_origins", "encoders", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """``a, b`` in a variable is the list of a and b."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator(
        "data_dir",
        "artifacts_dir",
        "state_dir",
        "cache_dir",
        "models_dir",
        "demo_dir",
        "cookies_file",
        mode="before",
    )
    @classmethod
    def _path(cls, value: object) -> object:
        """No shell reads ``.env``: ``~`` is the home there too; quotes and blanks around are forgiven."""
        text = value.strip().strip("\"'").strip() if isinstance(value, str) else ""
        # os.path leaves a ~name that it doesn't know alone, pathlib raises RuntimeError
        return os.path.expanduser(text) if text else value  # noqa: PTH111 - for that

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        """``info`` is as good as ``INFO``."""
        return value.upper() if isinstance(value, str) else value

    @property
    def loopback(self) -> bool:
        """Whether the server can be reached from this machine only."""
        return self.host in LOOPBACK


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once. Raises :class:`InvalidInput` with what is wrong in them."""
    try:
        return Settings()
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise InvalidInput(f"The settings make no sense. {'; '.join(faults)}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput("The file .env can't be read: save it as UTF-8.") from error
