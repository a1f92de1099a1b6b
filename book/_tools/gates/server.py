"""A quiet web server for the built book, as a project site serves it.

Python's own, with what that lacks: a path in front of the book, and compression, without which
Lighthouse and the weight of a page would be those of no real site.
"""

import contextlib
import functools
import gzip
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files below a path, compressed where the client wants it, nothing logged."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(*arguments, **options)

    def log_message(self, *args: object) -> None:
        """Say nothing: the browser tells what failed."""

    def translate_path(self, path: str) -> str:
        if not path.startswith(self.prefix):
            return str(Path(self.directory, "no such file"))
        return super().translate_path(path[len(self.prefix) - 1 :])

    def do_GET(self) -> None:
        """A browser that goes away in the middle of a file is no error."""
        with contextlib.suppress(ConnectionError):
            self.send()

    def send(self) -> None:
        """Answer with the file that is asked for."""
        file = Path(self.translate_path(self.path))
        kind = self.guess_type(str(file))
        packs = "gzip" in self.headers.get("Accept-Encoding", "")
        text = kind.startswith("text/") or kind.endswith(("javascript", "json", "svg+xml"))
        if not (packs and text and file.is_file()):
            super().do_GET()
            return
        body = gzip.compress(file.read_bytes(), compresslevel=6, mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def serve(folder: Path, prefix: str) -> Iterator[str]:
    """Serve a folder below `prefix` on a free port; gives the address of its root."""
    handler = functools.partial(Handler, directory=str(folder), prefix=prefix)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{prefix}"
        finally:
            server.shutdown()
            thread.join()
