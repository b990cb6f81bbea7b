"""The one error tree of Coldpoint.

Every message is one line and says who, what was found, what was expected, and what to do now.
"""


class ColdpointError(Exception):
    """Be the root of every error that Coldpoint raises on purpose."""


class ConfigurationError(ColdpointError):
    """Raise when a file, a setting or a command line asks for something that cannot be."""


class LimitError(ColdpointError):
    """Raise when a value lies outside a limit; nothing has been sent to the instrument."""


class RefusedError(ColdpointError):
    """Raise when an operation would be unsafe or senseless in the present state of the station."""


class InstrumentError(ColdpointError):
    """Raise when an instrument reports an error or does not do what it was told."""


class CommunicationError(InstrumentError):
    """Raise when an instrument does not answer, or its link is broken."""


class DesynchronisedError(CommunicationError):
    """Raise when a reply cannot belong to the question; the reply is never returned as data."""


class NotSettledError(InstrumentError):
    """Raise when a quantity has not settled within its time-out; it carries the last reading."""


class StationBusyError(ColdpointError):
    """Raise when another process owns the station; it names the owner."""


class StorageError(ColdpointError):
    """Raise when data cannot be written or read; what was acknowledged is on disk."""


class StoppedError(ColdpointError):
    """Raise inside a procedure that has been asked to stop."""


def one_line(failure: BaseException) -> str:
    """Return what a failure says in one line; its kind if it says nothing."""
    return " ".join(str(failure).split()) or type(failure).__name__
