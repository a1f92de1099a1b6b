"""FastAPI behind a proxy: who asks, and how?"""

from fastapi import FastAPI, Request
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

shop = FastAPI()


@shop.get("/visit")
def visit(request: Request):
    return {
        # Behind a Unix socket there is no client address.
        "address": request.client.host if request.client else None,
        "scheme": request.url.scheme,
        "host": request.url.netloc,
    }


# region: trust
# What `uvicorn --forwarded-allow-ips 127.0.0.1` puts around an
# application; behind other servers you put it there yourself.
app = ProxyHeadersMiddleware(shop, trusted_hosts="127.0.0.1")
# endregion: trust
