"""Roles: {version}`flask` prints the version that is installed, so no text can be out of date."""

import platform
from importlib.metadata import PackageNotFoundError, version

from docutils import nodes


def version_role(name, rawtext, text, lineno, inliner, options=None, content=None):
    """The version of a distribution, or of Python."""
    if text == "python":
        return [nodes.Text(platform.python_version())], []
    try:
        return [nodes.Text(version(text))], []
    except PackageNotFoundError:
        message = inliner.reporter.error(f"{{version}}: '{text}' is not installed", line=lineno)
        return [inliner.problematic(rawtext, rawtext, message)], [message]
