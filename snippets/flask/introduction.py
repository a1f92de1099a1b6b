"""The smallest Flask app that answers with text and with JSON.

>>> from snippets.flask.introduction import app
>>> app.test_client().get("/hello/Ada").json
{'hello': 'Ada'}
"""

# region: app
from flask import Flask

app = Flask(__name__)


@app.get("/")
def home():
    return "A bookshop on Flask", {"Content-Type": "text/plain"}


@app.get("/hello/<name>")
def hello(name):
    return {"hello": name}
# endregion: app
