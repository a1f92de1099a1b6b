"""The programs with requests that wait, for real servers."""

from tests.harness.snippets import load

SERVED = {
    "flask_gunicorn": f"{__name__}:flask",
    "flask_waitress": f"{__name__}:flask",
    "fastapi_uvicorn": f"{__name__}:fastapi",
    "django_gunicorn": f"{__name__}_django:wsgi",
    "django_asgi": f"{__name__}_django:asgi",
}
WAITS = "a request waits"
"""In a server's log, once for each request that waits."""
PATIENCE = 2
"""Seconds that a request waits for the bell: longer than a neighbour takes on a busy machine."""


def program(framework):
    """The chapter's program; it also says in the log when a request waits."""
    module = load(f"snippets.{framework}.philosophy_parts.waiting")
    wait = module.wait

    def announced():
        print(WAITS, flush=True)
        return wait()

    vars(module).update(wait=announced, PATIENCE=PATIENCE)
    return module


def flask():
    return program("flask").app


def fastapi():
    return program("fastapi").app
