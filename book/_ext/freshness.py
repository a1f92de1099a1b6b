"""Which pages to read again: those whose evidence changed, and no others.

Sphinx watches the files that a page shows. What it cannot see is that a test run left other
evidence; so each page remembers the seal of what it was built from.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from book._core import evidence
from book._core.evidence import EvidenceError
from book._ext import problems

TOPICS, SEALS = "book:topics", "book:seals"  # no key of front matter


def depends(env: BuildEnvironment, docname: str, topic: str) -> None:
    """Note that a page prints something of a topic's evidence."""
    env.metadata[docname].setdefault(TOPICS, {})[topic] = True


def seals(env: BuildEnvironment, docname: str) -> dict[str, str]:
    """The seals, as they are now, of all evidence that a page stands on."""
    found = {}
    for topic in env.metadata[docname].get(TOPICS, {}):
        try:
            found[topic] = evidence.load(topic).digest
        except EvidenceError:
            found[topic] = "unproven"
    return found


def remember(app: Sphinx, doctree: nodes.document) -> None:
    docname = app.env.current_document.docname
    app.env.metadata[docname][SEALS] = seals(app.env, docname)


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    return [
        docname
        for docname in env.found_docs - added - changed
        if env.metadata[docname].get(SEALS, {}) != seals(env, docname)
        or problems.KEY in env.metadata[docname]
    ]


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", remember)
    app.connect("env-get-outdated", outdated)
