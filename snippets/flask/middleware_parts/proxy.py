"""Flask behind a proxy: who asks, and how?"""

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)


@app.get("/visit")
def visit():
    return {
        "address": request.remote_addr,
        "scheme": request.scheme,
        "host": request.host,
    }


# region: trust
# A WSGI application around Flask's. One proxy adds to these
# headers, so what counts is the last entry of each.
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)
# endregion: trust
