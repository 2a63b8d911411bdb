"""Every error the core raises on purpose.

SorterError                     what a person can be told; its text says what to do
├── InvalidInput                what was asked for makes no sense
│   ├── InvalidName             a name that is no single, plain path component
│   ├── UnknownFolder           no such folder in the library
│   └── NotALibrary             the path is missing, or no directory
├── NotFound                    a thing that is not (or no longer) there
│   ├── VideoNotFound           the video is not there, or was sorted already
│   └── NothingToUndo           no move is left that could be undone
├── Conflict                    the state of the disk forbids it
│   ├── TargetExists            a file of that name is there already; nothing is overwritten
│   └── Busy                    another process is moving this very file
├── NoLibrary                   no library is set
├── StorageError                the disk or the store refused
│   ├── DiskFull                no space is left
│   └── ReadOnly                no right to write there
├── MediaError                  the file is no video that can be decoded
│   └── LimitExceeded           decoding went over a limit of time, memory or pixels
├── CannotEncode                this clip has nothing for this encoder (no sound, no text)
├── EncoderUnavailable          a package or a model is missing; the text holds the command
├── LearningError               training or prediction can't be done
│   ├── NotEnoughLabels         fewer than two folders with enough videos
│   └── ModelMissing            nothing has been trained yet, or its file is damaged
└── JobError                    the background job can't go on
    ├── JobCancelled            a person cancelled it
    ├── JobLost                 another process took the job over
    └── StageTimeout            a stage took longer than it may
"""


class SorterError(Exception):
    """Base of all; ``str(error)`` is a sentence for the person."""


class InvalidInput(SorterError):
    """What was asked for makes no sense."""


class InvalidName(InvalidInput):
    """A name that is no single, plain path component."""


class UnknownFolder(InvalidInput):
    """No such folder in the library."""


class NotALibrary(InvalidInput):
    """The path is missing, or no directory."""


class NotFound(SorterError):
    """A thing that is not, or no longer, there."""


class VideoNotFound(NotFound):
    """The video is not there, or was sorted already."""


class NothingToUndo(NotFound):
    """No move is left that could be undone."""


class Conflict(SorterError):
    """The state of the disk forbids it."""


class TargetExists(Conflict):
    """A file of that name is there already; nothing is overwritten."""


class Busy(Conflict):
    """Another process is moving this very file."""


class NoLibrary(SorterError):
    """No library is set."""


class StorageError(SorterError):
    """The disk or the store refused."""


class DiskFull(StorageError):
    """No space is left."""


class ReadOnly(StorageError):
    """No right to write there."""


class MediaError(SorterError):
    """The file is no video that can be decoded."""


class LimitExceeded(MediaError):
    """Decoding went over a limit of time, memory or pixels."""


class CannotEncode(SorterError):
    """This clip has nothing for this encoder (no sound, no text)."""


class EncoderUnavailable(SorterError):
    """A package or a model is missing; the text holds the command that brings it."""


class LearningError(SorterError):
    """Training or prediction can't be done."""


class NotEnoughLabels(LearningError):
    """Fewer than two folders with enough videos."""


class ModelMissing(LearningError):
    """Nothing has been trained yet, or the model's file is damaged."""


class JobError(SorterError):
    """The background job can't go on."""


class JobCancelled(JobError):
    """A person cancelled it."""


class JobLost(JobError):
    """Another process took the job over."""


class StageTimeout(JobError):
    """A stage took longer than it may."""
