"""Log in with an account elsewhere: OpenID Connect, by Authlib."""

import os
import secrets

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse
from joserfc.errors import JoseError
from starlette.middleware.sessions import SessionMiddleware

oauth = OAuth()
oauth.register(
    "provider",
    client_id=os.environ.get("OIDC_CLIENT_ID", "shop"),
    client_secret=os.environ.get("OIDC_CLIENT_SECRET"),
    # Where the provider says its addresses and its keys.
    server_metadata_url=os.environ.get("OIDC_METADATA_URL"),
    client_kwargs={
        "scope": "openid",
        "code_challenge_method": "S256",  # PKCE
    },
)
app = FastAPI()
app.add_middleware(
    SessionMiddleware,
    # Yours comes from the environment: all processes need it.
    secret_key=secrets.token_hex(),
    https_only=True,
    # Strict would leave the cookie behind on the way back.
    same_site="lax",
)


@app.get("/login")
async def log_in(request: Request):
    # Keeps state, nonce and code verifier in the session.
    here = request.url_for("come_back")
    return await oauth.provider.authorize_redirect(request, here)


@app.get("/callback")
async def come_back(request: Request):
    try:
        # Compares state, then signature, nonce, iss, aud and exp.
        provider = oauth.provider
        token = await provider.authorize_access_token(request)
        user = token["userinfo"]
    except (AuthlibBaseError, JoseError, KeyError):
        raise HTTPException(400, "This login did not work.") from None
    request.session.clear()
    # Who it is: the provider and its number, not an address.
    request.session["user"] = f"{user['iss']} {user['sub']}"
    return RedirectResponse("/account", 303)


@app.get("/account")
async def account(request: Request):
    if "user" not in request.session:
        return RedirectResponse("/login", 303)
    return {"user": request.session["user"]}
