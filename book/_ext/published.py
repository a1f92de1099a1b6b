"""What a published page says about itself: its description, its source, where to report an error."""

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
    context["links"] = links(app.config.book_repository, pagename) if exists else []


def links(repository: str, pagename: str) -> list[tuple[str, str]]:
    """Words and address of what a reader can do about a page; nothing without a repository.

    The error report is .github/ISSUE_TEMPLATE/error.yml, filled in with page and versions.
    """
    if not repository:
        return []
    versions = ", ".join(f"{f.label} {f.version}" for f in FRAMEWORKS.values())
    form = urlencode({"template": "error.yml", "page": pagename, "versions": versions})
    source = f"main/book/{pagename}.md"
    return [
        ("Report an error on this page", f"{repository}/issues/new?{form}"),
        ("Edit this page", f"{repository}/edit/{source}"),
        ("Source", f"{repository}/blob/{source}"),
    ]


def setup(app: Sphinx) -> None:
    app.add_config_value("book_published", False, "env", (bool,))
    app.add_config_value("book_repository", "", "html", (str,))
    app.connect("html-page-context", describe)
