"""A quiet web server for the built book, as a project site serves it."""

import contextlib
import functools
import gzip
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

PREFIX = "/side-by-side/"  # a sub-path: a link that starts at the host's root is broken


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files below PREFIX, compressed where the client wants it, nothing logged."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        """Say nothing: the browser tells what failed."""

    def translate_path(self, path: str) -> str:
        if not path.startswith(PREFIX):
            return str(Path(self.directory, "no such file"))
        return super().translate_path(path[len(PREFIX) - 1 :])

    def do_GET(self) -> None:
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
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port; gives the address of its root."""
    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
        finally:
            server.shutdown()
            thread.join()
