"""The station page: what every instrument shows, what a person sets by hand, and Make safe."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from qtpy import QtCore, QtWidgets

from daq.app.gui.bias_group import CURRENT, VOLTAGE, BiasGroup
from daq.app.gui.campaign_state import RunnerState
from daq.app.gui.cryostat_group import CryostatGroup
from daq.app.gui.held_station import HeldStation
from daq.app.gui.lamp import redraw, tell, trouble_label, weigh
from daq.app.gui.make_safe import MakeSafe
from daq.app.gui.page import Context, Page
from daq.app.gui.scrolled import scrolled
from daq.app.gui.station_choice import StationChoice
from daq.app.gui.station_owner import is_simulated, kind_in_words, owned_by, owner_in_words
from daq.app.gui.station_readings import UNKNOWN, Shown, from_state
from daq.app.gui.theme import Theme
from daq.app.gui.unit_group import UnitGroup
from daq.app.gui.work import timer
from daq.campaign.following import STATION
from daq.config.station import StationConfig

DC = "dc voltage"
LOOK = 1000
"""Milliseconds between two looks who owns the station."""


class StationPage(Page):
    """The instruments of one station.

    Parameters
    ----------
    context
        What all pages share.
    """

    name = "station"
    title = "Station"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.choice = StationChoice(context)
        self.take = QtWidgets.QPushButton("&Take the station")
        self.take.setProperty("role", "primary")
        self.let_go = QtWidgets.QPushButton("&Let go")
        self.let_go.setToolTip(
            "Current and excitation go to zero; the cryostat stays as it was set"
        )
        self.safe = QtWidgets.QPushButton("MAKE SAFE")
        self.safe.setProperty("role", "danger")
        self.safe.setToolTip(
            "Take every output down now: the runner is asked, and after 3 s without an answer it is"
            " ended and the guardian's landing is done (Ctrl+Shift+M)"
        )
        self.safe.setShortcut("Ctrl+Shift+M")
        self.kind = QtWidgets.QLabel()
        self.kind.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
        self.owner = QtWidgets.QLabel("choose a station")
        self.owner.setWordWrap(True)
        self.outcome = trouble_label()
        self.trouble = trouble_label()
        self.cryostat = CryostatGroup()
        self.lockin = UnitGroup(
            "Lock-in",
            (
                *("X", "Y", "R", "phase", "sensitivity", "time constant", "oscillator"),
                *("excitation", DC),
            ),
            4,
            ("overload", "reference unlocked"),
        )
        self.source = UnitGroup(
            "Current source", ("current", "compliance limit", "output"), 1, ("compliance",)
        )
        self.lockin.offer(DC, offered=False)
        self.bias = BiasGroup()
        self.config: StationConfig | None = None
        self.held = HeldStation(self)
        self.maker = MakeSafe(context, self.held, self)
        self.runner = RunnerState(context.campaign, self)
        self._followed: Path | None = None
        self._showed_campaign = False
        self._looks = timer(self, LOOK)
        self._lay_out()
        self._connect()
        self.choice.choose(context.settings.text("station"))
        self.retheme(context.theme)
        self._stand()

    def activated(self) -> None:
        """Show what is, and go on to hold what was held."""
        self._looks.start()
        self.held.keep()
        self._look()

    def deactivated(self) -> None:
        """Ask for nothing; a station that is held is let go after some seconds."""
        self._looks.stop()
        self.held.pause()

    def closing(self) -> None:
        """Let the station go."""
        self._looks.stop()
        self.choice.open.close_dialog()
        self.maker.close()
        self.runner.close()
        self.held.close()

    def retheme(self, theme: Theme) -> None:
        """Give Make safe the colour that cannot be overlooked."""
        colours = f"background: {theme.bad}; color: {theme.on_accent}; border: 0;"
        self.safe.setStyleSheet(f"QPushButton {{ {colours} border-radius: 6px; font-weight: 700 }}")

    @property
    def in_campaign(self) -> bool:
        """Tell whether the campaign that the window follows owns the station."""
        return owned_by(self.context.campaign, self.config)

    def make_safe(self) -> None:
        """Make the station safe, whoever owns it."""
        if self.config is None:
            tell(self.outcome, "choose a station first: nothing is known of any outputs")
            weigh(self.outcome, "bad")
            return
        virtual = self.config.simulated is not None
        self.maker.begin(self.choice.file, virtual=virtual, campaign=self.in_campaign)

    def set_axis(self, what: str, to: str, rate: str) -> None:
        """Set temperature, field or angle.

        Parameters
        ----------
        what
            Which of them.
        to
            With its unit.
        rate
            The same; empty for the station's own.
        """
        said = {"do": "set", "what": what, "to": to, "rate": rate}
        self.held.ask(
            said, lambda _: self.cryostat.accepted(what), partial(self.cryostat.refuse, what)
        )

    def set_bias(self, quantities: Mapping[str, str]) -> None:
        """Bias by hand and measure the response."""
        self.bias.begin()
        self.held.ask({"do": "bias", **quantities}, self._measured, self._not_measured)

    def _measured(self, answer: Mapping[str, Any]) -> None:
        self.bias.show_reading(answer)
        self._stand()

    def _not_measured(self, why: str) -> None:
        self.bias.result.setText(UNKNOWN)
        self.bias.answered(why)
        self._stand()

    def _rest(self) -> None:
        def rested(_: Mapping[str, Any]) -> None:
            self.bias.result.setText(UNKNOWN)
            self.bias.answered("")

        self.held.ask({"do": "rest"}, rested, self.bias.answered)

    def _chosen(self, file: str, config: StationConfig) -> None:
        tell(self.trouble, "")
        if self.config is not None and config.name != self.config.name:
            tell(self.outcome, "")
        self.config = config
        self.runner.forget()
        self.held.choose(file, config.name)
        self.bias.offer(VOLTAGE if config.biases_voltage else CURRENT)
        self.source.setVisible(not config.biases_voltage)
        self.lockin.offer(DC, offered=config.biases_voltage)
        self._show(Shown())
        self._look()

    def _not_chosen(self, why: str) -> None:
        tell(self.trouble, why)

    def _follow(self) -> None:
        """Look at the station of a campaign that has begun, unless a person has chosen another."""
        folder = self.context.campaign.folder
        if folder is None or not self.context.campaign.is_live or self.choice.by_person:
            return
        file = folder / STATION
        if folder != self._followed and file.is_file():
            self._followed = folder
            self.choice.choose(str(file))

    def _look(self) -> None:
        self._follow()
        if self.in_campaign and self.isVisible():
            self.runner.ask()
            self._show(from_state(self.runner.state()))
        elif self._showed_campaign:
            self._held_changed()
        self._showed_campaign = self.in_campaign
        self._stand()

    def _stand(self) -> None:
        """Say who owns the station, and enable what can be done."""
        held = self.held.phase in {"held", "silent"}
        words = owner_in_words(self.config, self.context.campaign, self.held)
        self.owner.setText(words)
        weigh(self.owner, "bad" if self.held.phase == "silent" else "")
        self.take.setEnabled(
            self.config is not None and self.held.phase == "free" and not self.in_campaign
        )
        self.let_go.setEnabled(self.held.phase != "free")
        self.cryostat.allow(allowed=held)
        self.bias.allow(allowed=held and self.bias.result.text() != "measuring ...")
        self._tell_kind()

    def _tell_kind(self) -> None:
        """Say without a doubt whether instruments or twins are meant."""
        if self.config is None:
            self.kind.hide()
            return
        simulated = is_simulated(self.config)
        name = "simulated" if simulated else "trouble"
        if self.kind.objectName() != name:
            self.kind.setObjectName(name)
            redraw(self.kind)
        self.kind.setText(kind_in_words(self.config, self.context.campaign))
        doubled = simulated and self.context.campaign.simulated  # the window says it already
        self.kind.setVisible(not doubled)

    def _take(self) -> None:
        tell(self.outcome, "")
        self.held.take()

    def _held_changed(self) -> None:
        if self.held.phase == "free" and not self.in_campaign:  # what was seen holds no more
            self._show(Shown())
            self.bias.result.setText(UNKNOWN)
        self._stand()

    def _show_state(self, state: Mapping[str, Any]) -> None:
        if self.held.phase != "free":
            self._show(from_state(state))

    def _show(self, shown: Shown) -> None:
        self.cryostat.show_values(shown)
        self.lockin.show_units(shown.lockins)
        self.source.show_units(shown.sources)
        if self.in_campaign:
            self.bias.result.setText(shown.reading)
        if shown.others:
            tell(self.trouble, shown.others)

    def _told_safe(self, words: str, weight: str) -> None:
        tell(self.outcome, words)
        weigh(self.outcome, weight)

    def _connect(self) -> None:
        self.choice.chosen.connect(self._chosen)
        self.choice.refused.connect(self._not_chosen)
        self.take.clicked.connect(self._take)
        self.let_go.clicked.connect(self.held.let_go)
        self.safe.clicked.connect(self.make_safe)
        self.held.changed.connect(self._held_changed)
        self.held.shown.connect(self._show_state)
        self.maker.told.connect(self._told_safe)
        self.cryostat.asked.connect(self.set_axis)
        self.bias.asked.connect(self.set_bias)
        self.bias.rest_asked.connect(self._rest)
        self.context.campaign.stood.connect(self._look)
        self._looks.timeout.connect(self._look)

    def _lay_out(self) -> None:
        self.safe.setMinimumSize(190, 54)
        top = QtWidgets.QGridLayout()
        top.addWidget(self.choice, 0, 0)
        top.addWidget(self.take, 0, 1)
        top.addWidget(self.let_go, 0, 2)
        top.addWidget(self.owner, 1, 0, 1, 4)
        top.addWidget(self.safe, 0, 4, 2, 1)
        top.setColumnStretch(3, 1)
        across = QtWidgets.QHBoxLayout()
        across.addWidget(self.lockin, 1)
        across.addWidget(self.source, 1)
        across.addWidget(self.bias, 1)
        layout = QtWidgets.QVBoxLayout(self)
        layout.addWidget(self.kind)
        layout.addLayout(top)
        layout.addWidget(self.outcome)
        layout.addWidget(self.trouble)
        layout.addWidget(scrolled(self.cryostat, across), 1)  # MAKE SAFE is always in sight
