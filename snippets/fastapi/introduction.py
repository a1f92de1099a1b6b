"""The smallest FastAPI app that answers with text and with JSON.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.introduction import app
>>> TestClient(app).get("/hello/Ada").json()
{'hello': 'Ada'}
"""

# region: app
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

app = FastAPI()


@app.get("/", response_class=PlainTextResponse)
def home():
    return "A bookshop on FastAPI"


@app.get("/hello/{name}")
def hello(name: str):
    return {"hello": name}
# endregion: app
