"""What is known of videos in words, and reading it once more."""

from __future__ import annotations

from sorter_core import again, encoders, words
from sorter_core.again import Again
from sorter_core.app._indexing import Indexing
from sorter_core.encoders import Reader
from sorter_core.errors import Conflict
from sorter_core.words import Words


class Wording(Indexing):
    """What is known of videos in words, and reading it once more."""

    def texts(self, filename: str, folder: str | None = None) -> Words:
        """Caption, author, transcript with its times, … Raises ``InvalidName``, ``VideoNotFound``."""
        return words.of(self.library, filename, folder)

    def outdated(self, name: str) -> Again | None:
        """What a lesser model of an encoder has read; None where there is no better one here.

        Raises ``InvalidInput`` for a name that is no encoder's.
        """
        reader = self._reader(name)
        return again.state(self.library.store, reader) if reader else None

    def read_again(self, name: str) -> Again:
        """Have the next analysis read that with the better model; the old words stay till then.

        Raises ``InvalidInput``, and ``Conflict`` where the encoder is off or can't read better.
        """
        reader = self._reader(name)
        if reader is None:
            raise Conflict(f"{name} has no other model on this machine than the one it used.")
        if name not in self.encoders():
            raise Conflict(f"{name} is not in use. Switch it on first.")
        again.ask(self.library.store, reader)
        return again.state(self.library.store, reader)

    def _reader(self, name: str) -> Reader | None:
        """The encoder, when it reads with the best but one of its models at least."""
        made = encoders.make(name, self.settings.cache_dir, self.settings.models_dir)
        ready = isinstance(made, Reader) and made.models and not made.unavailable()
        return (
            made if isinstance(made, Reader) and ready and made.model() != made.models[-1] else None
        )
