"""The colours and sizes of the window, dark and light."""

from dataclasses import dataclass
from string import Template

from qtpy import QtGui, QtWidgets

SMALLEST, LARGEST = 7.0, 24.0
"""Of the text, in points."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours; every text stands out from its background by at least 4.5 : 1.

    Parameters
    ----------
    name
        ``dark`` or ``light``.
    background, surface, raised
        Of the window, of what lies on it, and of buttons.
    line
        Between things.
    text, muted
        Of words, and of words that matter less.
    accent, on_accent
        Of what is chosen, and of the words on it.
    good, warning, bad
        Of states.
    plot
        Behind curves.
    curves
        Of curves, told apart by people who do not see red and green.
    ramp
        From low to high, for runs that are coloured by a quantity; readable on `plot`.
    """

    name: str
    background: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    good: str
    warning: str
    bad: str
    plot: str
    curves: tuple[str, ...]
    ramp: tuple[str, ...]


DARK = Theme(
    name="dark",
    background="#15181d",
    surface="#1d2127",
    raised="#2a3038",
    line="#3a424d",
    text="#e8ebef",
    muted="#a3adba",
    accent="#4ea1ff",
    on_accent="#0b1420",
    good="#58c98b",
    warning="#f2b84b",
    bad="#ff7b72",
    plot="#101317",
    curves=("#4ea1ff", "#ff9e4a", "#58c98b", "#d78bff", "#f2d24b", "#5fd6d6", "#ff8fa3", "#b0b8c4"),
    ramp=("#5b8cff", "#46c7e0", "#7fe08a", "#f4de5a", "#ff9a4d", "#ff5d6c"),
)
LIGHT = Theme(
    name="light",
    background="#f2f4f7",
    surface="#ffffff",
    raised="#e6eaef",
    line="#c3cad3",
    text="#16191d",
    muted="#525c68",
    accent="#1257b0",
    on_accent="#ffffff",
    good="#18713f",
    warning="#8a5300",
    bad="#b3261e",
    plot="#ffffff",
    curves=("#1257b0", "#b84a00", "#18713f", "#7c2fb5", "#7a6000", "#0b7285", "#b3265a", "#525c68"),
    ramp=("#1f3fbf", "#0b7fa5", "#18843f", "#8a7400", "#c25a00", "#b3152b"),
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}

_SHEET = Template(
    """
QWidget { color: $text; }
QMainWindow, QDialog, QStackedWidget, QMenu, QMenuBar, QStatusBar { background: $background; }
QStatusBar QLabel { padding: 2px 8px; }
QStatusBar::item { border: 0; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="title"] { font-weight: 600; font-size: ${large}pt; }
QLabel[role="number"] { font-weight: 600; font-size: ${large}pt; }
QLabel[role="good"] { color: $good; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="bad"] { color: $bad; }
QLabel#simulated { background: #ffc140; color: #1b1200; font-weight: 700; padding: 5px; }
QLabel#trouble { background: $surface; color: $bad; border: 1px solid $bad; padding: 6px;
  border-radius: 4px; font-weight: 600; }
QListWidget#navigation { background: $surface; border: 0; border-right: 1px solid $line;
  padding-top: 6px; outline: 0; }
QListWidget#navigation::item { padding: 9px 14px; border: 0; background: transparent; }
QListWidget#navigation::item:selected { background: $accent; color: $on_accent; }
QFrame[role="card"], QGroupBox { background: $surface; border: 1px solid $line;
  border-radius: 6px; }
QGroupBox { margin-top: 1.1em; padding: 8px; }
QGroupBox::title { subcontrol-origin: margin; left: 8px; padding: 0 4px; color: $muted; }
QPushButton, QToolButton { background: $raised; border: 1px solid $line; border-radius: 4px;
  padding: 5px 12px; }
QToolButton { padding: 4px 8px; }
QPushButton:hover, QToolButton:hover { border-color: $accent; }
QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus { border-color: $accent; }
QPushButton:pressed, QPushButton:checked, QToolButton:checked { background: $accent;
  color: $on_accent; }
QPushButton:disabled, QToolButton:disabled, QComboBox:disabled { color: $dim; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; font-weight: 600; }
QPushButton[role="primary"]:disabled { background: $raised; color: $dim; }
QPushButton[role="danger"] { border-color: $bad; color: $bad; font-weight: 600; }
QPushButton[role="danger"]:disabled { border-color: $line; color: $dim; }
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QDoubleSpinBox, QTableView, QTreeView,
QListView { background: $surface; border: 1px solid $line; border-radius: 4px; padding: 3px 6px;
  selection-background-color: $accent; selection-color: $on_accent; }
QTableView, QTreeView { padding: 0; alternate-background-color: $background;
  gridline-color: $line; }
QComboBox { background: rgba(0, 0, 0, 0); }  /* Qt derives dark edges from any other colour. */
QComboBox QAbstractItemView { background: $surface; selection-background-color: $accent;
  selection-color: $on_accent; }
QCheckBox::indicator, QListView::indicator, QTreeView::indicator {
  width: ${box}px; height: ${box}px;
  border: 1px solid $muted; border-radius: 3px; background: $surface; }
QCheckBox::indicator:checked, QListView::indicator:checked, QTreeView::indicator:checked {
  background: $accent; border-color: $accent; }
QCheckBox::indicator:focus { border-color: $accent; }
QLineEdit[wrong="true"] { border: 2px solid $bad; }
QHeaderView::section { background: $raised; color: $text; border: 0;
  border-right: 1px solid $line; padding: 4px 8px; }
QTabBar::tab { background: $raised; padding: 6px 14px; border: 1px solid $line; }
QTabBar::tab:selected { background: $accent; color: $on_accent; }
QTabWidget::pane { border: 1px solid $line; }
QProgressBar { background: $raised; border: 1px solid $line; border-radius: 4px; text-align: center;
  min-height: 1.3em; }
QProgressBar::chunk { background: $chunk; border-radius: 3px; }
QSplitter::handle { background: $line; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; }
QMenu::item:selected { background: $accent; color: $on_accent; }
QScrollArea { background: transparent; border: 0; }
QScrollBar:vertical { background: $background; width: 12px; }
QScrollBar::handle:vertical { background: $line; border-radius: 5px; min-height: 24px; }
QScrollBar:horizontal { background: $background; height: 12px; }
QScrollBar::handle:horizontal { background: $line; border-radius: 5px; min-width: 24px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
"""
)


def stylesheet(theme: Theme, points: float) -> str:
    """Return the style sheet of the window.

    Parameters
    ----------
    theme
        The colours.
    points
        Size of the text.

    Returns
    -------
    str
        In Qt's language.
    """
    dark = theme.name == "dark"
    extra = {
        "large": f"{1.25 * points:.1f}",
        "box": f"{max(12.0, 1.2 * points):.0f}",
        "dim": "#727c89" if dark else "#8a939e",
        "chunk": "#22548f" if dark else "#a9ccf5",
    }
    colours = {name: getattr(theme, name) for name in theme.__slots__}
    return _SHEET.substitute(colours, **extra)


def palette(theme: Theme) -> QtGui.QPalette:
    """Return the colours of what a style sheet does not reach."""
    found = QtGui.QPalette()
    role = QtGui.QPalette.ColorRole
    for which, colour in (
        (role.Window, theme.background),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.background),
        (role.Button, theme.raised),
        (role.Text, theme.text),
        (role.WindowText, theme.text),
        (role.ButtonText, theme.text),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.PlaceholderText, theme.muted),
        (role.Link, theme.accent),
    ):
        found.setColor(which, QtGui.QColor(colour))
    return found


def dress(app: QtWidgets.QApplication, theme: Theme, points: float) -> None:
    """Give everything its colours and its size; what is dressed so already costs nothing.

    Every change of style, palette, font or sheet touches every widget there is: call it before they
    are made.

    Parameters
    ----------
    app
        The program.
    theme
        The colours.
    points
        Size of the text.
    """
    size = min(LARGEST, max(SMALLEST, points))
    sheet = stylesheet(theme, size)
    if app.styleSheet() == sheet and app.font().pointSizeF() == size:
        return
    app.setStyle("Fusion")
    app.setPalette(palette(theme))
    font = app.font()
    font.setPointSizeF(size)
    app.setFont(font)
    app.setStyleSheet(sheet)


def natural_points(screen: QtGui.QScreen | None) -> float:
    """Return a size of text that can be read on a screen, also on one of 4K that is not scaled."""
    if screen is None:
        return 10.0
    height = screen.availableGeometry().height()
    return 10.0 if height < 1500 else min(LARGEST, 10.0 * height / 1350.0)
