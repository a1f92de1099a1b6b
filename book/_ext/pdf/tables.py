"""Tables for the PDF: column widths from what stands in the cells."""

import re
from collections.abc import Iterable

from docutils import nodes
from sphinxcontrib_typstbuilder._writer import BlockMarkupFunction, Table

from book._ext.pdf.code import array

LINE = 88  # characters of table text that fit side by side on a page
EQUAL = {"differences", "summary"}  # tables whose columns are the three frameworks
BREAKS = re.compile(r"(?<=[/._,=?&(\-])(?=\w)|\s+")  # where a word or inline code may break


class BookTable(Table):
    """The template's `booktable`: a figure only if it has a caption."""

    def __init__(self, node: nodes.table):
        super().__init__(node)
        self.name = "booktable"
        self.named_params["classes"] = array(f'"{name}"' for name in node["classes"])
        self.named_params["columns"] = array(f"{width}fr" for width in widths(node))

    def to_text(self) -> str:
        self.positional_params = self.cells
        return BlockMarkupFunction.to_text(self)


def widths(table: nodes.table) -> list[int]:
    """Relative widths: every column holds its longest word, the rest goes where text is."""
    columns = len(list(table.findall(nodes.colspec)))
    word, text = [3] * columns, [3] * columns
    for row in table.findall(nodes.row):
        for column, content in _columns(row):
            word[column] = max(word[column], *map(len, BREAKS.split(content)))
            text[column] = max(text[column], len(content))
    wanted = [most - least for most, least in zip(text, word, strict=True)]
    spare = max(0, LINE - sum(word))
    share = min(1.0, spare / (sum(wanted) or 1))
    result = [least + round(share * more) + 3 for least, more in zip(word, wanted, strict=True)]
    if EQUAL & set(table["classes"]):
        result[1:] = [max(result[1:])] * (columns - 1)
    return result


def _columns(row: nodes.row) -> Iterable[tuple[int, str]]:
    """The texts of a row with the column each stands in; cells over several columns left out."""
    column = 0
    for entry in row.findall(nodes.entry):
        if not entry.get("morecols"):
            yield column, entry.astext()
        column += 1 + entry.get("morecols", 0)
