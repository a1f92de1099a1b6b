"""The PostgreSQL of the tests: it answers, says why it does not start, and leaves nothing behind."""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from book._ext.frameworks import ROOT
from tests import databases

pytestmark = databases.HAS_POSTGRESQL

WAITING = """
import time
from tests.postgresql import server
with server() as url:
    print(url, flush=True)
    time.sleep(600)
"""


def test_it_is_a_real_one(postgresql):
    import psycopg

    with psycopg.connect(postgresql) as connection:
        [[version]] = connection.execute("SELECT version()").fetchall()
    assert version.startswith("PostgreSQL ")


@pytest.fixture
def commands():
    """An empty folder for commands that the server's account may run."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize(
    ("scripts", "said"),
    [
        ({}, "initdb: .*not found"),
        ({"initdb": "echo cannot load libicu >&2; exit 127"}, "cannot load libicu"),
        ({"initdb": ":", "pg_ctl": "echo no memory >&2; exit 1"}, "no memory"),
    ],
)
def test_it_says_why_it_does_not_start(commands, scripts, said, tmp_path, monkeypatch):
    from tests.postgresql import server

    for name, script in scripts.items():
        (commands / name).write_text(f"#!/bin/sh\n{script}\n")
        (commands / name).chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    why = f"PostgreSQL in {commands} does not start:\n.*{said}"
    with pytest.raises(RuntimeError, match=why), server(commands):
        pytest.fail("started")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
def test_it_ends_with_the_tests(name):
    import psycopg

    with subprocess.Popen(
        [sys.executable, "-c", WAITING],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as tests:
        assert tests.stdout  # it is a pipe
        url = tests.stdout.readline().strip()
        connection = psycopg.connect(url)
        tests.send_signal(signal.Signals[name])
    wait_until_gone(Path(url.rpartition("host=")[2]))
    with connection, pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")


def wait_until_gone(folder):
    """The keeper removes the folder last. When the tests were killed, it needs a moment."""
    patience = time.monotonic() + 30
    while folder.exists():
        assert time.monotonic() < patience, f"{folder} is still there"
        time.sleep(0.02)
