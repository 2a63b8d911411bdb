"""Models on request: one fetching at a time on a machine, told alike in every face.

The claim, the heartbeat and the progress are those of :mod:`sorter_core.jobs`, in a small store of
its own beside the models: models belong to the machine, not to a library.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sorter_core import encoders
from sorter_core.encoders import Encoder, Fetched
from sorter_core.errors import Conflict, EncoderUnavailable, InvalidInput, StorageError
from sorter_core.jobs import Job, Jobs, start
from sorter_core.settings import Settings
from sorter_core.store import Store
from sorter_core.types import JobStatus, ReportProgress

STORE = "pulls.sqlite"
SECONDS = 6 * 3600.0
"""The longest that a model may take to come: 600 MB over a line of 30 kB/s."""
POLL_SECONDS = 0.2

State = Literal["ready", "missing", "pulling", "failed"]


@dataclass(frozen=True, slots=True)
class EncoderState:
    """An encoder as a person switches it on: what it is, and whether it can run here.

    ``message`` says what it lacks with the command that brings it, or why a fetching failed;
    ``pull`` tells whether there is something to fetch, and what fetches it is installed;
    ``download`` (all there is to fetch), ``done`` and ``total`` are bytes.
    """

    name: str
    title: str
    licence: str
    size: int
    source: str
    default: bool
    on: bool
    state: State
    message: str | None
    extra: str | None
    pull: bool
    download: int = 0
    done: int = 0
    total: int = 0


def states(settings: Settings, on: Iterable[str]) -> list[EncoderState]:
    """All encoders in the order of their names; ``on`` are those in use."""
    used, job = set(on), _newest(settings)
    return [_state(settings, name, job, on=name in used) for name in encoders.available()]


def state(settings: Settings, name: str, on: Iterable[str]) -> EncoderState:
    """One encoder. Raises InvalidInput for a name that is none."""
    return _state(settings, name, _newest(settings), on=name in set(on))


def begin(
    settings: Settings, name: str, environment: dict[str, str]
) -> Literal["started", "already_running"]:
    """Fetch the model of ``name`` in a process of its own, with the settings in ``environment``.

    Raises InvalidInput when it has nothing to fetch, Conflict when a package is missing.
    """
    fetched_dir = _place(_fetchable(settings, name))
    jobs = _jobs(settings)
    log = fetched_dir / "pull.log"
    if not start(jobs, ["models", "pull", name], log, environment):
        return "already_running"
    _name_job(jobs, name)
    return "started"


def pull(
    settings: Settings, name: str, progress: ReportProgress, number: int | None = None
) -> Path:
    """Fetch the model of ``name`` here and now, as job ``number`` or a new one; returns its folder.

    ``progress`` is called with bytes. Raises InvalidInput, Conflict when another fetching runs or a
    package is missing, EncoderUnavailable with the reason, JobCancelled.
    """
    encoder = _fetchable(settings, name)
    _place(encoder)
    jobs = _jobs(settings)
    number = jobs.claim() if number is None else number
    if number is None:
        raise Conflict("A model is being fetched already. Wait until it is here.")
    _name_job(jobs, name)
    job = Job(jobs, number)
    try:
        with job.running():
            with job.stage(name, SECONDS):
                _fetch(encoder, job, progress)
            job.publish(lambda _db: None)
    except KeyboardInterrupt:
        jobs.fail(number, "cancelled", "cancelled")
        raise
    return encoder.weights()


def cancel(settings: Settings) -> bool:
    """Tell the running fetching to stop; what has come is gone on with next time."""
    return _newest(settings) is not None and _jobs(settings).cancel()


def _fetch(encoder: Fetched, job: Job, progress: ReportProgress) -> None:
    """Fetch in a thread, and count what has come: each library has a progress of its own."""
    failed: list[BaseException] = []

    def fetch() -> None:
        try:
            encoder.fetch(encoder.fetched_dir)
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            failed.append(error)

    thread = threading.Thread(target=fetch, name="fetching", daemon=True)
    thread.start()
    alive = True
    while alive:
        thread.join(POLL_SECONDS)
        alive = thread.is_alive()
        done = min(_arrived(encoder), encoder.download)
        job.progress(done, encoder.download)
        progress(done, encoder.download)
    if failed:
        raise failed[0]
    if not encoder.complete(encoder.fetched_dir):
        raise EncoderUnavailable(f"Not all files of {encoder.name} came. Fetch it once more.")


def _arrived(encoder: Fetched) -> int:
    """Bytes of the encoder's files that are here, begun ones too."""
    tops = {file.partition("/")[0] for file in encoder.files}
    places = [encoder.fetched_dir / name for top in tops for name in (top, f".{top}.part")]
    return sum(_size(path) for place in places for path in (place, *place.rglob("*")))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # it was renamed just now
        return 0


def _state(settings: Settings, name: str, job: JobStatus | None, *, on: bool) -> EncoderState:
    encoder = _made(settings, name)
    about, lack = encoder.about, encoder.unavailable()
    current = job if job is not None and job.stage == name else None
    found: State = "missing" if lack else "ready"
    ended = (current.last_result or "") if current else ""
    if current and current.running:
        found = "pulling"
    elif lack and ended.startswith("Failed") and not ended.endswith(": cancelled"):
        found, lack = "failed", ended.partition(": ")[2]
    return EncoderState(
        name=name,
        title=about.title,
        licence=about.licence,
        size=about.size,
        source=about.source,
        default=about.default,
        on=on,
        state=found,
        message=lack,
        extra=about.extra,
        pull=isinstance(encoder, Fetched) and not encoder.needs() and not encoder.found(),
        download=encoder.download if isinstance(encoder, Fetched) else 0,
        done=current.done if current else 0,
        total=current.total if current else 0,
    )


def _made(settings: Settings, name: str) -> Encoder:
    if name not in encoders.available():
        raise InvalidInput(
            f"There is no encoder called {name!r}. There is {', '.join(encoders.available())}."
        )
    return encoders.make(name, settings.cache_dir, settings.models_dir)


def _fetchable(settings: Settings, name: str) -> Fetched:
    encoder = _made(settings, name)
    if not isinstance(encoder, Fetched):
        raise InvalidInput(f"{name} has nothing to fetch.")
    if lack := encoder.needs():
        raise Conflict(lack)
    return encoder


def _place(encoder: Fetched) -> Path:
    """The folder that models are fetched into, made if need be. Raises ``StorageError``."""
    try:
        encoder.fetched_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"Models can't be put into {encoder.fetched_dir} ({error.strerror}). Name another place as"
            " CACHE_DIR."
        ) from error
    return encoder.fetched_dir


def _file(settings: Settings) -> Path:
    return settings.cache_dir / encoders.MODELS / STORE


def _jobs(settings: Settings) -> Jobs:
    return Jobs(Store(_file(settings)))


def _newest(settings: Settings) -> JobStatus | None:
    """The newest fetching; asking leaves no file behind where none has ever been."""
    return _jobs(settings).status() if _file(settings).is_file() else None


def _name_job(jobs: Jobs, name: str) -> None:
    """Say at once what is being fetched; the child does when it has started."""
    with jobs.store.write() as db:
        db.execute(
            "UPDATE jobs SET stage = ?, stage_started = ? WHERE state = 'active' AND stage IS NULL",
            (name, time.time()),
        )
