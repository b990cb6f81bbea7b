"""A station in a script: open it, measure, look at the data.

::

    from daq import Lab
    from procedures.bias_spectrum import BiasSpectrum

    with Lab.open("simulated") as lab:
        lab.temperature(1.9)
        run = lab.run(BiasSpectrum(start=-1e-4, stop=1e-4))
    run.data
"""

import threading
from pathlib import Path
from typing import Self

from daq.config.station import load_station
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.engine import execute
from daq.runs.files import Run, open_run
from daq.station_file import open_configured
from instruments.closing import Closing
from instruments.errors import ColdpointError
from instruments.station import Station
from instruments.switch import Ask
from instruments.waiting import Event, Steps, drive
from procedures.base import StationProcedure
from procedures.contact import reach_contact
from procedures.environment import reach_angle, reach_field, reach_temperature

DATA = Path("coldpoint-data")


class Lab(Closing):
    """An open station and a campaign folder for its runs; make one with `open`.

    Parameters
    ----------
    station
        The open station.
    folder
        Where runs go.
    """

    def __init__(self, station: Station, folder: CampaignFolder) -> None:
        self.station = station
        self.folder = folder
        self.stop = threading.Event()

    @classmethod
    def open(
        cls,
        station: str | Path,
        *,
        data: str | Path = DATA,
        title: str = "script",
        ask: Ask | None = None,
    ) -> Self:
        """Open a station by file or name, with a new campaign folder.

        Parameters
        ----------
        station
            A station file, or the name of one in configs/stations.
        data
            The folder of all campaigns.
        title
            Of the campaign.
        ask
            Asks a person to wire a contact, where the switch is ``AskOperator``; given its name,
            it tells whether that has been done.

        Returns
        -------
        Lab
            Use it in a ``with`` block, so that the station is made safe and closed.
        """
        config = load_station(station)
        opened = open_configured(config, ask=ask)
        try:
            folder = CampaignFolder.create(
                Path(data),
                title,
                opened.clock,
                {"script": title},
                sequence="",
                station=config.text,
            )
        except BaseException:
            opened.close()
            raise
        return cls(opened, folder)

    def run(self, procedure: StationProcedure) -> Run:
        """Carry out one procedure and return its run.

        Parameters
        ----------
        procedure
            With its settings.

        Returns
        -------
        Run
            `Run.data` is a DataFrame.

        Raises
        ------
        ColdpointError
            The run did not finish; what was measured is on disk.
        """
        sink = self.folder.begin_run(procedure, self.station)
        outcome = execute(procedure, self.station, sink, self.stop)
        if outcome.status != "finished":
            raise ColdpointError(f"{procedure.name} {outcome.status}: {outcome.error} ({sink.csv})")
        return open_run(sink.csv)

    def temperature(self, to: float, rate: float | None = None) -> None:
        """Bring the sample to a temperature in K, at a rate in K/s, and wait for it."""
        self._drive(reach_temperature(self.station, to, rate))

    def field(self, to: float, rate: float | None = None) -> None:
        """Bring the magnet to a field in T, at a rate in T/s, and wait until it has settled."""
        self._drive(reach_field(self.station, to, rate))

    def angle(self, to: float, rate: float | None = None) -> None:
        """Turn the sample to an angle in degrees and wait until it has settled."""
        self._drive(reach_angle(self.station, to, rate))

    def contact(self, name: str) -> None:
        """Go over to another contact of the station, at 0 A and with the oscillator down."""
        self._drive(reach_contact(self.station, name))

    def close(self) -> None:
        """Make the station safe and close it."""
        try:
            self.station.make_safe()
        finally:
            self.folder.close()
            self.station.close()

    def _drive(self, story: Steps[None]) -> None:
        def ignore(event: Event) -> None:
            """Do nothing: nobody follows a script."""

        drive(story, self.station.clock, stopped=self.stop.is_set, handle=ignore, stop=self.stop)
