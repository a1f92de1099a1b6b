"""Pages for the eyes of who writes them: HTML in a folder of its own, that reloads itself.

All chapters, or only some: then links to the others are plain text, and nobody waits for their
tests. sphinx-autobuild would watch and reload, too, but every page at every change: it can neither
wait for tests nor leave chapters out.
"""

import functools
import http.server
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import docutils_namespace, patch_docutils

from book._core.chapters import BOOK
from book._core.chapters import names as chapter_names
from book._core.frameworks import ROOT

FOLDER = ROOT / "build" / "live"
RELOAD = "/-/reload"
SCRIPT = f'new EventSource("{RELOAD}").onmessage = () => location.reload();'
PATIENCE = 15
"""Seconds after which the server looks whether somebody still listens."""


class Elsewhere(SphinxPostTransform):
    """A link to a chapter that is not in this preview is its words; before MyST looks for it."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        elsewhere = {*chapter_names()} - self.env.found_docs
        for link in list(self.document.findall(addnodes.pending_xref)):
            is_page = "doc" in (link.get("refdomain"), link["reftype"])
            if is_page and link["reftarget"].strip("/") in elsewhere:
                link.replace_self(link.children)


def _label(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, text: nodes.TextElement
) -> nodes.TextElement | None:
    """A label that is not here may be in a chapter that is not here."""
    return text if node["reftype"] == "ref" else None


def pages_of(names: list[str]) -> Path:
    """Where the preview of these chapters, or of all, is built."""
    return FOLDER / ("-".join(names) or "all")


def build(names: list[str]) -> bool:
    """Build these chapters, or all; whether there are new pages. What went wrong is printed."""
    overrides: dict[str, Any] = {}
    folder = pages_of(names)
    if names:
        overrides = {
            "root_doc": names[0],
            "include_patterns": [f"{name}.md" for name in names],
            "suppress_warnings": ["toc.not_included"],
        }
    with patch_docutils(ROOT), docutils_namespace():
        try:
            app = Sphinx(
                BOOK, ROOT, folder, FOLDER / ".doctrees" / folder.name, "html",
                confoverrides=overrides, status=None, warningiserror=True,
            )  # fmt: skip
            app.add_js_file(None, body=SCRIPT)
            if names:
                app.add_post_transform(Elsewhere)
                app.connect("missing-reference", _label)
            app.build()
        except SystemExit:
            return False  # the extension has named what is not proven
        except SphinxError as error:
            print(f"{error.category}: {error}", file=sys.stderr)
            return False
        except Exception:
            traceback.print_exc()
            return False
    if app.statuscode:
        print("A book is made only without such warnings.", file=sys.stderr)
    return True


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the pages without a line per request, and tells them when they are built anew."""

    server: "Server"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path != RELOAD:
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        while not self.wfile.closed:
            built = self.server.wait()
            try:
                self.wfile.write(b"data: built\n\n" if built else b": still here\n\n")
            except OSError:
                return None  # the page was left
        return None


class Server(http.server.ThreadingHTTPServer):
    """Serves a preview on a free port; `built()` lets all open pages reload themselves."""

    daemon_threads = True

    def __init__(self, names: list[str]) -> None:
        handler = functools.partial(Handler, directory=str(pages_of(names)))
        super().__init__(("127.0.0.1", 0), handler)
        self._news = threading.Condition()

    def wait(self) -> bool:
        """Whether something was built before patience ended."""
        with self._news:
            return self._news.wait(PATIENCE)

    def built(self) -> None:
        with self._news:
            self._news.notify_all()


@contextmanager
def serving(names: list[str]) -> Iterator[Server]:
    """A server for the preview of these chapters, or of all."""
    with Server(names) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
