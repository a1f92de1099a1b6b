"""Real servers that were told the prefix of their application, as behind a proxy."""

import contextlib
import os
import socket
import subprocess
import sys

from book._core.frameworks import ROOT

GUNICORN = ("-m", "gunicorn", "--threads", "2", "--bind", "fd://{fd}")
COMMANDS = {
    "flask": (*GUNICORN, "snippets.flask.routing:app"),
    "fastapi": (
        *("-m", "uvicorn", "--fd", "{fd}", "--root-path", "/bookshop"),
        "snippets.fastapi.routing:app",
    ),
    "django": (*GUNICORN, "django.core.wsgi:get_wsgi_application()"),
}
ENVIRONMENT = {
    "flask": {"SCRIPT_NAME": "/bookshop"},
    "fastapi": {},
    "django": {
        "SCRIPT_NAME": "/bookshop",
        "DJANGO_SETTINGS_MODULE": "snippets.django.settings",
    },
}


@contextlib.contextmanager
def serving(framework):
    """Serve this chapter's program below /bookshop; gives the address.

    The socket listens before the server starts, so a first request waits until it is answered.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        fd = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, *(part.format(fd=fd) for part in COMMANDS[framework])],
            cwd=ROOT,
            env={**os.environ, **ENVIRONMENT[framework]},
            pass_fds=[fd],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            yield "http://{}:{}".format(*listener.getsockname())
        finally:
            process.terminate()
            process.communicate()
