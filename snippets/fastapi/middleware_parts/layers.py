"""Who is called when, in FastAPI: three ASGI applications in layers."""

from fastapi import FastAPI
from fastapi.exceptions import HTTPException
from fastapi.middleware import Middleware
from fastapi.responses import PlainTextResponse, StreamingResponse

trace = []


# region: layer
class Layer:
    def __init__(self, inner, name):
        self.inner = inner
        self.name = name

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.inner(scope, receive, send)
        trace.append(f"{self.name}>")

        async def noted(message):
            if message["type"] == "http.response.start":
                trace.append(f"<{self.name}")
            await send(message)

        if self.name == "B" and scope["path"] == "/stopped":
            answer = PlainTextResponse("stopped by B")
            return await answer(scope, receive, send)
        if self.name == "B" and scope["path"] == "/lost":
            raise HTTPException(404)
        if self.name == "B" and scope["path"] == "/broken":
            raise RuntimeError("B is broken")
        await self.inner(scope, receive, noted)


app = FastAPI(  # the first one is the outermost
    middleware=[Middleware(Layer, name) for name in "ABC"]
)
# endregion: layer


@app.get("/books")
def list_books():
    trace.append("view")
    return PlainTextResponse("Dune")


@app.get("/crash")
def crash():
    trace.append("view")
    raise RuntimeError("a mistake in the view")


@app.get("/missing")
def missing():
    trace.append("view")
    raise HTTPException(404)


@app.get("/stream")
def stream():
    trace.append("view")

    def lines():
        trace.append("body")
        yield "Dune"

    return StreamingResponse(lines())


