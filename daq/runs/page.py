"""A page of HTML that stands alone: its style and its pictures are inside, its text is escaped."""

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

STYLE = Path(__file__).with_name("page.css")


def rendered(template: Path, **values: Any) -> str:
    """Return a page.

    Parameters
    ----------
    template
        The template; it puts ``style`` into its head.
    **values
        What it shows; text is escaped.

    Returns
    -------
    str
        HTML.
    """
    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = Markup(STYLE.read_text(encoding="utf-8"))  # noqa: S704 (our own file)
    return environment.get_template(template.name).render(style=style, **values)


def embedded(png: bytes) -> str:
    """Return a picture as the source of an image.

    Parameters
    ----------
    png
        Content of a PNG file.

    Returns
    -------
    str
        A data URL.
    """
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
