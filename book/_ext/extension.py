"""The way in for Sphinx: directives that show what ran, and nothing else."""

import hashlib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ConfigError
from sphinx.util.typing import ExtensionMetadata

from book._core import evidence
from book._core.frameworks import ROOT
from book._ext import (
    colours,
    downloads,
    editions,
    epub,
    figure,
    freshness,
    glossary,
    head,
    index_entries,
    lines,
    marks,
    pages,
    problems,
    programs,
    published,
    tabs,
    theme,
)
from book._ext.checked import Checked
from book._ext.claims import Claims
from book._ext.compare import Compare
from book._ext.differences import Differences
from book._ext.editions import Editions
from book._ext.exchange import Exchange
from book._ext.figure import FigureTyp
from book._ext.landing import Chapters, Figures
from book._ext.listing import Listing
from book._ext.pairs import Pair, Terms
from book._ext.records import FaultsRecord, VersionsRecord
from book._ext.roles import version_role
from book._ext.statements import Statements
from book._ext.summary import Summary
from book._ext.wire import WireRecord


def setup(app: Sphinx) -> ExtensionMetadata:
    if Path(app.srcdir) != ROOT / "book":
        raise ConfigError(
            f"the chapters are in {ROOT / 'book'}, not in {app.srcdir}: "
            "'nox -s book' builds all editions, 'sphinx-build -c . book FOLDER' one"
        )
    evidence.load.cache_clear()
    for name, directive in {
        "compare": Compare,
        "listing": Listing,
        "run": downloads.Run,
        "exchange": Exchange,
        "differences": Differences,
        "checked": Checked,
        "summary": Summary,
        "pair": Pair,
        "terms": Terms,
        "statements": Statements,
        "figure-typ": FigureTyp,
        "claims": Claims,
        "editions": Editions,
        "figures": Figures,
        "chapters": Chapters,
        "versions-record": VersionsRecord,
        "faults-record": FaultsRecord,
        "wire-record": WireRecord,
    }.items():
        app.add_directive(name, directive)
    app.add_role("version", version_role)
    for part in (
        colours,
        downloads,
        editions,
        epub,
        figure,
        index_entries,
        freshness,
        glossary,
        head,
        lines,
        marks,
        pages,
        problems,
        programs,
        published,
        tabs,
        theme,
    ):
        part.setup(app)
    app.setup_extension("book._ext.pdf")
    return {
        "version": "1",
        "env_version": own_digest(),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def own_digest() -> int:
    """Changes with the extension's own code: pages that an older version made are read again."""
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources))
    return int(digest.hexdigest()[:12], 16)
