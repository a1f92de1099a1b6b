"""The translator: what sphinxcontrib-typstbuilder leaves open between a doctree and Typst.

Containers, paragraphs and inline text keep their classes; the template decides what they
look like: parts.typ lists the classes that it knows.
"""

import textwrap
from collections import Counter

from docutils import nodes
from docutils.nodes import Element
from sphinx import addnodes
from sphinx.environment.adapters.indexentries import IndexEntries
from sphinx.util import logging
from sphinxcontrib_typstbuilder._writer import (
    BlockMarkupFunction,
    InlineMarkupFunction,
    TypstTranslator,
    document_label,
    escape_str,
)

from book._ext.pdf.code import SHORT, array, typst_pieces
from book._ext.pdf.tables import BREAKS, BookTable

logger = logging.getLogger(__name__)

CHAPTER_MARK = "// chapter: "  # in the Typst source, so that an error can name the chapter
ROWS = {"answers", "figures", "glance"}  # containers whose children stand side by side
OF_PARTS = {"row", "exchange"}  # functions whose arguments are the children, one by one
COLUMN = 25  # characters of code that fit in a third of the page
CHECKED = 48  # characters of a behaviour that fit in half of it
LONG_WORD = 12  # inline code longer than this may break inside,
ENDS = 3  # but not after its first or before its last characters


class PdfTranslator(TypstTranslator):
    """Docutils nodes to calls of the functions in book/_typst/template/."""

    sectionlevel: int
    pending_labels: list[str]

    # Chapters, parts, titles

    def visit_document(self, node: Element) -> None:
        self.aliases = self._find_aliases(node)
        self.footnotes = self._find_footnotes(node)
        self.printed_footnotes: set[str] = set()
        self.recurring = _recurring_titles(node)
        self.part: tuple[str, bool] | None = None  # of the chapter, and whether it opens it
        self.part_depth = self.listings = 0
        super().visit_document(node)
        self.append_text(f"{CHAPTER_MARK}{node['docname']}\n")
        self.append_el(BlockMarkupFunction(name="foreword"))

    def _close_foreword(self) -> None:
        """What the first page says becomes the foreword, if it says anything."""
        if getattr(self.curr_element(), "name", "") == "foreword":
            if self.curr_element().body:
                self.absorb_fun_in_body()
            else:
                self.pop_el()

    def _find_aliases(self, document: Element) -> dict[str, str]:
        """A Typst heading carries one label: every other id of a section leads to it."""
        aliases: dict[str, str] = {}
        for file in (document, *document.findall(addnodes.start_of_file)):
            docname = file["docname"]
            chapter = next(file.findall(nodes.section), None)
            for section in _own(file, nodes.section):
                first, *others = (f"{document_label(docname)}#{name}" for name in section["ids"])
                aliases |= dict.fromkeys(others, first)
                if section is chapter:
                    aliases[document_label(docname)] = first
        return aliases

    def label_ref(self, label: str) -> str:
        full = super().label_ref(label)
        return self.aliases.get(full, full)

    def visit_start_of_file(self, node: Element) -> None:
        if len(self.curr_files) == 1:
            self._close_foreword()
        self.append_text(f"\n{CHAPTER_MARK}{node['docname']}\n")
        self.part = self.builder.parts.get(node["docname"])
        if self.part:
            self.part_depth = 1
        self.outer_level, self.sectionlevel = self.sectionlevel, 0
        super().visit_start_of_file(node)

    def depart_start_of_file(self, node: Element) -> None:
        super().depart_start_of_file(node)
        self.sectionlevel = self.outer_level

    def visit_section(self, node: Element) -> None:
        """The landing page's list of chapters is not printed: the contents say it already."""
        if _child_with_class(node, "chapters") is not None:
            raise nodes.SkipNode
        super().visit_section(node)

    def visit_title(self, node: Element) -> None:
        if not isinstance(node.parent, nodes.section) or self.this_is_the_title:
            super().visit_title(node)
            return
        self.pending_labels = []
        level = self.sectionlevel + (self.part_depth or len(self.curr_files) == 1)
        function = "chapter" if self.sectionlevel == 1 and self.curr_files[1:] else "section"
        params = {
            "level": str(level),
            "target": escape_str(self.label_ref(node.parent["ids"][0])),
        }
        in_chapter = bool(self.curr_files[1:])
        if self.sectionlevel + (not in_chapter) > 2:
            params["deep"] = "true"
        if self.sectionlevel == 2 and in_chapter:
            params["subject"] = str(node.astext() not in self.recurring).lower()
        number = self._number(node.parent)
        if number:
            params["number"] = escape_str(number)
        if function == "chapter" and self.part:
            part, opens = self.part
            params["part" if opens else "eyebrow"] = escape_str(part)
        self.append_el(BlockMarkupFunction(name=function, named_params=params))

    def _number(self, section: Element) -> str:
        """The section's number, if its toctree asks for numbers."""
        numbers = self.builder.env.toc_secnumbers.get(self.curr_files[-1], {})
        anchor = "" if self.sectionlevel == 1 else f"#{section['ids'][0]}"
        return ".".join(map(str, numbers.get(anchor, ())))

    def depart_document(self, node: Element) -> None:
        self._close_foreword()
        self.append_text(f"{CHAPTER_MARK}\n{self._index()}\n")
        super().depart_document(node)

    # Paragraphs, containers, inline text

    def visit_paragraph(self, node: Element) -> None:
        if "eyebrow" in node["classes"] and "part" not in node["classes"]:
            raise nodes.SkipNode  # it stands above the title
        if node["classes"]:
            self._open("paragraph", node)
            return
        super().visit_paragraph(node)
        if node.astext().endswith(":"):
            self.curr_element().name = "leads-on"

    def visit_container(self, node: Element) -> None:
        classes = set(node["classes"])
        if _is_stacked(node):
            return
        if "literal-block-wrapper" in classes:
            self.listings += 1
            self._open("listing", node, name=escape_str(f"listing-{self.listings}"))
        elif classes & ROWS:
            self._open("row", node)
        elif "exchange" in classes:
            sent = _child_with_class(node, "exchange-sent")
            short = sent is not None and len(_lines(sent)) <= SHORT
            first = "2" if short else "1"
            self._open("exchange", node, lines=str(_height(node)), first=first)
        elif classes:
            self._open("container", node)
        else:
            self.append_unprocessed(node)

    def depart_container(self, node: Element) -> None:
        if not _is_stacked(node):
            self.absorb_fun_in_body()

    def absorb_fun_in_body(self) -> None:
        """What stands in a function goes into its body, or is its next argument."""
        text, function = self.pop_el(), self.curr_element()
        if getattr(function, "name", "") in OF_PARTS:
            function.positional_params.append(f"[{text}]")
        else:
            function.body.append(text)

    def _open(self, function: str, node: Element, **params: str) -> None:
        params["classes"] = array(map(escape_str, node["classes"]))
        self.append_block_fun(node, name=function, named_params=params)

    def visit_bullet_list(self, node: Element) -> None:
        super().visit_bullet_list(node)
        if "checked" in node.parent["classes"]:
            self.curr_element().name = "checklist"
            self.curr_element().named_params["lines"] = array(map(_checked_lines, node.children))
        elif any(map(_leads_outside, node.findall(nodes.reference))):
            self.curr_element().name = "references"

    def visit_caption(self, node: Element) -> None:
        if (ran := _child_with_class(node, "ran")) is not None:
            node.remove(ran)
            if (named := _child_with_class(ran, "ran-on")) is not None:
                ran.remove(named)  # the badge says it
            self.curr_element().named_params["ran"] = escape_str(ran.astext())
        super().visit_caption(node)

    def visit_Text(self, node: nodes.Text) -> None:
        """A mark does not part from what it marks at the end of a line."""
        if "odd-mark" in node.parent["classes"]:
            node = nodes.Text(node.astext().replace("≠ ", "≠\u00a0"))
        super().visit_Text(node)

    def visit_inline(self, node: Element) -> None:
        """Words for a screen reader are in the link's own name; on paper they would stand twice."""
        if "visually-hidden" in node["classes"]:
            raise nodes.SkipNode
        super().visit_inline(node)

    def visit_enumerated_list(self, node: Element) -> None:
        super().visit_enumerated_list(node)
        if "start" in node:
            self.curr_element().named_params["start"] = str(node["start"])

    def visit_transition(self, node: Element) -> None:
        if "footnotes" in node["classes"]:
            raise nodes.SkipNode
        super().visit_transition(node)

    def append_text(self, text: str) -> None:
        self.curr_element().body.append(text)

    # Code

    def visit_literal_block(self, node: Element) -> None:
        language = node.get("language", "default")
        lines = self.builder.highlighter.lines(
            node.astext(), language, node.get("force", False), node
        )
        if node.parent.get("literal_block"):  # its caption makes a listing of it
            self.curr_element().labels += self.label_refs(node["ids"])
            self.curr_element().positional_params.append(typst_pieces(lines))
            raise nodes.SkipNode
        self._open("code", node)
        self.curr_element().positional_params.append(typst_pieces(lines))
        self.absorb_fun_in_body()
        raise nodes.SkipNode

    def visit_literal(self, node: Element) -> None:
        if "kbd" in node["classes"]:
            super().visit_literal(node)
        self.append_inline_fun(node, name="literal")
        self.append_text(_inline_code(_unbroken(node.astext())))
        self.absorb_fun_in_body()
        raise nodes.SkipNode

    # Links

    def depart_reference(self, node: Element) -> None:
        """Paper needs the address: it follows the words."""
        super().depart_reference(node)
        if _leads_outside(node):
            address = node["refuri"].partition("://")[2]
            self.append_text(f"#address({escape_str(address)});")

    def visit_target(self, node: Element) -> None:
        if isinstance(node.parent, nodes.TextElement):
            labels = map(escape_str, self.label_refs(node["ids"]))
            self.append_text("".join(f"#mlabel({label});" for label in labels))
        else:
            super().visit_target(node)

    # Footnotes: the library's ids are unique in one chapter only, so print them where they are used

    def _find_footnotes(self, document: Element) -> dict[str, Element]:
        return {
            f"{document_label(file['docname'])}#{name}": footnote
            for file in (document, *document.findall(addnodes.start_of_file))
            for footnote in _own(file, nodes.footnote)
            for name in footnote["ids"]
        }

    def visit_footnote_reference(self, node: Element) -> None:
        label = self.label_ref(node["refid"])
        if label in self.printed_footnotes:
            self.append_text(f"#footnote(label({escape_str(label)}));")
            raise nodes.SkipNode
        self.printed_footnotes.add(label)
        self.append_el(InlineMarkupFunction(name="footnote"))
        for child in self.footnotes[label].children[1:]:
            child.walkabout(self)
        self.absorb_fun_in_body()
        self.append_text(f"#label({escape_str(label)});")
        raise nodes.SkipNode

    def visit_footnote(self, _node: Element) -> None:
        raise nodes.SkipNode

    # Pictures

    def visit_image(self, node: Element) -> None:
        width = str(node.get("width", ""))
        if width.endswith("px"):
            node["width"] = f"{float(width[:-2]) * 0.75}pt"
        super().visit_image(node)
        if not node.get("alt"):
            logger.warning("image without a text that says what it shows (alt)", location=node)
        self.curr_element().named_params["alt"] = escape_str(node.get("alt", ""))

    # Tables

    def visit_table(self, node: nodes.table) -> None:
        table = BookTable(node)
        table.labels = self.label_refs(node["ids"]) + self.pending_labels
        self.pending_labels = []
        self.append_el(table)

    def visit_entry(self, node: Element) -> None:
        super().visit_entry(node)
        if "odd" in node["classes"]:
            self.curr_element().named_params |= {"fill": "odd-tint", "stroke": "odd-stroke"}

    # The index

    def _index(self) -> str:
        """Sphinx's own index, with labels in place of addresses; the template adds the pages."""
        groups = IndexEntries(self.builder.env).create_index(self.builder)
        if not groups:
            return ""
        letters = (
            f"(letter: {escape_str(letter)}, entries: ({''.join(map(self._index_entry, entries))}))"
            for letter, entries in groups
        )
        return f"#book-index(({''.join(f'{letter}, ' for letter in letters)}))"

    def _index_entry(self, entry: tuple) -> str:
        name, (links, below, _key) = entry
        subentries = "".join(
            self._index_entry((subname, (sublinks, [], None))) for subname, sublinks in below
        )
        targets = array(
            f"(main: {'true' if main else 'false'}, "
            f"label: label({escape_str(self.aliases.get(address, address))}))"
            for main, address in links
            if address
        )
        return f"(term: {escape_str(name)}, targets: {targets}, below: ({subentries})), "


def _recurring_titles(document: Element) -> set[str]:
    """Titles of sections in more than one chapter: the frame that all chapters share."""
    titles = Counter(section[0].astext() for section in document.findall(nodes.section))
    return {title for title, times in titles.items() if times > 1}


def _own[Kind: Element](file: Element, kind: type[Kind]) -> list[Kind]:
    """The nodes of a kind in a file, without those of the files that it includes."""
    inner = {
        id(node)
        for below in file.findall(addnodes.start_of_file)
        if below is not file
        for node in below.findall(kind)
    }
    return [node for node in file.findall(kind) if id(node) not in inner]


def _child_with_class(node: Element, name: str) -> Element | None:
    return next(
        (
            child
            for child in node.children
            if isinstance(child, Element) and name in child["classes"]
        ),
        None,
    )


def _leads_outside(reference: Element) -> bool:
    """Whether this is a link to the web whose words are not its address."""
    address = reference.get("refuri", "")
    is_quiet = {"shown", "quiet"} & {*reference["classes"]}
    return "://" in address and reference.astext() != address and not is_quiet


def _is_stacked(node: Element) -> bool:
    """Whether these are answers with code that is too wide for a third of the page each."""
    if "answers" not in node["classes"]:
        return False
    lines = (line for text in node.findall(nodes.literal_block) for line in _lines(text))
    return len(node.children) == 1 or any(len(line) > COLUMN for line in lines)


def _height(node: Element) -> int:
    """About how many lines a container takes; short ones stay on one page."""
    return _lines_of_code(node) + 2 * len(list(node.findall(nodes.paragraph)))


def _checked_lines(item: nodes.Node) -> str:
    """How many lines a checked behaviour takes in its column."""
    return str(len(textwrap.wrap(item.astext(), CHECKED)))


def _lines_of_code(node: Element) -> int:
    return sum(len(_lines(text)) for text in node.findall(nodes.literal_block))


def _lines(text: Element) -> list[str]:
    return text.astext().split("\n")


def _inline_code(parts: list[str]) -> str:
    """A line may break between the boxes and nowhere else; a plain name needs none."""
    if len(parts) == 1 and parts[0].isidentifier():
        return f"#{escape_str(parts[0])};"
    return "".join(f"#box({escape_str(part)});" for part in parts)


def _unbroken(text: str) -> list[str]:
    """Inline code, cut where a line may break; short code stays in one piece."""
    if len(text) <= LONG_WORD:
        return [text]
    ends = [match.end() for match in BREAKS.finditer(text)]
    cuts = [end for end in ends if ENDS <= end <= len(text) - ENDS]
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
