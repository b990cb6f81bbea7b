"""Tell the journal when the cryostat falls silent, and when it answers again."""

from contextlib import suppress

from daq.runs.journal import Journal
from instruments.errors import StorageError
from instruments.ppms.cryostat import Cryostat


class CryostatNews:
    """Look at a cryostat from time to time; `look` is for the heartbeat of a campaign.

    Parameters
    ----------
    cryostat
        Of the station.
    journal
        Of the campaign.
    """

    def __init__(self, cryostat: Cryostat, journal: Journal) -> None:
        self._cryostat = cryostat
        self._journal = journal
        self._silent = False

    def look(self) -> None:
        """Write a line when something has changed; never waits for the cryostat."""
        trouble = self._cryostat.trouble
        if (trouble is not None) is self._silent:
            return
        self._silent = trouble is not None
        last = self._cryostat.reading
        with suppress(StorageError):  # the next row will say so
            if trouble is None:
                self._journal.event("cryostat answers")
            else:
                self._journal.event(
                    "cryostat silent",
                    why=self._cryostat.last_failure,
                    temperature=last.temperature,
                    field=last.field,
                )
