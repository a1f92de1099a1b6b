"""Tables for the PDF: column widths from what stands in the cells.

The library leaves the widths to Typst, which cannot know that three columns are three frameworks.
"""

import re
from collections.abc import Iterable

from docutils import nodes
from sphinxcontrib_typstbuilder._writer import BlockMarkupFunction, Table

from book._ext.pdf.code import array

LINE = 88  # characters of table text that fit side by side on a page
WIDE = 1.15  # how much wider code is than text
EQUAL = {"differences"}  # tables whose columns are the three frameworks
SUMMARY = [16, 28, 28, 28]  # stands in several tables, one below the other
# Where a word or inline code may break, but not after a sign that it begins with.
BREAKS = re.compile(r"(?<=\S\S[/._,=?(\-])(?=\w)|(?<=\w)(?=&)|\s+")


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
    if "summary" in table["classes"]:
        return SUMMARY
    columns = len(list(table.findall(nodes.colspec)))
    word, text = [3] * columns, [3] * columns
    for row in table.findall(nodes.row):
        for column, entry in _columns(row):
            word[column] = max(word[column], *_words(entry))
            text[column] = max(text[column], len(entry.astext()))
    wanted = [most - least for most, least in zip(text, word, strict=True)]
    spare = max(0, LINE - sum(word))
    share = min(1.0, spare / (sum(wanted) or 1))
    result = [least + round(share * more) + 3 for least, more in zip(word, wanted, strict=True)]
    if EQUAL & set(table["classes"]):
        mean = round(sum(result[1:]) / (columns - 1))
        result[1:] = [max(mean, *(least + 3 for least in word[1:]))] * (columns - 1)
    return result


def _words(entry: nodes.entry) -> Iterable[int]:
    """How wide the words of a cell are; those of code are wider."""
    mark = 2 if "odd" in entry["classes"] else 0
    for text in entry.findall(nodes.Text):
        wide = WIDE if isinstance(text.parent, nodes.literal) else 1.0
        yield from (round((len(word) + mark) * wide) for word in BREAKS.split(text))
    yield 0


def _columns(row: nodes.row) -> Iterable[tuple[int, nodes.entry]]:
    """The cells of a row with the column each stands in; cells over several columns left out."""
    column = 0
    for entry in row.findall(nodes.entry):
        if not entry.get("morecols"):
            yield column, entry
        column += 1 + entry.get("morecols", 0)
