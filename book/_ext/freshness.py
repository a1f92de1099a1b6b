"""Which pages to read again: those whose evidence changed, and no others.

Sphinx watches the files that a page shows. What it cannot see is that a test run left other
evidence; so each page remembers the seal of what it was built from.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from book._ext import evidence, problems
from book._ext.chapters import topics
from book._ext.evidence import EvidenceError


def current(docname: str) -> str:
    """The seal of the evidence that a page stands on; "" if the page has no topic or no evidence."""
    if docname not in topics():
        return ""
    try:
        return evidence.load(docname).digest
    except EvidenceError:
        return "unproven"


def remember(app: Sphinx, doctree: nodes.document) -> None:
    docname = app.env.current_document.docname
    app.env.metadata[docname]["evidence"] = current(docname)


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    return [
        docname
        for docname in env.found_docs - added - changed
        if env.metadata[docname].get("evidence", "") != current(docname)
        or problems.KEY in env.metadata[docname]
    ]


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", remember)
    app.connect("env-get-outdated", outdated)
