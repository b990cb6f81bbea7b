"""The rows: each number that a paper says of its measurements, and how near one must come to it."""

import math
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from daq.config.document import Document, read_document
from daq.config.fields import Model, Text
from daq.config.folder import configs_folder
from daq.config.invalid import first_problem
from daq.config.problem import UnacceptableError, shown

Status = Literal["test", "demo", "out"]
PaperName = Literal["le2020", "yi2024", "lin2022"]
LETTERS = {"le2020": "L", "yi2024": "Y", "lin2022": "N"}
FILE = "rows.yaml"
ROUNDING = 1e-12
"""By which a difference may exceed its tolerance, relative to it."""


def papers_folder() -> Path:
    """Return the folder of the rows and of the sequences of the papers."""
    return configs_folder() / "papers"


def _identity(value: str) -> str:
    number, _, letter = value[1:].partition(".")
    if value[0] not in LETTERS.values() or not number.isdigit() or not _letter(value, letter):
        advice = "write a letter of a paper and a number, such as L8 or L8.a"
        raise UnacceptableError(shown(value), "the name of a row", advice)
    return value


def _letter(value: str, letter: str) -> bool:
    return "." not in value or (len(letter) == 1 and letter.islower())


class Row(Model):
    """One number of a paper; numbers are in `unit`.

    A row that is tested has a `value` with its `tolerance`, or lies `above` or `below` a number.
    """

    id: Annotated[Text, AfterValidator(_identity)]
    paper: PaperName
    what: Text
    value: float | None = None
    tolerance: Annotated[float, Field(ge=0.0)] | None = None
    above: float | None = None
    below: float | None = None
    unit: str = ""
    status: Status
    why: str = ""
    recipe: str = ""

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if LETTERS[self.paper] != self.id[0]:
            letter = f"a row of {self.paper} begins with {LETTERS[self.paper]}"
            raise UnacceptableError(shown(self.id), letter, "correct row or paper", ("id",))
        if self.status != "test":
            self._need("why", self.why, "say why it is not tested")
            return self
        self._need("recipe", self.recipe, "name what recovers it")
        if (self.value is None) != (self.tolerance is None):
            advice = "give both 'value' and 'tolerance', or 'above' or 'below'"
            raise UnacceptableError("half of a comparison", "a whole one", advice, ("value",))
        given = [self.value, self.above, self.below]
        if sum(number is not None for number in given) != 1:
            advice = "give 'value' and 'tolerance', or 'above', or 'below'"
            raise UnacceptableError("no single comparison", "one", advice, ("value",))
        return self

    @staticmethod
    def _need(key: str, text: str, advice: str) -> None:
        if not text.strip():
            raise UnacceptableError("nothing", "a text", advice, (key,))

    @property
    def parent(self) -> str:
        """Return the row of the specification that it belongs to."""
        return self.id.partition(".")[0]

    @property
    def order(self) -> tuple[int, int, str]:
        """Return where it stands in a table."""
        number, _, letter = self.id[1:].partition(".")
        return list(LETTERS.values()).index(self.id[0]), int(number), letter

    def accepts(self, value: float, error: float) -> bool:
        """Tell whether a recovered number passes; one without a known error never does.

        Parameters
        ----------
        value
            As recovered, in the unit of the row.
        error
            One sigma of it.

        Returns
        -------
        bool
            Whether it passes.
        """
        if not (math.isfinite(value) and math.isfinite(error) and error >= 0.0):
            return False
        if self.above is not None:
            return value > self.above
        if self.below is not None:
            return value < self.below
        if self.value is None or self.tolerance is None:
            return False
        return abs(value - self.value) <= self.tolerance + ROUNDING * abs(self.value)

    @property
    def expected(self) -> str:
        """Return what passes, in words and without the unit."""
        if self.above is not None:
            return f"> {self.above:g}"
        if self.below is not None:
            return f"< {self.below:g}"
        if self.value is None or self.tolerance is None:
            return ""
        if self.tolerance == 0.0:
            return f"{self.value:g}"
        return f"{self.value:g} \u00b1 {self.tolerance:g}"


class RowsFile(Model):
    """The file of all rows."""

    format: Annotated[int, Field(ge=1, le=1)] = 1
    rows: Annotated[list[Row], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        seen: set[str] = set()
        whole = {row.id for row in self.rows if "." not in row.id}
        for index, row in enumerate(self.rows):
            if row.id in seen or ("." in row.id and row.parent in whole):
                raise UnacceptableError(
                    f"{row.id} once more", "each row once", "remove one", ("rows", index, "id")
                )
            seen.add(row.id)
        return self


def load_rows(path: Path | None = None) -> tuple[Row, ...]:
    """Read the rows of all papers.

    Parameters
    ----------
    path
        The file; the one that comes with Coldpoint if omitted.

    Returns
    -------
    tuple of Row
        In the order of papers and numbers.

    Raises
    ------
    ConfigurationError
        The file is missing or wrong; the message names file, line and key.
    """
    document = read_document(papers_folder() / FILE if path is None else path)
    return tuple(sorted(_read(document).rows, key=lambda row: row.order))


def _read(document: Document) -> RowsFile:
    data: Any = document.data
    try:
        return RowsFile.model_validate(data)
    except ValidationError as error:
        raise first_problem(document, error).error() from None
