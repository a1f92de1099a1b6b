"""The PostgreSQL of the tests: it answers, says why it does not start, and leaves nothing behind."""

import contextlib
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from book._core.frameworks import ROOT
from tests.harness import databases, postgresql
from tests.harness.processes import ends, running
from tests.harness.sockets import eventually

pytestmark = databases.HAS_POSTGRESQL

WAITING = """
import signal, sys, time
from tests.harness.postgresql import server
signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs the tests may ignore it
with server(*sys.argv[1:]) as url:
    print(url, flush=True)
    time.sleep(600)
"""
# Commands in place of PostgreSQL's: their server only sleeps.
INITDB = 'mkdir "${1#--pgdata=}"'
PG_CTL = """
pid="${1#--pgdata=}/postmaster.pid"
if test "$3" = stop; then kill "$(cat "$pid")"; exit; fi
sleep 600 </dev/null >/dev/null 2>&1 &
echo $! | tee "$pid"
"""


def write(commands, **scripts):
    for name, script in scripts.items():
        (commands / name).write_text(f"#!/bin/sh\n{script}\n")
        (commands / name).chmod(0o755)


def test_it_is_a_real_one(postgresql):
    import psycopg

    with psycopg.connect(postgresql) as connection:
        [[version]] = connection.execute("SELECT version()").fetchall()
    assert version.startswith("PostgreSQL ")


@pytest.fixture
def place():
    """An empty folder that the server's account may enter; pytest's own are for us alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def commands(place):
    """An empty folder for commands that the server's account may run."""
    (place / "commands").mkdir(0o755)
    return place / "commands"


@pytest.mark.parametrize(
    ("scripts", "said"),
    [
        ({}, "initdb: .*not found"),
        ({"initdb": "echo cannot load libicu >&2; exit 127"}, "cannot load libicu"),
        ({"initdb": ":", "pg_ctl": "echo no memory >&2; exit 1"}, "no memory"),
        ({"initdb": INITDB, "pg_ctl": PG_CTL + "exit 1"}, r"(?m:^\d+$)"),
    ],
)
def test_it_says_why_it_does_not_start(place, commands, scripts, said, monkeypatch):
    from tests.harness.postgresql import server

    write(commands, **scripts)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    why = f"PostgreSQL in {commands} does not start:\n.*{said}"
    with pytest.raises(RuntimeError, match=why) as refused, server(commands):
        pytest.fail("started")
    assert list(place.iterdir()) == [commands]
    if started := re.search(r"(?m)^(\d+)$", str(refused.value)):
        assert ends(int(started[1]))


@contextlib.contextmanager
def waiting(*arguments):
    """Tests in a process of their own, with a server; gives the process and the server's URL."""
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as tests:
        assert tests.stdout  # it is a pipe
        yield tests, tests.stdout.readline().strip()


def folder_of(url):
    return Path(url.rpartition("host=")[2])


def test_one_that_was_lent_is_as_good_as_new(monkeypatch):
    import psycopg

    monkeypatch.delenv(postgresql.LENT, raising=False)
    assert postgresql.lent() is None
    with postgresql.server() as url:
        left = psycopg.connect(url)
        left.execute("CREATE TABLE book (id integer)")
        left.commit()
        left.execute("LOCK TABLE book")
        with contextlib.closing(databases.Server(url)) as users:
            users.empty("flask")
        monkeypatch.setenv(postgresql.LENT, url)
        with postgresql.lent() as again, psycopg.connect(again) as connection:
            assert again == url
            [[tables]] = connection.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            )
            names = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")
            assert names.fetchall() == [("postgres",)]
        assert tables == 0
        left.close()


def test_it_ends_with_the_tests_when_they_are_interrupted(commands):
    write(commands, initdb=INITDB, pg_ctl=PG_CTL)
    with waiting(commands) as (tests, url):
        pid = int((folder_of(url) / "data" / "postmaster.pid").read_text())
        assert running(pid)
        tests.send_signal(signal.SIGINT)
    assert not folder_of(url).exists()
    assert ends(pid)


def test_it_ends_with_the_tests_when_they_are_killed():
    import psycopg

    with waiting() as (tests, url):
        connection = psycopg.connect(url)
        tests.kill()
    # The keeper removes the folder last.
    assert eventually(lambda: not folder_of(url).exists())
    with connection, pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
