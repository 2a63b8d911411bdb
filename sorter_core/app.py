"""The one object that the app, the server and the command line hold."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import SecretStr

from sorter_core import (
    atlas,
    checks,
    demo,
    duplicates,
    encoders,
    export,
    features,
    import_runs,
    importing,
    jobs,
    learning,
    posters,
    pulls,
    report,
    review,
    search,
    zero_shot,
)
from sorter_core import refit as refitting
from sorter_core.alike import Alike
from sorter_core.atlas import Atlas
from sorter_core.bulk import Bulk
from sorter_core.catalog import SHOWN, Catalog, VideoPage
from sorter_core.duplicates import Duplicates, Place, Removal, ThrowAway
from sorter_core.errors import InvalidInput, NoLibrary, NotEnoughLabels, SorterError
from sorter_core.features import ExtractReport
from sorter_core.files import write_atomic
from sorter_core.import_plan import ImportOptions, Report
from sorter_core.import_runs import ImportStatus
from sorter_core.importing import Imported, Preview
from sorter_core.journal import Batch, Filter
from sorter_core.library import Library, check_library
from sorter_core.review import Doubts, Review
from sorter_core.scan import ScanReport, scan
from sorter_core.search import Hits
from sorter_core.settings import Settings, settings
from sorter_core.types import Failure, Folder, JobStatus, Move, Prediction, ReportProgress, Run
from sorter_core.watching import Watcher

if TYPE_CHECKING:
    from sorter_core.extraction.downloads import Downloads
    from sorter_core.extraction.fill import Fills, FillStatus

_WATCH = "watch"
STAGES = ("extract_features", "train", "predict")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a library holds, as the person sees it before anything is done."""

    data_dir: Path
    unsorted: int
    folders: list[Folder]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a batch of moves did (or, dry, would do); ``batch`` undoes it."""

    batch: int | None
    moved: list[tuple[str, str]]
    failed: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class News:
    """What has come since the last training."""

    unsorted: int
    labelled: int
    unanalysed: int
    labels_since_run: int


def ignore(done: int, total: int) -> None:
    """Take no interest in progress."""


class Sorter:
    """A person's library and all that can be done with it; may be used from several threads.

    Every method but :meth:`setup` and :meth:`doctor` raises :class:`NoLibrary` before one is set.
    """

    def __init__(self, given: Settings | None = None) -> None:
        self.settings = given or settings()
        self._lock = threading.RLock()
        self._drawing = threading.Lock()
        self._refitting = threading.Lock()
        self._library: Library | None = None
        self._catalog: Catalog | None = None
        self._bulk: Bulk | None = None
        self._alike: Alike | None = None
        self.trash: ThrowAway = duplicates.system_trash
        self._posters: posters.Posters | None = None
        self._chosen = self.settings.data_dir
        self._seen = None if self._chosen else -1
        self._watcher = Watcher(self._watched, self.analyse)

    # The library ---------------------------------------------------------------------------

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

    def setup(self, data_dir: str | Path) -> Summary:
        """Choose the library, for this process and for the next start.

        Raises :class:`~sorter_core.errors.NotALibrary`; the old choice then stands.
        """
        root = check_library(data_dir)
        library = Library(root, self.settings.artifacts_dir)
        with self._lock:
            self._library, self._catalog, self._chosen = library, Catalog(library), root
            self._remember(root)
        return self.summary()

    def demo(self, progress: ReportProgress = ignore) -> Summary:
        """Draw what is missing of the demo library in its place (``DEMO_DIR``), and choose it.

        Raises ``NotALibrary``, ``TargetExists`` when other things lie there, ``StorageError``.
        """
        with self._drawing:  # two clicks are one library
            demo.write(self.settings.demo_dir, progress=progress)
        return self.setup(self.settings.demo_dir)

    def summary(self) -> Summary:
        """The library's path, how many videos are unsorted, and its folders."""
        library = self.library
        with library.looking() as tree:
            unsorted = len(tree.root().videos)
        return Summary(library.root, unsorted, library.folders())

    def folders(self) -> list[Folder]:
        """The categories by name, with their counts."""
        return self.library.folders()

    def create_folder(self, name: str) -> Folder:
        """Make a category. Raises ``InvalidName``, ``TargetExists``."""
        return self.library.create_folder(name)

    def rename_folder(self, name: str, new_name: str) -> Folder:
        """Rename a category. Raises ``InvalidName``, ``UnknownFolder``, ``TargetExists``."""
        return self.library.rename_folder(name, new_name)

    def merge_folder(self, name: str, into: str) -> BatchResult:
        """Move all videos of ``name`` to ``into``, then remove it when empty; one undo takes it back.

        Raises ``UnknownFolder``, ``InvalidInput``; names taken in ``into`` are told in the result.
        """
        batch, moved, failed = self.library.merge_folder(name, into)
        return BatchResult(batch, [(video, into) for video in moved], failed)

    def delete_folder(self, name: str) -> None:
        """Remove an empty category. Raises ``UnknownFolder``, ``TargetExists`` when it is not empty."""
        self.library.delete_folder(name)

    def videos(
        self,
        *,
        limit: int | None = None,
        offset: int = 0,
        order: str = "name",
        folder: str | None = None,
    ) -> VideoPage:
        """Unsorted videos with their guesses; ``folder`` narrows to what is predicted there."""
        return self._catalogue().videos(limit, offset, order, folder)

    def videos_json(
        self,
        *,
        limit: int | None = None,
        offset: int = 0,
        order: str = "name",
        folder: str | None = None,
    ) -> bytes:
        """The same as the JSON body of ``GET /api/videos``."""
        return self._catalogue().json(limit, offset, order, folder)

    def find(self, filename: str, folder: str | None = None) -> Path:
        """Where a video lies: unsorted first, then the folders.

        Raises ``InvalidName``, ``VideoNotFound``.
        """
        library = self.library
        return library.root.joinpath(*library.find(filename, folder))

    # Moving --------------------------------------------------------------------------------

    def sort(self, filename: str, folder: str, *, actor: str = "person") -> Move:
        """File an unsorted video.

        Raises ``InvalidName``, ``UnknownFolder``, ``VideoNotFound``, ``TargetExists``, ``Busy``, or
        a ``StorageError``; the file is then where it was.
        """
        return self.library.sort(filename, folder, actor=actor)

    def move(
        self, filename: str, source: str | None, target: str | None, *, actor: str = "person"
    ) -> Move:
        """Move a video between folders; None is the unsorted pile. Raises as :meth:`sort`."""
        return self.library.move(filename, source or "", target or "", actor=actor)

    def move_many(
        self, items: Sequence[tuple[str, str | None]], target: str | None, *, actor: str = "bulk"
    ) -> BatchResult:
        """Move (filename, folder) from wherever they lie to one place, as one batch; None: unsorted.

        What lies there already stays, without a word; one fault stops no other.
        """
        batch: int | None = None
        moved: list[tuple[str, str]] = []
        failed: list[tuple[str, str]] = []
        for filename, source in items:
            if source == target:
                continue
            try:
                batch = self.library.move(
                    filename, source or "", target or "", actor=actor, batch=batch
                ).batch
                moved.append((filename, target or ""))
            except SorterError as error:
                failed.append((filename, str(error)))
        return BatchResult(batch, moved, failed)

    def sort_many(
        self,
        items: Sequence[tuple[str, str]],
        *,
        dry_run: bool = False,
        actor: str = "bulk",
        new_folder: str | None = None,
    ) -> BatchResult:
        """File many videos as one batch, which one undo takes back; one fault stops no other.

        ``new_folder`` is made first, as a part of the batch. Raises ``InvalidName``,
        ``TargetExists`` when it can't be; nothing has moved then.
        """
        batch: int | None = None
        if new_folder is not None:
            batch = self.library.start_folder(new_folder, actor=actor, dry_run=dry_run)
        moved: list[tuple[str, str]] = []
        failed: list[tuple[str, str]] = []
        for filename, folder in items:
            try:
                if dry_run:
                    self.library.check_sort(filename, folder, made=new_folder)
                else:
                    batch = self.library.sort(filename, folder, actor=actor, batch=batch).batch
                moved.append((filename, folder))
            except SorterError as error:
                failed.append((filename, str(error)))
        return BatchResult(batch, moved, failed)

    def sort_predicted(
        self,
        threshold: float,
        folder: str | None = None,
        *,
        target: str | None = None,
        without: Collection[str] = (),
        version: str | None = None,
        dry_run: bool = False,
        new_folder: str | None = None,
    ) -> BatchResult:
        """File what is predicted (for ``folder``, or anywhere) with at least ``threshold``.

        Each goes to its predicted folder, or all to ``target``; those named in ``without`` stay.
        Raises :class:`~sorter_core.errors.Busy` when ``version`` is no more that of the predictions.
        """
        chosen = self.bulk().chosen(folder, threshold, without=without, version=version)
        items = [(name, target or guess) for name, guess in chosen if target or guess]
        return self.sort_many(items, dry_run=dry_run, new_folder=new_folder)

    def bulk(self) -> Bulk:
        """The unsorted videos by predicted folder, above a threshold."""
        catalog = self._catalogue()
        with self._lock:
            if self._bulk is None or self._bulk.catalog is not catalog:
                self._bulk = Bulk(catalog)
            return self._bulk

    def poster(self, filename: str, folder: str | None = None) -> Path:
        """The file of a small picture (WebP) of a video, made now if need be. Raises ``NotFound``."""
        library = self.library
        with self._lock:
            if self._posters is None or self._posters.library is not library:
                self._posters = posters.Posters(library, self.settings)
            drawer = self._posters
        return drawer.get(filename, folder)

    def close_posters(self) -> None:
        """End the processes that draw pictures; they come back when one is asked for."""
        if self._posters is not None:
            self._posters.close()

    def duplicates(self) -> Duplicates:
        """What is there twice, byte for byte or to the eye and ear."""
        return duplicates.find(self.library)

    def compare(self, progress: ReportProgress = ignore) -> ExtractReport:
        """Look at the pictures of videos that were not compared yet, to find near-duplicates."""
        self.scan()
        library = self.library
        chosen = self.settings.model_copy(update={"encoders": (encoders.HASHES,)})
        return features.extract(library.store, library.root, chosen, progress)

    def remove_duplicates(self, keep: Place, others: Sequence[Place], *, exact: bool) -> Removal:
        """Put ``others`` into the system's trash; ``exact`` compares all bytes with ``keep`` first."""
        return duplicates.remove(self.library, keep, others, exact=exact, throw_away=self.trash)

    def no_duplicates(self, places: Sequence[Place]) -> None:
        """Remember that these are no duplicates of each other."""
        duplicates.deny(self.library, places)

    def batches(
        self, seen: Filter | None = None, *, limit: int = 50, offset: int = 0
    ) -> list[Batch]:
        """What was done, newest first, the moves of one batch together."""
        return self.library.journal.batches(seen or Filter(), limit, offset)

    def undo(self, batch: int | None = None) -> list[Move]:
        """Take back a batch of moves, or the newest. Raises ``NothingToUndo``."""
        return self.library.undo(batch)

    def history(
        self, *, limit: int = 50, offset: int = 0, seen: Filter | None = None
    ) -> list[Move]:
        """The moves that ``seen`` lets through, or all, newest first."""
        return self.library.journal.history(limit, offset, seen)

    # In and out ----------------------------------------------------------------------------

    def preview_import(
        self,
        path: str | Path,
        options: ImportOptions | None = None,
        report: Report = importing.unheard,
    ) -> Preview:
        """What an import of ``path`` would do; nothing is changed. Raises ``InvalidInput``."""
        self.scan()
        return importing.preview(self.library, path, options or ImportOptions(), report)

    def import_from(
        self,
        path: str | Path,
        options: ImportOptions | None = None,
        report: Report = importing.unheard,
    ) -> Imported:
        """Link or copy in what ``path`` holds, as one batch; seen and cancelled from any face.

        Raises ``InvalidInput``, ``Busy`` while another import runs.
        """
        here = importing.Here(self.library, self.scan, child_environment(self.settings))
        return importing.run(here, path, options or ImportOptions(), report)

    def start_import(self, path: str | Path, options: ImportOptions | None = None) -> None:
        """The same in a thread; :meth:`import_status` tells how it goes and how it ended."""
        here = importing.Here(self.library, self.scan, child_environment(self.settings))
        importing.start(here, path, options or ImportOptions())

    def import_status(self) -> ImportStatus:
        """How far the newest import is, and how it ended, whoever did it."""
        return import_runs.status(self.library.store)

    def cancel_import(self) -> bool:
        """Tell the running import to stop; False when none runs."""
        return import_runs.cancel(self.library.store)

    def can_undo(self, batch: int | None) -> bool:
        """Whether anything of that batch can still be taken back."""
        return batch is not None and self.library.journal.can_undo(batch)

    def export(self, what: str = "videos", form: str = "csv") -> Iterator[bytes]:
        """``videos``, ``moves`` or ``decisions`` as ``csv`` or ``json``. Raises ``InvalidInput``."""
        library = self.library
        if what == "videos":
            self.scan()
        return export.export(library, what, form)

    def watches(self) -> bool:
        """Whether new files are to be noticed while the app is open."""
        return learning.recall(self.library, _WATCH) == "1"

    def watch(self, *, on: bool) -> None:
        """Turn that on or off, for this library, also for the next start."""
        learning.remember(self.library, _WATCH, "1" if on else "0")
        self.keep_watching()

    def keep_watching(self) -> None:
        """Begin to watch in this process, if it is turned on and not done yet; the app calls it."""
        self._watcher.ensure()

    def stop_watching(self) -> None:
        """Stop it in this process; it stays turned on."""
        self._watcher.stop()

    def _watched(self) -> Library | None:
        return self.library if self.data_dir is not None and self.watches() else None

    # Finding -------------------------------------------------------------------------------

    def search(self, query: str, *, limit: int = 50, offset: int = 0) -> Hits:
        """The videos that have all words of ``query`` in their texts or names, filed ones too."""
        return search.find(self.library, query, limit=limit, offset=offset)

    def search_alike(self, filename: str, folder: str | None = None, *, limit: int = 50) -> Hits:
        """The videos most like this one. Raises ``InvalidName``, ``VideoNotFound``."""
        return self.alike().like(filename, folder, limit=limit)

    def search_described(self, words: str, *, limit: int = 50) -> Hits:
        """The videos that the words describe, where ``clip`` is in use. Raises ``Conflict``."""
        return self.alike().described(words, limit=limit)

    def search_pictured(self, picture: bytes, *, limit: int = 50) -> Hits:
        """The videos that look like a picture. Raises ``InvalidInput``, ``Conflict``."""
        return self.alike().pictured(picture, limit=limit)

    def alike(self) -> Alike:
        """What compares videos by their stored vectors."""
        library = self.library
        with self._lock:
            if self._alike is None or self._alike.library is not library:
                self._alike = Alike(library, self.settings)
            return self._alike

    # Analysis and learning, in this process ----------------------------------------------------

    def scan(self, progress: ReportProgress = ignore) -> ScanReport:
        """Look over the whole library and take note of what came, went and moved."""
        library = self.library
        report = scan(library, progress)
        if report.new or report.moved or report.missing:
            with library.store.write() as db:
                learning.touch(db, "scan")
        search.refresh(library)
        return report

    def extract(self, progress: ReportProgress = ignore) -> ExtractReport:
        """Analyse what has not been analysed yet; what was done stays when it is stopped."""
        self.scan()
        library = self.library
        return features.extract(library.store, library.root, self.chosen_settings(), progress)

    def train(self, progress: ReportProgress = ignore) -> Run:
        """Learn from what is filed and make the model the current one. Raises ``NotEnoughLabels``."""
        self.scan()
        library = self.library
        candidate = learning.train(library, self.chosen_settings(), progress)
        with library.store.write() as db:
            learning.publisher(candidate, None)(db)
        return learning.run(library)

    def predict(self, progress: ReportProgress = ignore, *, top_k: int = 3) -> VideoPage:
        """Guess a folder for each unsorted video, and write ``predictions.json``.

        Before the first training the folders' names are gone by, where ``clip`` is in use. Raises
        ``ModelMissing``.
        """
        self.scan()
        kept = max(SHOWN, top_k)  # the pages and the API show three, whatever is asked for here
        library = self.library
        made = None
        if not learning.runs(library, 1):
            made = zero_shot.predict(library, self.chosen_settings(), progress, kept)
        if made is None:
            made = learning.predict(library, learning.current_model(library), progress, kept)
        with library.store.write() as db:
            learning.publisher(None, made)(db)
        learning.after_publishing(library)
        page = self.videos()
        cut = [replace(video, guesses=video.guesses[:top_k]) for video in page.videos]
        return replace(page, videos=cut)

    def evaluate(self) -> dict[str, Any]:
        """The report of the newest training. Raises ``ModelMissing``."""
        return dict(learning.run(self.library).report)

    def runs(self, limit: int = 50) -> list[Run]:
        """The finished trainings, newest first."""
        return learning.runs(self.library, limit)

    def run(self, number: int) -> Run:
        """One training with its report. Raises ``ModelMissing``."""
        return learning.run(self.library, number)

    def review(self, run: int | None = None, against: int | None = None) -> Review:
        """The newest training, or ``run``, looked at closely. Raises ``ModelMissing``."""
        return review.review(self.library, run, against)

    def cell(self, folder: str, predicted: str, run: int | None = None) -> Doubts:
        """The videos of a cell of the confusion matrix. Raises ``ModelMissing``."""
        library = self.library
        return review.cell(library, learning.run(library, run).report, folder, predicted)

    def misfilings(self) -> Doubts:
        """Videos that may lie in the wrong folder, the likeliest first. Raises ``ModelMissing``."""
        library = self.library
        return review.misfilings(library, learning.run(library).report)

    def keep(self, filename: str, folder: str, *, doubt: bool = False) -> None:
        """Remember for good that a video is right in its folder; ``doubt`` takes that back.

        Raises ``InvalidName``, ``UnknownFolder``, ``VideoNotFound``.
        """
        (review.doubt_again if doubt else review.keep)(self.library, filename, folder)

    def atlas(self, run: int | None = None) -> Atlas:
        """The videos on a map, those that look alike close together. Raises ``ModelMissing``."""
        return atlas.atlas(self.library, run)

    # What TikTok is asked ------------------------------------------------------------------

    def downloads(self) -> Downloads:
        """The queue of links that are to become videos of the library."""
        from sorter_core.extraction.downloads import Downloads

        library = self.library
        return Downloads(library.store, library.root, self._environment())

    def fills(self) -> Fills:
        """The queue of questions about videos that the library holds already."""
        from sorter_core.extraction.fill import Fills

        library, rate = self.library, self.settings.fill_per_minute
        return Fills(library.store, library.root, self._environment(), per_minute=rate)

    def fill(self, *, limit: int | None = None, again: bool = False) -> FillStatus:
        """Have TikTok asked, once and slowly, for the captions of videos named after their ids.

        ``limit``: at most so many; ``again``: also those that TikTok did not show when asked.
        """
        return self.fills().start(self._names(), limit=limit, again=again)

    def unfilled(self) -> int:
        """How many videos :meth:`fill` would ask for."""
        return len(self.fills().missing(self._names()))

    def _names(self) -> list[str]:
        with self.library.looking() as tree:
            listings = [tree.root(), *tree.folders().values()]
            return [name for listing in listings for name in listing.videos]

    def write_report(self, output: Path) -> Path:
        """Write the newest training's report as one HTML file. Raises ``ModelMissing``, ``StorageError``."""
        library = self.library
        found = review.review(library)
        doubts = review.misfilings(library, found.run.report)
        return report.write(report.page(found, doubts, library.root.name), output)

    # The background job --------------------------------------------------------------------

    def retrain(self) -> Literal["started", "already_running"]:
        """Analyse, train and predict in a process of its own."""
        return self._start_job()

    def analyse(self) -> Literal["started", "already_running"]:
        """The same without the training, where there is a model or too little to learn from."""
        taught = sum(folder.count > 0 for folder in self.folders()) > 1
        if taught and not learning.runs(self.library, 1):
            return self._start_job()
        return self._start_job("--no-train")

    def _start_job(self, *options: str) -> Literal["started", "already_running"]:
        library = self.library
        started = jobs.start(
            jobs.Jobs(library.store),
            ["run-job", "--library", str(library.root), *options],
            library.artifacts / "job.log",
            self._environment(),
        )
        return "started" if started else "already_running"

    def refit(self) -> refitting.Refit:
        """Learn the newest labels at once, without a job, and guess anew; one at a time.

        Raises ``ModelMissing`` before the first training, ``NotEnoughLabels``.
        """
        with self._refitting:
            return refitting.refit(self.library, self.settings)

    def cancel(self) -> bool:
        """Tell the running job to stop; False when none runs."""
        return jobs.Jobs(self.library.store).cancel()

    def job(self) -> JobStatus:
        """The state of the newest job, whoever started it."""
        return jobs.Jobs(self.library.store).status()

    def failures(self) -> list[Failure]:
        """The videos that could not be analysed, and why."""
        return features.failures(self.library.store)

    def failure_count(self) -> int:
        """How many there are; :meth:`failures` gives the first thousand."""
        return features.failure_count(self.library.store)

    def retry_failures(self) -> int:
        """Let the next analysis try again what failed; returns how many reasons were dropped."""
        return features.forget_failures(self.library.store)

    def encoders(self) -> tuple[str, ...]:
        """The encoders that this library uses: the person's choice, else those of the settings."""
        kept = learning.recall(self.library, "encoders")
        return tuple(json.loads(kept)) if kept else self.settings.encoders

    def choose_encoders(self, names: Sequence[str]) -> None:
        """Use ``names`` from the next analysis on. Raises ``InvalidInput`` for an unknown or no name."""
        known = encoders.available()
        if not names or not set(names) <= known.keys():
            raise InvalidInput(f"Choose at least one of {', '.join(known)}.")
        learning.remember(
            self.library, "encoders", json.dumps(sorted(set(names), key=list(known).index))
        )

    def chosen_settings(self) -> Settings:
        """The settings, with the encoders that this library uses."""
        return self.settings.model_copy(update={"encoders": self.encoders()})

    def encoder_states(self) -> list[pulls.EncoderState]:
        """All encoders: what each is, whether it is in use, and whether it can run here."""
        return pulls.states(self.settings, self._in_use())

    def encoder_state(self, name: str) -> pulls.EncoderState:
        """One of them. Raises ``InvalidInput`` for a name that is none."""
        return pulls.state(self.settings, name, self._in_use())

    def _in_use(self) -> tuple[str, ...]:
        return self.encoders() if self.data_dir else self.settings.encoders

    def pull(self, name: str) -> Literal["started", "already_running"]:
        """Fetch the model of an encoder in a process of its own. Raises ``InvalidInput``, ``Conflict``."""
        return pulls.begin(self.settings, name, self._environment())

    def cancel_pull(self) -> bool:
        """Stop the fetching of a model; False when none runs."""
        return pulls.cancel(self.settings)

    def news(self) -> News:
        """What the next training would have that the last one had not."""
        library, summary = self.library, self.summary()
        labelled = sum(folder.count for folder in summary.folders)
        newest = learning.runs(library, 1)
        known = newest[0].videos if newest else 0
        moved = learning.filed_since(library, newest[0].finished_at) if newest else 0
        unanalysed = features.missing_count(library.store, self.encoders()) + library.unscanned()
        return News(summary.unsorted, labelled, unanalysed, max(moved, labelled - known))

    def doctor(self) -> list[checks.Check]:
        """What of this machine and library is well, and what to do about the rest."""
        return checks.run(self.settings, self.data_dir)

    # ---------------------------------------------------------------------------------------

    def _catalogue(self) -> Catalog:
        with self._lock:
            _ = self.library
            if self._catalog is None:
                raise NoLibrary("No library is set.")
            return self._catalog

    def _state_file(self) -> Path:
        return self.settings.state_dir / "library.json"

    def _remember(self, root: Path) -> None:
        self.settings.state_dir.mkdir(parents=True, exist_ok=True)
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
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        }


def child_environment(chosen: Settings) -> dict[str, str]:
    """``chosen`` as variables; secrets are left to the environment they came from.

    >>> child_environment(Settings(_env_file=None, seed=7))["SEED"]
    '7'
    """
    secrets = {name for name, value in chosen if isinstance(value, SecretStr)}
    values = chosen.model_dump(mode="json", exclude_none=True, exclude=secrets)
    return {k.upper(): ",".join(v) if isinstance(v, list) else str(v) for k, v in values.items()}


def run_job(library: Path, number: int, *, train: bool = True) -> int:
    """What the job's child process does; returns its exit code.

    Without ``train`` the model there is predicts what is new; where there is none, nothing does.
    """
    sorter = Sorter(settings().model_copy(update={"data_dir": library}))
    opened = sorter.library
    job = jobs.Job(jobs.Jobs(opened.store), number)
    seconds = sorter.settings.stage_seconds
    try:
        with job.running():
            with job.stage(STAGES[0], seconds):
                report = sorter.extract(job.progress)
                job.failed(sum(failure.encoder == features.MEDIA for failure in report.failures))
            if not train:
                _predict_only(opened, sorter.chosen_settings(), job, seconds)
                return 0
            _learn(opened, sorter.chosen_settings(), job, seconds)
            learning.after_publishing(opened)
    except SorterError as error:
        print(error)  # noqa: T201 - the log that the starting process reads
        return 1
    return 0


def _learn(library: Library, chosen: Settings, job: jobs.Job, seconds: float) -> None:
    """Train and predict; with nothing to learn from, by the folders' names, where that can be."""
    candidate, made = None, None
    with job.stage(STAGES[1], seconds):
        try:
            candidate = learning.train(library, chosen, job.progress)
        except NotEnoughLabels:
            made = zero_shot.predict(library, chosen, job.progress)
            if made is None:
                raise
    with job.stage(STAGES[2], seconds):
        if candidate is not None:
            made = learning.predict(library, candidate.trained.model, job.progress)
        job.publish(learning.publisher(candidate, made))


def _predict_only(library: Library, chosen: Settings, job: jobs.Job, seconds: float) -> None:
    with job.stage(STAGES[2], seconds):
        if learning.runs(library, 1):
            model = learning.current_model(library)
            made: list[Prediction] | None = learning.predict(library, model, job.progress)
        else:
            made = zero_shot.predict(library, chosen, job.progress)
        job.publish(learning.publisher(None, made))
    if made is not None:
        learning.after_publishing(library)


@lru_cache(maxsize=1)
def shared() -> Sorter:
    """The one Sorter of this process, which pages and routes share."""
    return Sorter()
