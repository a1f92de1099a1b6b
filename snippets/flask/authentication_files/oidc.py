"""Log in with an account elsewhere: OpenID Connect, by Authlib."""

import os
import secrets

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, session, url_for
from joserfc.errors import JoseError

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
app = Flask(__name__)
app.config.update(
    # Yours comes from the environment: all processes need it.
    SECRET_KEY=secrets.token_hex(),
    SESSION_COOKIE_SECURE=True,
    # Strict would leave the cookie behind on the way back.
    SESSION_COOKIE_SAMESITE="Lax",
)
oauth.init_app(app)


@app.get("/login")
def log_in():
    # Keeps state, nonce and code verifier in the session.
    here = url_for("come_back", _external=True)
    return oauth.provider.authorize_redirect(here)


@app.get("/callback")
def come_back():
    try:
        # Compares state, then signature, nonce, iss, aud and exp.
        token = oauth.provider.authorize_access_token()
        user = token["userinfo"]
    except (AuthlibBaseError, JoseError, KeyError):
        return "This login did not work.", 400
    session.clear()
    # Who it is: the provider and its number, not an address.
    session["user"] = f"{user['iss']} {user['sub']}"
    return redirect(url_for("account"), 303)


@app.get("/account")
def account():
    if "user" not in session:
        return redirect(url_for("log_in"), 303)
    return {"user": session["user"]}
