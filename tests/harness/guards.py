"""What tests may not do: reach another machine, or write outside build/ and temporary folders.

One audit hook sees it all; it also notes which of the book's files a test opened.
pytest-socket would see connections alone, and those of Python's own socket class.
"""

import ipaddress
import os
import sys
from pathlib import Path

from book._core.frameworks import ROOT, SNIPPETS

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
ALLOWED = tuple(f"{ROOT / name}{os.sep}" for name in ("build", ".nox", ".venv"))

opened: set[str] = set()
"""Files below snippets/ that were opened since it was last cleared."""


class Forbidden(RuntimeError):
    """A test did what no test may do."""


def hook(event, arguments):
    if event == "open":
        _open(*arguments)
    elif event in ("socket.connect", "socket.sendto"):
        _connect(arguments[1])
    elif event == "socket.getaddrinfo":
        _connect(arguments)


def _open(path, mode, flags):
    if not isinstance(path, str):
        return
    path = os.path.abspath(path)
    if path.startswith(str(SNIPPETS) + os.sep):
        opened.add(path)
    inside = path.startswith(str(ROOT) + os.sep)
    writes = bool(flags & WRITING) if mode is None else any(c in mode for c in "wax+")
    if inside and writes and not path.startswith(ALLOWED) and "__pycache__" not in path:
        raise Forbidden(f"a test writes {Path(path).relative_to(ROOT)}; use tmp_path or build/")


def _connect(address):
    """Refuse what leads away from this machine; an address without a host is a local socket's."""
    host = address[0] if isinstance(address, tuple) else None
    if host and not is_loopback(host.decode() if isinstance(host, bytes) else host):
        raise Forbidden(f"a test connects to {host}; only 127.0.0.1 is allowed")


def is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def install():
    """Start watching. Audit hooks cannot be removed, so this is for the test process only."""
    sys.addaudithook(hook)
