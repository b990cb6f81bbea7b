"""Drag steps with a mouse; run in a process of its own, as Qt's drag loop needs another platform.

The platform ``offscreen`` refuses every drag at once. The platform ``minimal`` has no screen
either, but Qt's own drag loop: presses, moves and releases go through the window system, timers
post them while the loop runs, and the views get the events that a mouse would give them.
"""

import json
import sys
from functools import partial
from pathlib import Path

from qtpy import QtCore, QtTest, QtWidgets

from daq.app.gui.sequence_page import SequencePage
from daq.app.gui.settings import Settings
from daq.app.gui.start import application
from daq.app.gui.window import Window
from daq.config.document import parse_document

LEFT = QtCore.Qt.MouseButton.LeftButton
NONE = QtCore.Qt.KeyboardModifier.NoModifier
MOUSE = QtTest.QTest
BEAT = 30
"""Milliseconds between two movements of the mouse."""
SEQUENCE = """\
format: 1
title: By mouse
steps:
  - wait: 1 s
  # stays with its step
  - note: one
  - loop: {field: {from: 0 T, to: 1 T, points: 2}}
    steps:
      - note: two
"""


class Mouse:
    """A hand on the mouse of a window."""

    def __init__(self, window):
        self.window, self.handle = window, window.windowHandle()

    def at(self, view, item, share=0.5):
        """Return a place on an item; share 0 is its upper edge."""
        rect = view.visualItemRect(item)
        inside = QtCore.QPoint(rect.left() + 30, rect.top() + int(share * rect.height()))
        return view.viewport().mapTo(self.window, inside)

    def drag(self, begin, end):
        """Press at one place, move to another, let go; return when everything has happened."""
        begins = [begin + QtCore.QPoint(far, 0) for far in (4, 12, 40)]  # far enough for a drag
        ways = [(begin + end) / 2, end - QtCore.QPoint(3, 0), end]
        posts = [partial(MOUSE.mouseMove, self.handle, at) for at in (*begins, *ways)]
        posts.insert(0, partial(MOUSE.mousePress, self.handle, LEFT, NONE, begin))
        release = partial(MOUSE.mouseRelease, self.handle, LEFT, NONE, end)
        posts.append(release)
        under_way = []
        loop = QtCore.QEventLoop()

        def beat():
            if not posts and not under_way:
                loop.quit()
                return
            QtCore.QTimer.singleShot(BEAT, beat)  # another one: no timer beats inside its own beat
            post = posts.pop(0) if posts else release  # a drag that began late has not heard it
            under_way.append(post)
            post()  # a drag begins in here, and the next beats come while it lasts
            under_way.remove(post)

        beat()
        loop.exec_()


def drags(page, mouse):
    """Carry out every kind of drag, and return the steps after each."""
    tree, palette = page.tree, page.palette_list
    head = tree.topLevelItem

    def steps():
        return parse_document(page.draft.text, "x").data["steps"]

    found = {}
    # a step of the palette onto the upper edge of the first step
    (item,) = palette.findItems("temperature", QtCore.Qt.MatchFlag.MatchExactly)
    mouse.drag(mouse.at(palette, item), mouse.at(tree, head(0).child(0), 0.1))
    found["new"] = steps()
    page.draft.stack.undo()
    # a step into the loop
    mouse.drag(mouse.at(tree, head(0).child(1)), mouse.at(tree, head(0).child(2)))
    found["into"] = steps()
    found["text"] = page.draft.text
    page.draft.stack.undo()
    # out of the loop, above the first step
    mouse.drag(mouse.at(tree, head(0).child(2).child(0)), mouse.at(tree, head(0).child(0), 0.1))
    found["out"] = steps()
    page.draft.stack.undo()
    # a loop into itself: refused
    mouse.drag(mouse.at(tree, head(0).child(2)), mouse.at(tree, head(0).child(2).child(0), 0.1))
    found["self"] = steps()
    # let go outside of everything
    outside = page.headline.mapTo(mouse.window, QtCore.QPoint(5, 5))
    mouse.drag(mouse.at(tree, head(0).child(0)), outside)
    found["outside"] = steps()
    return found


def main(folder):
    """Open a window, drag, and print what became of the steps."""
    app = application()
    window = Window(folder / "data", Settings(folder / "window.ini"), (SequencePage,))
    window.resize(1366, 768)
    window.show()
    MOUSE.qWaitForWindowExposed(window)
    page = window.pages["sequence"]
    page.draft.take(SEQUENCE)
    app.processEvents()
    found = drags(page, Mouse(window))
    page.draft.take(page.draft.text)  # nothing is asked when the window closes
    window.close()
    window.deleteLater()
    app.processEvents()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    if not isinstance(QtWidgets.QApplication.instance(), QtWidgets.QApplication):
        main(Path(sys.argv[1]))
