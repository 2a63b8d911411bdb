"""The store's tables, as ordered steps; a step that has landed is never edited, only followed."""

from __future__ import annotations

import sqlite3


def _first(db: sqlite3.Connection) -> None:
    _run(
        db,
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        -- One row a content; a move or a rename leaves it as it is.
        CREATE TABLE videos (
            fingerprint TEXT PRIMARY KEY,
            size INTEGER NOT NULL,
            seen_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
        ) WITHOUT ROWID;

        -- Where contents lie, as of the last look; '' is the unsorted pile.
        CREATE TABLE files (
            folder TEXT NOT NULL,
            name TEXT NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            fingerprint TEXT NOT NULL,
            sidecar_ns INTEGER,
            PRIMARY KEY (folder, name)
        ) WITHOUT ROWID;
        CREATE INDEX files_fingerprint ON files (fingerprint);

        -- A vector, or the reason why there is none.
        CREATE TABLE features (
            fingerprint TEXT NOT NULL,
            encoder TEXT NOT NULL,
            version TEXT NOT NULL,
            vector BLOB,
            reason TEXT,
            UNIQUE (fingerprint, encoder, version),
            CHECK ((vector IS NULL) <> (reason IS NULL))
        );
        CREATE INDEX features_reason ON features (encoder) WHERE reason IS NOT NULL;

        CREATE TABLE texts (
            fingerprint TEXT NOT NULL,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (fingerprint, kind)
        ) WITHOUT ROWID;

        CREATE TABLE moves (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            batch INTEGER,
            kind TEXT NOT NULL,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            fingerprint TEXT,
            state TEXT NOT NULL CHECK (state IN ('planned', 'done', 'failed', 'undone')),
            actor TEXT NOT NULL,
            owner TEXT NOT NULL,
            undoes INTEGER REFERENCES moves (id),
            error TEXT,
            at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
        );
        -- The claim: one process at a time moves a file, and only one aims at a name.
        CREATE UNIQUE INDEX moves_source ON moves (source) WHERE state = 'planned';
        CREATE UNIQUE INDEX moves_target ON moves (target) WHERE state = 'planned';
        CREATE INDEX moves_undoable ON moves (batch) WHERE state = 'done' AND undoes IS NULL;

        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            finished_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
            classifier TEXT NOT NULL,
            videos INTEGER NOT NULL,
            folders INTEGER NOT NULL,
            accuracy REAL,
            model TEXT NOT NULL,
            report TEXT NOT NULL
        );

        CREATE TABLE predictions (
            fingerprint TEXT PRIMARY KEY,
            run INTEGER NOT NULL,
            folder TEXT NOT NULL,
            confidence REAL NOT NULL,
            guesses TEXT NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            state TEXT NOT NULL CHECK (state IN ('active', 'success', 'failed', 'cancelled')),
            owner TEXT,
            heartbeat REAL NOT NULL,
            cancelling INTEGER NOT NULL DEFAULT 0,
            stage TEXT,
            stage_started REAL,
            done INTEGER NOT NULL DEFAULT 0,
            total INTEGER NOT NULL DEFAULT 0,
            failures INTEGER NOT NULL DEFAULT 0,
            started_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
            finished_at TEXT,
            result TEXT
        );
        CREATE UNIQUE INDEX jobs_active ON jobs (state) WHERE state = 'active';

        CREATE TABLE decisions (
            fingerprint TEXT NOT NULL,
            kind TEXT NOT NULL,
            value TEXT NOT NULL,
            at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
            PRIMARY KEY (fingerprint, kind, value)
        ) WITHOUT ROWID;
        """,
    )


def _downloads(db: sqlite3.Connection) -> None:
    _run(
        db,
        """
        -- One row a link that is to become a video of the library.
        CREATE TABLE downloads (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            batch INTEGER NOT NULL,
            url TEXT NOT NULL,
            state TEXT NOT NULL
                CHECK (state IN ('waiting', 'running', 'done', 'known', 'failed', 'cancelled')),
            owner TEXT,
            cancelling INTEGER NOT NULL DEFAULT 0,
            filename TEXT,
            received INTEGER NOT NULL DEFAULT 0,
            size INTEGER NOT NULL DEFAULT 0,
            code TEXT,
            error TEXT,
            changed REAL NOT NULL
        );
        -- The claim: one video at a time, by one process.
        CREATE UNIQUE INDEX downloads_running ON downloads (state) WHERE state = 'running';
        CREATE INDEX downloads_waiting ON downloads (id) WHERE state = 'waiting';
        CREATE INDEX downloads_batch ON downloads (batch);
        """,
    )


def _fills(db: sqlite3.Connection) -> None:
    """The queue takes more than downloads: one row of each kind may run."""
    _run(
        db,
        """
        ALTER TABLE downloads ADD COLUMN kind TEXT NOT NULL DEFAULT 'download';
        DROP INDEX downloads_running;
        DROP INDEX downloads_waiting;
        DROP INDEX downloads_batch;
        CREATE UNIQUE INDEX downloads_running ON downloads (kind) WHERE state = 'running';
        CREATE INDEX downloads_waiting ON downloads (kind, id) WHERE state = 'waiting';
        CREATE INDEX downloads_batch ON downloads (kind, batch, state);
        CREATE INDEX downloads_url ON downloads (kind, url);
        """,
    )


def _search(db: sqlite3.Connection) -> None:
    _run(
        db,
        """
        -- What the words of a video are known by; a copy is the same video.
        CREATE TABLE search_videos (
            id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, folder TEXT NOT NULL
        );
        CREATE TRIGGER search_file_moved AFTER UPDATE OF folder ON files
            WHEN new.folder <> old.folder
            BEGIN UPDATE search_videos SET folder = new.folder WHERE fingerprint = new.fingerprint; END;
        CREATE VIRTUAL TABLE search_words USING fts5 (
            words, prefix = '1 2 3', tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
        );
        -- What is to be read again, since its texts or its name changed; a move changes neither.
        CREATE TABLE search_stale (fingerprint TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TRIGGER search_text_in AFTER INSERT ON texts
            BEGIN INSERT OR REPLACE INTO search_stale VALUES (new.fingerprint); END;
        CREATE TRIGGER search_text_new AFTER UPDATE ON texts
            BEGIN INSERT OR REPLACE INTO search_stale VALUES (new.fingerprint); END;
        CREATE TRIGGER search_text_out AFTER DELETE ON texts
            BEGIN INSERT OR REPLACE INTO search_stale VALUES (old.fingerprint); END;
        CREATE TRIGGER search_file_instead BEFORE INSERT ON files
            BEGIN INSERT OR REPLACE INTO search_stale
                SELECT fingerprint FROM files WHERE folder = new.folder AND name = new.name; END;
        CREATE TRIGGER search_file_in AFTER INSERT ON files
            BEGIN INSERT OR REPLACE INTO search_stale VALUES (new.fingerprint); END;
        CREATE TRIGGER search_file_new AFTER UPDATE ON files
            WHEN new.name <> old.name OR new.fingerprint <> old.fingerprint
            BEGIN INSERT OR REPLACE INTO search_stale VALUES (old.fingerprint), (new.fingerprint); END;
        CREATE TRIGGER search_file_out AFTER DELETE ON files
            BEGIN INSERT OR REPLACE INTO search_stale VALUES (old.fingerprint); END;
        INSERT INTO search_stale SELECT DISTINCT fingerprint FROM files;
        """,
    )


def _batches(db: sqlite3.Connection) -> None:
    """The newest batches without a look at all moves."""
    db.execute("CREATE INDEX moves_batch ON moves (batch)")


def _named(db: sqlite3.Connection) -> None:
    """A number of its own: a file made anew may get the inode of the one that was deleted."""
    db.execute("INSERT INTO meta VALUES ('id', random() & 9223372036854775807)")


def _novelty(db: sqlite3.Connection) -> None:
    """How usual a video is for the library's folders: a p-value, NULL where nobody can tell."""
    db.execute("ALTER TABLE predictions ADD COLUMN typicality REAL")


def _again(db: sqlite3.Connection) -> None:
    """What an encoder is to read again, though what it read before still counts."""
    db.execute(
        "CREATE TABLE again (fingerprint TEXT NOT NULL, encoder TEXT NOT NULL,"
        " PRIMARY KEY (fingerprint, encoder)) WITHOUT ROWID"
    )


def _aside(db: sqlite3.Connection) -> None:
    """Guesses as they were before the folder of a deletion went; ``now``: what stands instead."""
    db.execute(
        "CREATE TABLE predictions_aside (move INTEGER NOT NULL, fingerprint TEXT NOT NULL,"
        " run INTEGER NOT NULL, folder TEXT NOT NULL, confidence REAL NOT NULL, guesses TEXT NOT NULL,"
        " typicality REAL, now TEXT, PRIMARY KEY (move, fingerprint)) WITHOUT ROWID"
    )


NEWER = "was written by a newer version of this program"
"""What is said of a store that knows more steps than this program."""
MIGRATIONS = (_first, _downloads, _fills, _search, _batches, _named, _novelty, _again, _aside)


def migrate(db: sqlite3.Connection) -> None:
    """Bring ``db`` to the newest form; each step is a transaction of its own.

    Raises ``sqlite3.DatabaseError`` when the file was written by a newer program.

    >>> db = sqlite3.connect(":memory:", isolation_level=None)
    >>> migrate(db), migrate(db)
    (None, None)
    """
    if _version(db) > len(MIGRATIONS):
        raise sqlite3.DatabaseError(NEWER)
    while _version(db) < len(MIGRATIONS):
        db.execute("BEGIN IMMEDIATE")
        try:
            number = _version(db)  # another process may have been first
            if number < len(MIGRATIONS):
                MIGRATIONS[number](db)
                db.execute(f"PRAGMA user_version = {number + 1}")
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:  # a full disk has rolled back by itself
                db.execute("ROLLBACK")
            raise


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _run(db: sqlite3.Connection, script: str) -> None:
    """Statement by statement: ``executescript`` would commit first and break the step in two."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""
