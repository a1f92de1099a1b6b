"""The smallest FastAPI app that answers with text and with JSON.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.introduction import app
>>> TestClient(app).get("/hello/Ada").json()
{'hello': 'Ada'}
"""

import asyncio

# region: app
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

app = FastAPI()


@app.get("/", response_class=PlainTextResponse)
def home():
    return "A bookshop on FastAPI"


@app.get("/hello/{name}")
def hello(name: str):
    return {"hello": name}  # a dict becomes JSON
# endregion: app


# region: async
async def ask(supplier):
    await asyncio.sleep(0.1)  # in place of a question over the network
    return supplier


@app.get("/offers")
async def offers():
    both = await asyncio.gather(ask("Abbey"), ask("Bell"))
    return {"offers": both}
# endregion: async
