"""Sphinx configuration of the book."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from book._core import markdown  # noqa: E402 (only now it can be found)

project = "Flask, FastAPI, Django: Side by Side"
version = release = "1.0"
author = "The Side by Side authors"
built = datetime.fromtimestamp(
    int(os.environ.get("SOURCE_DATE_EPOCH", datetime.now(UTC).timestamp())), UTC
)
copyright = f"{built.year}, {author}. Prose CC BY 4.0, code MIT"
language = "en"

# Where this copy is published; set both when you publish one. Without a repository no page
# links to its source.
html_baseurl = os.environ.get("BOOK_URL", "https://side-by-side.example/")
book_published = "BOOK_URL" in os.environ
book_repository = os.environ.get("BOOK_REPOSITORY", "")
html_context = {"html_baseurl": html_baseurl}

extensions = [
    "myst_parser",
    "sphinx.ext.intersphinx",
    "sphinx_tabs.tabs",
    "sphinx_copybutton",
    "sphinx_sitemap",
    "notfound.extension",
    "book._ext.extension",
]
if (ROOT / ".git").exists():
    extensions.append("sphinx_last_updated_by_git")
exclude_patterns = ["_*"]
root_doc = "index"
nitpicky = True
templates_path = [str(ROOT / "book" / "_templates")]

myst_enable_extensions = [*markdown.EXTENSIONS]
myst_heading_anchors = 3

# Official documentation, read from files: `nox -s inventories` renews them.
intersphinx_mapping = {
    "flask": ("https://flask.palletsprojects.com/en/stable/", "_inventories/flask.inv"),
    "django": ("https://docs.djangoproject.com/en/6.1/", "_inventories/django.inv"),
}

# Every builder reads the same doctree; book/_ext/tabs.py unfolds tabs where there are none.
sphinx_tabs_valid_builders = ["epub", "text", "pdf"]
sphinx_tabs_disable_css_loading = True
sphinx_tabs_disable_tab_closing = True

html_theme = "furo"
html_title = project
html_static_path = [str(ROOT / "book" / "_static")]
html_css_files = ["book.css"]
html_js_files = [("book.js", {"defer": "defer"})]
html_theme_options: dict[str, list[str]] = {"top_of_page_buttons": []}
pygments_dark_style = "a11y-high-contrast-dark"
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "index-link.html",
        "sidebar/scroll-end.html",
    ]
}
html_favicon = str(ROOT / "book" / "_static" / "favicon.svg")
html_search_scorer = "book/_templates/scorer.js"
html_last_updated_fmt = "%d %B %Y"
sitemap_url_scheme = "{link}"
sitemap_excludes = ["search.html", "genindex.html", "404.html"]
notfound_urls_prefix = None
notfound_context = {
    "title": "Page not found",
    "body": "<h1>Page not found</h1>\n"
    "<p>Nothing is at this address. The sidebar has all chapters, and a search.</p>",
}
html_copy_source = False
html_show_sourcelink = False

epub_basename = "side-by-side"
epub_title = project
epub_description = "One web problem a page, solved in three frameworks; every listing has just run."
epub_contributor = author
epub_publisher = author
epub_identifier = epub_uid = "side-by-side-flask-fastapi-django"
epub_scheme = "ID"
epub_cover = ("_static/cover.png", "epub-cover.html")
epub_css_files = ["book-epub.css"]
epub_show_urls = "no"
epub_tocscope = "includehidden"
epub_exclude_files = ["search.html", "_static/book.js", "_static/book.css", "_static/favicon.svg"]

typst_documents = [
    {
        "startdocname": "index",
        "targetname": "side-by-side",
        "title": project,
        "metadata": {"subtitle": "The same web problem, solved in three Python frameworks"},
    }
]
