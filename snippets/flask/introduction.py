"""The smallest Flask app that answers with text and with JSON.

>>> from snippets.flask.introduction import app
>>> app.test_client().get("/hello/Ada").json
{'hello': 'Ada'}
"""

import asyncio

# region: app
from flask import Flask, Response

app = Flask(__name__)


@app.get("/")
def home():
    return Response("A bookshop on Flask", mimetype="text/plain")


@app.get("/hello/<name>")
def hello(name):
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
