"""Problems that stop the build: each with page, line and what would be right, all at once.

An exception would stop at the first and bury it in a traceback. So problems are logged as
errors, remembered with their page, and end the build after reading: no page is written.
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
    """Log a problem of a page, once; the build will not get past reading."""
    known = env.metadata[docname].setdefault(KEY, [])
    if message not in known:
        known.append(message)
        where = f"{{{directive}}}: " if directive else ""
        logger.error("%s%s", where, message, location=(docname, line), type="book")


def stop_if_any(app: Sphinx, env: BuildEnvironment) -> None:
    """End the build before anything is written."""
    broken = {name: data[KEY] for name, data in env.metadata.items() if KEY in data}
    if broken:
        count = sum(map(len, broken.values()))
        pages = ", ".join(f"book/{name}.md" for name in sorted(broken))
        print(
            f"\nThe book is not proven: {count} problem(s) in {pages}, named above. "
            "Nothing was written.",
            file=sys.stderr,
        )
        raise SystemExit(1)


def setup(app: Sphinx) -> None:
    app.connect("env-updated", stop_if_any)
