"""Where a contract runs once more: on real servers, and in debug mode.

`@differs` names a variant, as it names a framework, where the answer is another one there; the
chapter's table prints that as a row of its own.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    """A framework in other circumstances than in the other tests: in process, debug mode off.

    `label` says which, after the words of a row; `server` is the distribution of a real server.
    """

    name: str
    framework: str
    label: str
    server: str = ""
    asgi: bool = False


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("flask_gunicorn", "flask", "on Gunicorn", "gunicorn"),
        Variant("flask_waitress", "flask", "on Waitress", "waitress"),
        Variant("fastapi_uvicorn", "fastapi", "on Uvicorn", "uvicorn", asgi=True),
        Variant("django_gunicorn", "django", "on Gunicorn", "gunicorn"),
        Variant("django_asgi", "django", "under ASGI, on Uvicorn", "uvicorn", asgi=True),
        Variant("flask_debug", "flask", "in debug mode"),
        Variant("django_debug", "django", "with `DEBUG = True`"),
    )
}
SERVED = {name: variant for name, variant in VARIANTS.items() if variant.server}
"""Those that `nox -s wire` runs. The others run in process, with the rest, where a test names them."""
