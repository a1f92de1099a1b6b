"""One client for three frameworks: `connect` opens an httpx2.Client on a snippet, in process."""

import asyncio
import contextlib
import copy
import inspect

import httpx2


class ASGITransport(httpx2.BaseTransport):
    """httpx2's ASGI transport for a synchronous client, with the app's lifespan around it."""

    def __init__(self, app, *, raise_app_exceptions):
        self._transport = httpx2.ASGITransport(app, raise_app_exceptions=raise_app_exceptions)
        self._runner = asyncio.Runner()
        self._lifespan = app.router.lifespan_context(app)
        # One long task enters and leaves the lifespan: its cancel scopes must not change tasks.
        self._leave = asyncio.Event()
        self._runner.run(self._enter())

    async def _enter(self):
        entered = asyncio.get_running_loop().create_future()

        async def live():
            try:
                async with self._lifespan:
                    entered.set_result(None)
                    await self._leave.wait()
            except BaseException as error:
                if entered.done():
                    raise
                entered.set_exception(error)

        self._life = asyncio.create_task(live())
        await entered

    def handle_request(self, request):
        request.read()  # multipart bodies are streams; the witness wants to see them, too
        return self._runner.run(self._answer(request))

    async def _answer(self, request):
        response = await self._transport.handle_async_request(request)
        body = await response.aread()
        return httpx2.Response(response.status_code, headers=response.headers.raw, content=body)

    async def _exit(self):
        self._leave.set()
        await self._life

    def close(self):
        try:
            self._runner.run(self._exit())
        finally:
            self._runner.close()


class WSGITransport(httpx2.WSGITransport):
    """httpx2's WSGI transport, with a path as WSGI wants it: its bytes, each as one character.

    httpx2 passes the decoded text on, so `é` would arrive as a broken character and `€` not at all.
    """

    def __init__(self, app, **options):
        def as_wsgi_says(environ, start_response):
            path = environ["PATH_INFO"].encode("utf-8", "surrogateescape").decode("latin-1")
            return app({**environ, "PATH_INFO": path}, start_response)

        super().__init__(as_wsgi_says, **options)


def flask_transport(module, *, raise_app_exceptions):
    app = module.create_app() if hasattr(module, "create_app") else module.app
    app.testing = raise_app_exceptions
    return WSGITransport(app, raise_app_exceptions=raise_app_exceptions)


def fastapi_transport(module, *, raise_app_exceptions):
    app = module.create_app() if hasattr(module, "create_app") else module.app
    return ASGITransport(app, raise_app_exceptions=raise_app_exceptions)


def django_transport(module, *, raise_app_exceptions):
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler

    settings.DEBUG_PROPAGATE_EXCEPTIONS = raise_app_exceptions
    return WSGITransport(WSGIHandler(), raise_app_exceptions=raise_app_exceptions)


TRANSPORTS = {
    "flask": flask_transport,
    "fastapi": fastapi_transport,
    "django": django_transport,
}


@contextlib.contextmanager
def connect(framework, module, *, raise_app_exceptions=True, on_response=None):
    """An httpx2.Client whose requests the snippet `module` answers.

    Django's settings must be in place already. `on_response(response)` sees every answer.
    """

    def read(response):
        response.read()
        if on_response is not None:
            on_response(response)

    transport = TRANSPORTS[framework](module, raise_app_exceptions=raise_app_exceptions)
    with httpx2.Client(
        transport=transport,
        base_url="http://testserver",
        follow_redirects=False,
        event_hooks={"response": [read]},
    ) as client:
        yield client


@contextlib.contextmanager
def restored(module):
    """Put the module's own dicts, lists and sets back as they were: tests share no data."""
    before = {
        name: copy.deepcopy(value)
        for name, value in vars(module).items()
        if type(value) in (dict, list, set) and not name.startswith("__") and is_data(value)
    }
    try:
        yield
    finally:
        for name, value in before.items():
            current = vars(module)[name]
            current.clear()
            (current.extend if isinstance(current, list) else current.update)(value)


def is_data(value):
    """Whether a container holds plain data: routes, apps and classes are not ours to copy."""
    if isinstance(value, dict):
        return all(map(is_data, value.values()))
    if isinstance(value, (list, set, tuple)):
        return all(map(is_data, value))
    return not (
        inspect.isroutine(value) or inspect.isclass(value) or inspect.ismodule(value)
    ) and type(value).__module__.split(".")[0] not in ("django", "starlette", "fastapi", "flask")
