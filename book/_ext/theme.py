"""What furo, sphinx-tabs and copybutton leave to us: names for landmarks, files that nobody needs."""

import re
from pathlib import Path, PurePath

from sphinx.application import Sphinx
from sphinx.util import logging

from book._core.frameworks import FRAMEWORKS
from book._ext.pages import is_page

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

LOG = logging.getLogger(__name__)

# What furo writes, and what a screen reader has to be told as well.
CURES = {
    '<aside class="sidebar-drawer"': '<aside class="sidebar-drawer" aria-label="The book"',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
}
# Of no use here: styles of extensions that the book has not, tabs that book.js does alone.
NEVER = {"furo-extensions.css", "tabs.js"}
# Of use only where there is code to copy.
WITH_CODE = {"clipboard.min.js", "copybutton.js", "copybutton.css"}


def mended(page: str) -> str:
    """furo's page with the cures. It is an error if furo no longer writes what they cure."""
    for found, cure in CURES.items():
        if found not in page:
            LOG.warning("furo writes no %r any more: see CURES in %s", found, __file__)
        page = page.replace(found, cure)
    return page


def prepare(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Give the template what it needs, and take away the files that this page does not."""
    context["mended"] = mended if is_page(app) else str
    if not is_page(app):
        return
    body = context.get("body", "")
    context["has_tabs"] = 'role="tablist"' in body
    context["frameworks"] = [(name, known.label) for name, known in FRAMEWORKS.items()]
    tree = context["furo_navigation_tree"] or ""
    context["furo_navigation_tree"] = tree.replace(
        ' role="heading"', ' role="heading" aria-level="2"'
    )
    unused = NEVER if 'class="highlight"' in body else NEVER | WITH_CODE
    for kind in ("css_files", "script_files"):
        files = context[kind]
        files[:] = [file for file in files if PurePath(file.filename or "").name not in unused]


def shrink(app: Sphinx, error: Exception | None) -> None:
    """Send our styles without comments and indentation: a tenth of their weight."""
    styles = Path(app.outdir) / "_static" / "book.css"
    if is_page(app) and not error and styles.exists():
        text = COMMENT.sub("", styles.read_text("utf-8"))
        lines = (line.strip() for line in text.splitlines())
        styles.write_text("\n".join(line for line in lines if line), "utf-8")


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", prepare, priority=900)
    app.connect("build-finished", shrink)
