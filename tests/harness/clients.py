"""One client for three frameworks: `connect` opens an httpx2.Client on a snippet, in process."""

import contextlib
import copy
import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import httpx2

from tests.harness.adapters import adapter


@contextlib.contextmanager
def connect(
    framework: str,
    module: Any,
    *,
    raise_app_exceptions: bool = True,
    debug: bool = False,
    on_response: Callable[[httpx2.Response], None] | None = None,
) -> Iterator[httpx2.Client]:
    """An httpx2.Client whose requests the snippet `module` answers.

    Django's project must be in place already. `on_response(response)` sees every answer. In debug
    mode an exception is answered with the framework's own page about it.
    """
    framed = adapter(framework)
    if debug:
        application = framed.in_debug_mode(module)
    else:
        application = framed.in_process(module, raise_app_exceptions=raise_app_exceptions)
    with application as transport, client(transport, on_response) as connected:
        yield connected


def client(
    transport: httpx2.BaseTransport,
    on_response: Callable[[httpx2.Response], None] | None = None,
) -> httpx2.Client:
    """A client of the shop at http://testserver, whoever answers there."""

    def read(response: httpx2.Response) -> None:
        response.read()
        if on_response is not None:
            on_response(response)

    return httpx2.Client(
        transport=transport,
        base_url="http://testserver",
        follow_redirects=False,
        event_hooks={"response": [read]},
    )


@contextlib.contextmanager
def restored(module: ModuleType) -> Iterator[None]:
    """Put the module's own dicts, lists and sets back as they were: tests share no data."""
    restore = snapshot(module)
    try:
        yield
    finally:
        restore()


def snapshot(module: ModuleType) -> Callable[[], None]:
    """A function that puts the module's own dicts, lists and sets back as they are now."""
    before = {
        name: copy.deepcopy(value)
        for name, value in vars(module).items()
        if type(value) in (dict, list, set) and not name.startswith("__") and is_data(value)
    }

    def restore() -> None:
        for name, value in before.items():
            current = vars(module)[name]
            current.clear()
            (current.extend if isinstance(current, list) else current.update)(copy.deepcopy(value))

    return restore


def is_data(value: Any) -> bool:
    """Whether a container holds plain data: routes, apps and classes are not ours to copy."""
    if isinstance(value, dict):
        return all(map(is_data, value.values()))
    if isinstance(value, (list, set, tuple)):
        return all(map(is_data, value))
    return not (
        inspect.isroutine(value) or inspect.isclass(value) or inspect.ismodule(value)
    ) and type(value).__module__.split(".")[0] not in ("django", "starlette", "fastapi", "flask")
