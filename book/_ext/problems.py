"""Problems that stop the build: each with page, line and what would be right, all at once.

An exception would stop at the first and bury it in a traceback. So problems are remembered with
their page, named after reading, and end the build: no page is written. What is wrong on several
pages, such as a file that changed after the tests, is named once.
"""

import sys

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)
KEY = "book:problems"


def report(
    env: BuildEnvironment, docname: str, line: int | None, message: str, directive: str = ""
) -> None:
    """Remember a problem of a page; the build will not get past reading."""
    env.metadata[docname].setdefault(KEY, {}).setdefault(message, (line, directive))


def stop_if_any(app: Sphinx, env: BuildEnvironment) -> None:
    """Name the problems and end the build, before anything is written."""
    # The landing page sums up all others: what is wrong there is wrong elsewhere first.
    broken = sorted(
        (name for name, data in env.metadata.items() if KEY in data),
        key=lambda name: (name == app.config.root_doc, name),
    )
    named: set[str] = set()
    for docname in broken:
        for message, (line, directive) in env.metadata[docname][KEY].items():
            if message not in named:
                where = f"{{{directive}}}: " if directive else ""
                logger.error("%s%s", where, message, location=(docname, line), type="book")
                named.add(message)
    if broken:
        pages = ", ".join(f"book/{name}.md" for name in sorted(broken))
        print(
            f"\nThe book is not proven: {len(named)} problem(s) in {pages}, named above. "
            "Nothing was written.",
            file=sys.stderr,
        )
        raise SystemExit(1)


def setup(app: Sphinx) -> None:
    app.connect("env-updated", stop_if_any)
