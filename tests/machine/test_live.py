"""Ctrl-C ends the watch whatever it is doing, with its server and the tests that it started."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import pytest

from book._core.frameworks import ROOT
from book._tools import live
from tests.harness.processes import ends
from tests.harness.sockets import SECONDS

LIVE = """
import sys
from book._tools import live
live.topics = lambda: sys.argv[1:]
live.build = lambda: None
raise SystemExit(live.main())
"""
# In place of pytest: tests that do not end by themselves.
PYTEST = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("testing", flush=True)
signal.pause()
"""


@contextlib.contextmanager
def watching(tmp_path, *topics):
    """`live` in a process group of its own, of which nobody is left in the end."""
    (tmp_path / "pytest.py").write_text(PYTEST)
    with subprocess.Popen(
        [sys.executable, "-c", LIVE, *topics],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        watchdog = threading.Timer(6 * SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        try:
            yield process
            assert ends(-process.pid)
        finally:
            watchdog.cancel()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_watch_and_frees_the_port(tmp_path, number):
    with watching(tmp_path) as process:
        assert process.stdout.readline() == "\n"
        address = urlsplit(process.stdout.readline().split()[0])
        socket.create_connection((address.hostname, address.port), SECONDS).close()
        os.killpg(process.pid, number)
        assert process.stdout.read() == ""
        assert process.wait(SECONDS) == 0
    with socket.create_server((address.hostname, address.port)):
        pass


def test_ctrl_c_ends_the_tests_too(tmp_path):
    with watching(tmp_path, "untested") as process:
        assert process.stdout.readline() == "testing\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read() == ""
        assert process.wait(SECONDS) == 0


def test_ctrl_c_ends_more_than_the_build(monkeypatch):
    """Sphinx catches it and says that the build was interrupted, no more."""

    def sphinx(arguments):
        with contextlib.suppress(KeyboardInterrupt):
            live.stop()
        return 2

    monkeypatch.setattr(live, "stopped", threading.Event())
    monkeypatch.setattr(live, "build_main", sphinx)
    with pytest.raises(KeyboardInterrupt):
        live.build()
