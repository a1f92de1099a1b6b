"""What a published page says about itself: its description, and where to report an error."""

from urllib.parse import urlencode

from sphinx.application import Sphinx

from book._core.chapters import BOOK, chapter
from book._core.frameworks import FRAMEWORKS

TAGLINE = (
    "The same web problem solved in Flask, FastAPI and Django on one page: "
    "every listing a file that a test has just run."
)


def describe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Give the page's template its description and the link to report an error."""
    exists = (BOOK / f"{pagename}.md").exists()
    context["page_description"] = (exists and chapter(pagename).question) or TAGLINE
    context["report_error"] = report_error(app.config.book_repository, pagename)


def report_error(repository: str, pagename: str) -> str:
    """The address of a new issue, filled in with the page and the versions it ran on."""
    versions = ", ".join(f"{f.label} {f.version}" for f in FRAMEWORKS.values())
    body = f"Page: {pagename}\nVersions: {versions}\n\nWhat is wrong, and what would be right?\n"
    return f"{repository}/issues/new?{urlencode({'title': f'{pagename}: ', 'body': body})}"


def setup(app: Sphinx) -> None:
    app.add_config_value("book_repository", "", "html", (str,))
    app.connect("html-page-context", describe)
