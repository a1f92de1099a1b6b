"""How the tests of this chapter come by the shop's packages."""

import contextlib
import importlib
import os
import sys
from unittest import mock

from book._core.frameworks import SNIPPETS
from tests.harness.snippets import load

KEY = "a-key-for-tests-of-32-characters"
OLD_KEY = "an-old-key-for-tests-of-32-chars"
REFUSALS = [
    ({"SECRET_KEY": "short"}, "SHOP_SECRET_KEY has to be a text of 32 characters or more"),
    (
        {"SECRET_KEY_FALLBACKS": "[1]"},
        "SHOP_SECRET_KEY_FALLBACKS has to be a JSON list of such keys",
    ),
    ({"DEBUG": "no"}, "SHOP_DEBUG has to be true or false"),
    ({"PAGE_SIZE": "0"}, "SHOP_PAGE_SIZE has to be a number from 1 to 100"),
]
"""What is wrong, and what Flask's and Django's shops say of it."""
FOLDERS = {
    name: SNIPPETS / name / "project_structure_shop" for name in ("flask", "fastapi", "django")
}
PACKAGES = {
    name: f"snippets.{name}.project_structure_shop.src.shop" for name in ("flask", "fastapi")
}


@contextlib.contextmanager
def environment(variables):
    """These of the shop's variables, and no others; what a file adds is gone afterwards."""
    others = {name: text for name, text in os.environ.items() if not name.startswith("SHOP_")}
    ours = {f"SHOP_{name}": text for name, text in variables.items()}
    with mock.patch.dict(os.environ, others | ours, clear=True):
        yield


@contextlib.contextmanager
def flask():
    yield load(PACKAGES["flask"]).create_app()


@contextlib.contextmanager
def fastapi():
    yield load(f"{PACKAGES['fastapi']}.application").create_app()


@contextlib.contextmanager
def django():
    """Settings are a module: run anew, as another process would."""
    from django.test import override_settings  # a server of another framework needs no Django

    with importing(FOLDERS["django"]):
        for name in [name for name in sys.modules if name.partition(".")[0] == "bookshop"]:
            del sys.modules[name]
        module = importlib.import_module("bookshop.settings")
        settings = {name: value for name, value in vars(module).items() if name.isupper()}
        settings["ALLOWED_HOSTS"] = [*settings["ALLOWED_HOSTS"], "testserver"]
        with override_settings(**settings):
            yield None


@contextlib.contextmanager
def importing(*folders):
    """Modules from these folders can be imported; what is imported or added to the path is forgotten."""
    path = [*map(str, folders), *sys.path]
    with mock.patch.object(sys, "path", path), mock.patch.dict(sys.modules):
        yield


STARTED = {"flask": flask, "fastapi": fastapi, "django": django}
