"""Who is called when, in Flask: three pairs of hooks."""

from flask import Flask, abort, request

app = Flask(__name__)
trace = []


# region: layer
def add_layer(name):
    @app.before_request
    def before():
        trace.append(f"{name}>")
        return what_b_does() if name == "B" else None

    @app.after_request
    def after(response):
        trace.append(f"<{name}")
        return response


def what_b_does():
    if request.path == "/stopped":
        return "stopped by B"  # any value but None is the answer
    if request.path == "/lost":
        abort(404)
    if request.path == "/broken":
        raise RuntimeError("B is broken")
    return None


for name in "ABC":
    add_layer(name)
# endregion: layer


@app.get("/books")
def list_books():
    trace.append("view")
    return "Dune"


@app.get("/crash")
def crash():
    trace.append("view")
    raise RuntimeError("a mistake in the view")


@app.get("/missing")
def missing():
    trace.append("view")
    abort(404)


@app.get("/stream")
def stream():
    trace.append("view")

    def lines():
        trace.append("body")
        yield "Dune"

    return lines()




# region: teardown
@app.teardown_request  # also after an error, which it is given
def done(error):
    trace.append(f"done({type(error).__name__ if error else ''})")


# endregion: teardown
