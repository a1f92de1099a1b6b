"""A recorded request as a command for a shell, where one line can send it again."""

import shlex

from book._core.evidence import Request

PORT = 8000
"""Where the downloads listen."""
ONCE = {"cookie", "x-csrftoken", "authorization"}
"""Headers with what one run was given, which the next does not know."""
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def command(request: Request, address: str = f"127.0.0.1:{PORT}") -> str:
    """The request to a server at `address`; empty if a line cannot say it: a body of several parts,
    or one that was too long to be recorded, or what only that run knew."""
    if ONCE & request.headers.keys() or not request.body.isprintable() or _is_cut(request.body):
        return ""
    where = shlex.quote(f"{address}{request.target}")
    if request.method == "WS":
        return f"uv run --with websockets python -m websockets ws://{where}"
    headers = dict(request.headers)
    options = ["-i"] if request.method != "HEAD" else []
    if request.body and headers.get("content-type") == JSON:
        options += ["--json", shlex.quote(request.body)]
        del headers["content-type"]
    elif request.body:
        if headers.get("content-type") == FORM:
            del headers["content-type"]
        options += ["-d", shlex.quote(request.body)]
    usual = "POST" if request.body else "GET"
    if request.method == "HEAD":
        options.append("-I")
    elif request.method != usual:
        options += ["-X", request.method]
    for name, value in headers.items():
        options += ["-H", shlex.quote(f"{name}: {value}")]
    return " ".join(["curl", *options, shlex.quote(f"http://{address}{request.target}")])


def _is_cut(body: str) -> bool:
    """Whether only the size of a body was kept, or its beginning and its size."""
    return body.endswith(" bytes)")
