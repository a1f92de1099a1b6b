"""Words of the glossary: the first use of each in a chapter leads to it, and shows it as a tip."""

import re
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from book._core.chapters import BOOK, chapter

GLOSSARY = "glossary"
PROSE = (nodes.document, nodes.section, nodes.list_item, nodes.bullet_list, nodes.enumerated_list)
SENTENCE = re.compile(r"(.+?[.:;])(?:\s|$)", re.DOTALL)


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link the first use of each term in the prose of a chapter, on pages and in the EPUB."""
    if app.builder.format != "html" or not is_chapter(docname):
        return
    left = dict(terms(app.env))
    for text in [*prose(doctree)]:
        if left and (found := pattern(tuple(left)).search(text)):
            anchor, tip = left.pop(key(found[0], left))
            uri = f"{app.builder.get_relative_uri(docname, GLOSSARY)}#{anchor}"
            link = nodes.reference("", found[0], refuri=uri, reftitle=tip, classes=["term"])
            parts = [nodes.Text(text[: found.start()]), link, nodes.Text(text[found.end() :])]
            text.parent.replace(text, [part for part in parts if part.astext()])


def is_chapter(docname: str) -> bool:
    return (BOOK / f"{docname}.md").exists() and bool(chapter(docname).question)


def prose(doctree: nodes.document) -> list[nodes.Text]:
    """Running text, but none of headings, code, links, tables or what a run left."""
    return [
        text
        for paragraph in doctree.findall(nodes.paragraph)
        if not paragraph["classes"] and in_prose(paragraph)
        for text in paragraph.findall(nodes.Text)
        if text.parent is paragraph or isinstance(text.parent, nodes.emphasis)
    ]


def in_prose(node: nodes.Node) -> bool:
    while node.parent is not None:
        node = node.parent
        if not isinstance(node, PROSE):
            return False
    return True


def terms(env: BuildEnvironment) -> dict[str, tuple[str, str]]:
    """Anchor and first sentence of each term, by the term in small letters."""
    path = Path(env.doctreedir) / f"{GLOSSARY}.doctree"
    return _terms(env, path.stat().st_mtime_ns) if path.exists() else {}


@cache
def _terms(env: BuildEnvironment, _changed: int) -> dict[str, tuple[str, str]]:
    found = {}
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        meaning = item[-1].astext().replace("\n", " ")
        first = SENTENCE.match(meaning)
        for term in item.findall(nodes.term):
            if term["ids"]:
                found[term.astext().lower()] = term["ids"][0], first[1] if first else meaning
    return found


@cache
def pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these terms, the longest first, in singular or plural."""
    longest = sorted(words, key=len, reverse=True)
    return re.compile(
        rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest))})s?(?![\w-])", re.IGNORECASE
    )


def key(word: str, known: dict[str, tuple[str, str]]) -> str:
    small = word.lower()
    return small if small in known else small.removesuffix("s")


def setup(app: Sphinx) -> None:
    app.connect("doctree-resolved", link_terms)
