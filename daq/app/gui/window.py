"""The main window: navigation, the pages, and how the campaign stands."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from qtpy import QtCore, QtGui, QtWidgets

from daq.app.gui.key_help import KeyHelp, help_text, keys_of
from daq.app.gui.page import Context, Page
from daq.app.gui.pages import PAGES
from daq.app.gui.settings import Settings
from daq.app.gui.theme import DARK, LARGEST, LIGHT, SMALLEST, THEMES, dress, natural_points
from daq.app.gui.work import timer

SMALLEST_SIZE = QtCore.QSize(1000, 640)
FIRST_SIZE = QtCore.QSize(1366, 768)
USUAL_KEYS = (
    ("Tab, Shift+Tab", "the next, the one before"),
    ("arrows, Space, Enter", "choose, tick, carry out"),
    ("Shift+F10", "what can be done with what is chosen"),
)
"""Keys that are Qt's own."""
MOMENT = 8000
"""Milliseconds for which what is said stays in the status bar."""


class Window(QtWidgets.QMainWindow):
    """The window; it can be closed or killed at any time, and nothing stops but the window.

    Parameters
    ----------
    data
        The folder of all campaigns.
    settings
        What is remembered.
    pages
        The kinds of pages, in the order of the navigation.
    """

    def __init__(
        self, data: Path, settings: Settings, pages: tuple[type[Page], ...] = PAGES
    ) -> None:
        super().__init__()
        self.setWindowTitle("Coldpoint")
        self.setMinimumSize(SMALLEST_SIZE)
        theme = THEMES.get(settings.text("theme", "dark"), DARK)
        self._points = settings.number("text size", natural_points(self.screen()))
        self.context = Context(data, settings, theme, self)
        self.banner = QtWidgets.QLabel()
        self.banner.setObjectName("simulated")
        self.banner.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
        self._navigation = QtWidgets.QListWidget()
        self._navigation.setObjectName("navigation")
        self._stack = QtWidgets.QStackedWidget()
        self.state = QtWidgets.QLabel()
        self._left = QtWidgets.QLabel()
        self._moment = QtWidgets.QLabel()
        self._tidy = timer(self, MOMENT)
        self._tidy.setSingleShot(True)
        self._tidy.timeout.connect(self._moment.clear)
        self._arrange()
        self.pages: dict[str, Page] = {}
        self._known_keys: list[tuple[str, str]] = []
        self._dress()
        for kind in pages:
            self._add(kind(self.context))
        self._fit_navigation()
        self._keys()
        self._connect()
        self._restore()

    def show_page(self, name: str) -> None:
        """Bring a page to the front; an unknown name is passed over."""
        names = list(self.pages)
        if name in names:
            self._navigation.setCurrentRow(names.index(name))

    def page(self) -> str:
        """Return the name of the page that is seen."""
        return list(self.pages)[self._stack.currentIndex()]

    def use_theme(self, name: str) -> None:
        """Use the colours of that name, and remember them."""
        self.context.settings.remember("theme", name)
        self.context.use_theme(THEMES[name])

    def closeEvent(self, event: QtGui.QCloseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Remember the layout and end every thread of the window."""
        self._remember()
        self._tidy.stop()
        for page in self.pages.values():
            page.closing()
        self.context.close()
        super().closeEvent(event)

    def _arrange(self) -> None:
        self._navigation.setVerticalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._navigation.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._navigation.setSizePolicy(
            QtWidgets.QSizePolicy.Policy.Fixed, QtWidgets.QSizePolicy.Policy.Expanding
        )
        whole = QtWidgets.QWidget()
        across = QtWidgets.QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(self._navigation)
        across.addWidget(self._stack, 1)
        down = QtWidgets.QVBoxLayout(whole)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(0)
        down.addWidget(self.banner)
        down.addLayout(across, 1)
        self.setCentralWidget(whole)
        bar = QtWidgets.QStatusBar()
        bar.addWidget(self.state)
        bar.addWidget(self._moment, 1)
        bar.addPermanentWidget(self._left)
        self.setStatusBar(bar)
        self.banner.hide()

    def _add(self, page: Page) -> None:
        self.pages[page.name] = page
        self._stack.addWidget(page)
        item = QtWidgets.QListWidgetItem(page.title)
        item.setToolTip(f"Ctrl+{len(self.pages)}; F1 shows every key")
        self._navigation.addItem(item)

    def _keys(self) -> None:
        for number, (name, page) in enumerate(self.pages.items(), start=1):
            self._key(f"Ctrl+{number}", partial(self.show_page, name), page.title)
        self._key("Ctrl+T", self._other_theme, "dark or light")
        self._key("Ctrl++", partial(self._resize_text, 1.0), "larger text")
        self._key("Ctrl+=", partial(self._resize_text, 1.0), "larger text")
        self._key("Ctrl+-", partial(self._resize_text, -1.0), "smaller text")
        self._key("Ctrl+Q", self._quit, "close the window; what measures goes on")
        self._key("F1", self.show_keys, "this list")

    def _key(self, keys: str, act: Callable[[], None], words: str) -> None:
        shortcut = QtWidgets.QShortcut(QtGui.QKeySequence(keys), self)
        shortcut.activated.connect(act)
        self._known_keys.append((keys, words))

    def show_keys(self) -> None:
        """Show every key in a window beside this one."""
        for shown in self.findChildren(KeyHelp):
            shown.close()
        pages = {page.title: tuple(keys_of(page)) for page in self.pages.values()}
        KeyHelp(help_text([*self._known_keys, *USUAL_KEYS], pages), self).show()

    def _quit(self) -> None:
        self.close()

    def _connect(self) -> None:
        context = self.context
        context.said.connect(self._say)
        context.page_asked.connect(self.show_page)
        context.theme_changed.connect(self._dress)
        self._navigation.currentRowChanged.connect(self._show)
        for changed in (context.campaign.chosen, context.campaign.told, context.campaign.stood):
            changed.connect(self._tell_state)
        context.time_left.changed.connect(self._tell_state)
        context.campaign.refused.connect(self._say)
        context.campaign.start()

    def _show(self, row: int) -> None:
        before, after = self._stack.currentWidget(), self._stack.widget(row)
        if isinstance(before, Page) and before is not after:
            before.deactivated()
        self._stack.setCurrentIndex(row)
        if isinstance(after, Page):
            after.activated()

    def _say(self, words: str) -> None:
        self._moment.setText(words)
        self._moment.setToolTip(words)
        self._tidy.start()

    def _tell_state(self) -> None:
        campaign = self.context.campaign
        self.banner.setVisible(campaign.simulated)
        if campaign.folder is None:
            self.state.setText("no campaign yet")
            self._left.setText("")
            return
        self.banner.setText(f"SIMULATED — {campaign.folder.name} touches no instrument")
        standing = campaign.standing
        step = "" if standing.step is None or standing.over else f" · step {standing.step + 1}"
        total = f" of {len(campaign.steps)}" if step and campaign.steps else ""
        self.state.setText(f"{standing.title} · {campaign.state}{step}{total}")
        self._left.setText(self.context.time_left.words() if campaign.is_live else "")

    def _dress(self) -> None:
        app = QtWidgets.QApplication.instance()
        if isinstance(app, QtWidgets.QApplication):
            dress(app, self.context.theme, self._points)

    def _fit_navigation(self) -> None:
        self._navigation.setFixedWidth(
            max(150, self._navigation.sizeHintForColumn(0) + 4 * self._navigation.frameWidth() + 12)
        )

    def _other_theme(self) -> None:
        self.use_theme(LIGHT.name if self.context.theme is DARK else DARK.name)

    def _resize_text(self, points: float) -> None:
        self._points = min(LARGEST, max(SMALLEST, self._points + points))
        self.context.settings.remember("text size", self._points)
        self._dress()
        self._fit_navigation()

    def _restore(self) -> None:
        self.resize(FIRST_SIZE)
        geometry = self.context.settings.layout("window")
        if geometry is not None:
            self.restoreGeometry(geometry)
        self._navigation.setCurrentRow(0)
        self.show_page(self.context.settings.text("page"))
        self._tell_state()

    def _remember(self) -> None:
        self.context.settings.remember("window", self.saveGeometry())
        self.context.settings.remember("page", self.page())
        self.context.settings.flush()
