"""What is open: the settings, the library, what is kept of it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from pydantic import SecretStr

from sorter_core import (
    checks,
)
from sorter_core.catalog import Catalog
from sorter_core.errors import NoLibrary, ReadOnly
from sorter_core.files import write_atomic
from sorter_core.library import Library
from sorter_core.settings import Settings, settings


def child_environment(chosen: Settings) -> dict[str, str]:
    """``chosen`` as variables; secrets are left to the environment they came from.

    >>> child_environment(Settings(_env_file=None, seed=7))["SEED"]
    '7'
    """
    secrets = {name for name, value in chosen if isinstance(value, SecretStr)}
    values = chosen.model_dump(mode="json", exclude_none=True, exclude=secrets)
    return {k.upper(): ",".join(v) if isinstance(v, list) else str(v) for k, v in values.items()}


class Base:
    """The settings, and the library that is open."""

    def __init__(self, given: Settings | None = None) -> None:
        self.settings = given or settings()
        self._lock = threading.RLock()
        self._library: Library | None = None
        self._catalog: Catalog | None = None
        self._chosen = self.settings.data_dir
        self._seen = None if self._chosen else -1

    @property
    def data_dir(self) -> Path | None:
        """The library's path, or None while none is set."""
        with self._lock:
            self._follow()
            return self._chosen

    @property
    def library(self) -> Library:
        """The open library. Raises :class:`NoLibrary`, or :class:`NotALibrary` when it is gone."""
        with self._lock:
            self._follow()
            if self._chosen is None:
                raise NoLibrary("No library is set. Choose the folder that holds your videos.")
            if self._library is None:
                self._library = Library(self._chosen, self.settings.artifacts_dir)
                self._catalog = Catalog(self._library)
            return self._library

    def _catalogue(self) -> Catalog:
        with self._lock:
            _ = self.library
            if self._catalog is None:
                raise NoLibrary("No library is set.")
            return self._catalog

    def _state_file(self) -> Path:
        return self.settings.state_dir / "library.json"

    def _remember(self, root: Path) -> None:
        try:
            self.settings.state_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReadOnly(
                f"{self.settings.state_dir} can't be made ({error.strerror}), so that the choice could not"
                " be remembered. Set STATE_DIR to a folder that can be written to."
            ) from error
        write_atomic(self._state_file(), json.dumps({"data_dir": str(root)}).encode())
        if self._seen is not None:
            self._seen = self._state_file().stat().st_mtime_ns

    def _follow(self) -> None:
        """Take up what another process chose, unless ``DATA_DIR`` fixed the library for this one."""
        if self._seen is None:
            return
        try:
            changed = self._state_file().stat().st_mtime_ns
        except OSError:
            return
        if changed == self._seen:
            return
        self._seen = changed
        try:
            chosen = Path(json.loads(self._state_file().read_text())["data_dir"])
        except (OSError, ValueError, KeyError, TypeError):
            return  # a damaged memory is as good as none
        if chosen != self._chosen:
            self._chosen, self._library, self._catalog = chosen, None, None

    def _environment(self) -> dict[str, str]:
        """The settings for a child process, which reads them from its environment."""
        return {
            **child_environment(self.settings),
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        }

    def doctor(self) -> list[checks.Check]:
        """What of this machine and library is well, and what to do about the rest."""
        return checks.run(self.settings, self.data_dir)
