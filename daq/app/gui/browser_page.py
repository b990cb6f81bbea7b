"""The data browser: find runs, look at them, compare and fit them, pass them on."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from qtpy import QtCore, QtGui, QtWidgets

from daq.app.gui.browser_actions import RunActions
from daq.app.gui.browser_curves import BrowserCurves
from daq.app.gui.browser_details import RunDetails, RunDifferences
from daq.app.gui.browser_search import SearchBar
from daq.app.gui.browser_table import RunTable
from daq.app.gui.catalogue_work import CatalogueWork
from daq.app.gui.fit_panel import FitPanel
from daq.app.gui.inputs import muted
from daq.app.gui.lamp import tell, trouble_frame
from daq.app.gui.page import Context, Page, Views
from daq.app.gui.theme import Theme
from daq.app.gui.work import Work, timer, wait_until
from daq.app.loaded_run import LoadedRun, load_runs
from daq.app.run_index import Found, GivenUpError, Known
from daq.app.run_query import Query, parse_query
from instruments.errors import ConfigurationError

PAGE = 2000
"""Runs that are read from the catalogue at a time."""
REST = 150
"""Milliseconds after a choice before the runs are read."""
LOOK = 500
"""Milliseconds between two looks at how far the catalogue is."""
LATER = 3000
"""Milliseconds after a run has ended before the catalogue takes it."""
MOST_OVERLAID = 60
"""Runs that are read and drawn at once."""
PATIENCE = 20_000
"""Milliseconds that a picture waits for what it shows."""
PLOT, DETAILS, DIFFERENCES, FIT = range(4)


class BrowserPage(Page):
    """Search and list at the left, what is chosen at the right.

    Parameters
    ----------
    context
        What all pages share.
    """

    name = "browser"
    title = "Data"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._work, self._updates = Work(self), Work(self)
        self._catalogue = CatalogueWork(context.data)
        self._busy = 0
        self._asked = 0
        self._query = Query()
        self._known: Known | None = None
        self._fate = ""
        self.loaded: list[LoadedRun] = []
        self.search = SearchBar()
        self.table = RunTable(context.theme)
        self.state = muted("the catalogue has not been read yet")
        self.deeds = RunActions(context, self._work)
        self.curves = BrowserCurves(context.theme)
        self.details = RunDetails()
        self.differences = RunDifferences()
        self.fit = FitPanel(context.theme)
        self.trouble = trouble_frame()
        self.tabs = QtWidgets.QTabWidget()
        self._across = QtWidgets.QSplitter(QtCore.Qt.Orientation.Horizontal)
        self._rest = self._timer(REST, self._load)
        self._later = self._timer(LATER, self.update_catalogue)
        self._looks = timer(self, LOOK)
        self._looks.timeout.connect(self._tell_progress)
        self._lay_out()
        self._connect()

    def activated(self) -> None:
        """Show what is known at once, and look what there is."""
        self.search_now()
        self.update_catalogue()

    def deactivated(self) -> None:
        """Look no more."""
        self._later.stop()

    def closing(self) -> None:
        """End the threads; what they do is given up as soon as it can be."""
        self._catalogue.close()
        for one in (self._rest, self._later, self._looks):
            one.stop()
        self.search.stop()
        self.context.settings.remember("browser across", self._across.saveState())
        self.fit.close_work()
        self._work.close()
        self._updates.close()

    def retheme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self.table.retheme(theme)
        self.curves.retheme(theme)
        self.fit.retheme(theme)

    def views(self) -> Views:
        """Return the four tabs, with runs in them."""
        return (
            ("", partial(self._picture, PLOT, 6)),
            ("details", partial(self._picture, DETAILS, 1)),
            ("differences", partial(self._picture, DIFFERENCES, 2)),
            ("fit", partial(self._picture, FIT, 1)),
        )

    @property
    def idle(self) -> bool:
        """Tell whether nothing is being searched or read."""
        return not self._busy and not self._rest.isActive()

    def update_catalogue(self) -> None:
        """Take what is new on the disk into the catalogue, and search again."""
        self._begin()
        self._looks.start()
        self._updates.do(self._catalogue.update, self._updated, self._not_updated)

    def search_now(self) -> None:
        """Search for what the form says."""
        try:
            query = parse_query(self.search.query)
        except ConfigurationError as refused:
            self.search.show_wrong(wrong=True)
            self.state.setText(str(refused))
            return
        self.search.show_wrong(wrong=False)
        self._query, self._asked = query, self._asked + 1
        self._ask(PAGE, partial(self._found, self._asked))

    def _ask(self, most: int, then: Callable[[Found], None]) -> None:
        self._begin()
        self._work.do(partial(self._catalogue.index.find, self._query, most), then, self._failed)

    def _read_more(self) -> None:
        """Read on below the runs that are here: somebody has scrolled down to them."""
        if self._busy == 0:
            most = len(self.table.runs.entries) + PAGE
            self._ask(most, partial(self._found_more, self._asked))

    def _found_more(self, asked: int, found: Found) -> None:
        self._end()
        here = self.table.runs.entries
        if asked == self._asked and list(here) == found.entries[: len(here)]:
            self.table.runs.extend(found.entries)
        elif asked == self._asked:  # new runs have come in above
            self.table.take(found.entries, found.count)

    def _updated(self, known: Known) -> None:
        self._end()
        self._looks.stop()
        self._known, self._fate = known, known.words or self._fate
        self.search.offer(known.procedures, known.samples, known.outcomes)
        self.search_now()

    def _not_updated(self, failure: BaseException) -> None:
        self._looks.stop()
        self._end()
        if not isinstance(failure, GivenUpError):
            self._say_failure(failure)

    def _found(self, asked: int, found: Found) -> None:
        self._end()
        if found.emptied and not self._looks.isActive():
            self.update_catalogue()
        if asked != self._asked:
            return  # somebody has typed on
        self._fate = found.words or self._fate
        self.table.take(found.entries, found.count)
        total = self._known.total if self._known is not None else found.count
        count = f"{found.count:,} of {total:,} runs".replace(",", "\u2009")
        if not total and self._looks.isActive():
            count = "reading the folders ..."
        elif not total:
            count = f"no runs in {self.context.data} yet; the start page offers a demo"
        self.state.setText("\n".join(filter(None, (count, self._fate))))

    def _failed(self, failure: BaseException) -> None:
        self._end()
        self._say_failure(failure)

    def _say_failure(self, failure: BaseException) -> None:
        self.state.setText(" ".join(str(failure).split()))
        self.context.say_failure(failure)

    def _tell_progress(self) -> None:
        if self._catalogue.read:
            self.state.setText(f"reading the folders: {self._catalogue.read} runs so far ...")

    def _chosen(self) -> None:
        entries = self.table.picked()
        self.deeds.take(entries)
        self._rest.start()

    def _load(self) -> None:
        paths = [Path(entry.path) for entry in self.table.picked()]
        self._begin()
        self._work.do(partial(load_runs, paths[:MOST_OVERLAID]), self._show, self._failed)
        if len(paths) > MOST_OVERLAID:
            self.context.say(f"{len(paths)} runs are chosen; the first {MOST_OVERLAID} are drawn")

    def _show(self, loaded: tuple[list[LoadedRun], list[str]]) -> None:
        self._end()
        self.loaded, refused = loaded
        alone = self.loaded[0] if len(self.loaded) == 1 else None
        self.curves.show_runs(self.loaded)
        self.details.show_run(self.loaded[0] if self.loaded else None)
        self.differences.show_runs(self.loaded)
        self.fit.show_run(alone)
        troubles = [f"{run.title}: {line}" for run in self.loaded for line in run.troubles]
        told = [*refused, *troubles]
        more = f"; and {len(told) - 3} more" if len(told) > 3 else ""
        tell(self.trouble, f"{'; '.join(told[:3])}{more}")

    def _begin(self) -> None:
        self._busy += 1

    def _end(self) -> None:
        self._busy -= 1

    def _told(self, events: object) -> None:
        ended = isinstance(events, Sequence) and any(
            event.get("event") == "run ended" for event in events
        )
        if ended and self.isVisible() and not self._later.isActive():
            self._later.start()

    def _picture(self, tab: int, runs: int) -> None:
        """Show a tab with some runs in it, and wait for them: a picture is taken next."""
        self.tabs.setCurrentIndex(tab)
        wait_until(lambda: self.idle, PATIENCE)
        entries = self.table.runs.entries[: self.table.runs.rowCount()]
        alike = [
            row
            for row, entry in enumerate(entries)
            if entry.rows > 1 and entry.procedure == entries[0].procedure
        ]
        self.table.pick(alike[-runs:])
        wait_until(lambda: self.idle, PATIENCE)
        if tab == FIT:
            self.fit.fit()
            wait_until(lambda: not self.fit.work.fitting, PATIENCE)

    def _timer(self, milliseconds: int, act: Callable[[], None]) -> QtCore.QTimer:
        found = timer(self, milliseconds)
        found.setSingleShot(True)
        found.timeout.connect(act)
        return found

    def _connect(self) -> None:
        self.table.runs.wanted.connect(self._read_more)
        self.search.asked.connect(self.search_now)
        self.search.below.connect(self.table.enter)
        self.table.chosen.connect(self._chosen)
        self.deeds.remarked.connect(self._rest.start)
        self.curves.said.connect(self.context.say)
        self.context.campaign.told.connect(self._told)
        for keys, words, act in (
            ("Ctrl+F", "to the search", self.search.line.setFocus),
            ("F5", "look at the folders again", self.update_catalogue),
            ("Esc", "cancel the fit", self.fit.cancel),
        ):
            shortcut = QtWidgets.QShortcut(QtGui.QKeySequence(keys), self)
            shortcut.setWhatsThis(words)
            shortcut.activated.connect(act)

    def _lay_out(self) -> None:
        self.tabs.addTab(self.curves, "&Plot")
        self.tabs.addTab(self.details, "&Details")
        self.tabs.addTab(self.differences, "D&ifferences")
        self.tabs.addTab(self.fit, "Fi&t")
        self.state.setWordWrap(True)
        left, right = QtWidgets.QWidget(), QtWidgets.QWidget()
        for side, widgets in (
            (left, (self.table, self.state, self.deeds)),
            (right, (self.trouble, self.tabs)),
        ):
            down = QtWidgets.QVBoxLayout(side)
            down.setContentsMargins(0, 0, 0, 0)
            for widget in widgets:
                down.addWidget(widget, int(widget in {self.table, self.tabs}))
            self._across.addWidget(side)
        self._across.setSizes([530, 650])
        self._across.setStretchFactor(1, 1)
        layout = QtWidgets.QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self._across, 1)
        before = self.context.settings.layout("browser across")
        if before is not None:
            self._across.restoreState(before)
