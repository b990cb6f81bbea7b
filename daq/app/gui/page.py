"""What a page of the window is, and what it may use.

To add a page: write a subclass of `Page` in a file of its own, such as ``queue_page.py``, and put
the class into ``PAGES`` in ``daq/app/gui/pages.py``. That is all: the window makes it once, lists
its title in the navigation (Ctrl+1, Ctrl+2, ...), and photographs it for ``--screenshot``.

    class QueuePage(Page):
        name = "queue"                       # of the picture and in the settings; never changes
        title = "Queue"                      # for people

        def __init__(self, context: Context) -> None:
            super().__init__(context)
            layout = QtWidgets.QVBoxLayout(self)
            ...

        def activated(self) -> None: ...     # the page is seen now: start its timers
        def deactivated(self) -> None: ...   # another one is seen: stop them
        def closing(self) -> None: ...       # the window closes: nothing of this page may live on
        def retheme(self, theme: Theme) -> None: ...   # dark or light was chosen: redraw
        def views(self) -> Views: ...        # states to photograph, if there is more than one

A page holds no station and no state of a campaign. It asks its `Context`:

- ``context.data``: the folder of all campaigns.
- ``context.campaign``: the campaign that the window follows, a `CampaignClient`: its signals
  ``chosen``, ``told``, ``grown`` and ``stood``, its ``standing`` and ``runs``, ``ask("pause")``.
- ``context.work.do(function, then, failed)``: call `function` in the window's one worker thread;
  ``then(result)`` or ``failed(exception)`` follow in the thread of the window, and not at all after
  the window has closed. Files, sockets, fits: whatever may take longer than 10 ms goes there.
- ``context.settings``: what is remembered, by key; ``context.theme``: the colours.
- ``context.show_page("live")``: bring a page to the front.
- ``context.say("words")``: tell the person, in the status bar; ``context.say_failure(exception)``.

Nothing here may wait in the thread of the window. Anything that measures is a process of its own.
"""

from collections.abc import Callable
from pathlib import Path

from qtpy import QtCore, QtWidgets

from daq.app.gui.campaign_client import CampaignClient
from daq.app.gui.settings import Settings
from daq.app.gui.theme import Theme
from daq.app.gui.time_left import TimeLeftClient
from daq.app.gui.work import Work

Views = tuple[tuple[str, Callable[[], None]], ...]
"""Names of views, and what brings each to the screen."""


class Context(QtCore.QObject):
    """What all pages share.

    Parameters
    ----------
    data
        The folder of all campaigns.
    settings
        What is remembered.
    theme
        The colours.
    parent
        The window.
    """

    said = QtCore.Signal(str)
    page_asked = QtCore.Signal(str)
    theme_changed = QtCore.Signal(object)

    def __init__(
        self, data: Path, settings: Settings, theme: Theme, parent: QtCore.QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.data = data
        self.settings = settings
        self.theme = theme
        self.work = Work(self)
        self.campaign = CampaignClient(data, self.work, self)
        self.time_left = TimeLeftClient(self.campaign, self)

    def say(self, words: str) -> None:
        """Tell the person something in the status bar."""
        self.said.emit(words)

    def say_failure(self, failure: BaseException) -> None:
        """Tell the person what went wrong, in one line."""
        self.said.emit(" ".join(str(failure).split()) or type(failure).__name__)

    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        self.page_asked.emit(name)

    def use_theme(self, theme: Theme) -> None:
        """Change the colours of everything."""
        self.theme = theme
        self.theme_changed.emit(theme)

    def close(self) -> None:
        """End the timers and threads of all that is shared."""
        self.campaign.close()
        self.time_left.close()
        self.work.close()


class Page(QtWidgets.QWidget):
    """One page of the window; see the text above.

    Parameters
    ----------
    context
        What all pages share.
    """

    name = ""
    title = ""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        context.theme_changed.connect(self.retheme)

    def activated(self) -> None:
        """Take note that the page is seen."""

    def deactivated(self) -> None:
        """Take note that another page is seen."""

    def closing(self) -> None:
        """End whatever the page has begun."""

    def retheme(self, theme: Theme) -> None:
        """Draw in other colours."""

    def views(self) -> Views:
        """Return the states of the page that are worth a picture."""
        return (("", lambda: None),)
