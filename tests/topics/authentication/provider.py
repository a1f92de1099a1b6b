"""A provider of OpenID Connect on this machine: it knows one person, and lies when it is told to."""

import base64
import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "shop", "a secret between the two"
CODE = "code-1"


@cache
def key(number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


class Provider(ThreadingHTTPServer):
    """`claims` replaces claims of the ID token; `sign_with` is another key's number, or `None` for none."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.claims: dict = {}
        self.sign_with: int | None = 0
        self.asked: dict[str, str] = {}
        self.codes = 0

    def id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "4711",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": self.asked["nonce"],
        }
        left = {name: value for name, value in (claims | self.claims).items() if value is not None}
        if self.sign_with is None:
            return jwt.encode(left, "", algorithm="none")
        return jwt.encode(left, key(self.sign_with), algorithm="RS256", headers={"kid": "1"})


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self, status: int, value: dict) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        issuer = self.server.issuer
        if where.path == "/.well-known/openid-configuration":
            self.answer(
                200,
                {
                    "issuer": issuer,
                    "authorization_endpoint": f"{issuer}/authorize",
                    "token_endpoint": f"{issuer}/token",
                    "jwks_uri": f"{issuer}/keys",
                    "id_token_signing_alg_values_supported": ["RS256"],
                },
            )
        elif where.path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key(0).public_key()))
            self.answer(200, {"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]})
        else:  # /authorize: the person has agreed already
            self.server.asked = dict(parse_qsl(where.query))
            back = {"code": CODE, "state": self.server.asked["state"]}
            self.send_response(302)
            self.send_header("Location", f"{self.server.asked['redirect_uri']}?{urlencode(back)}")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def do_POST(self) -> None:
        """The shop brings the code, from server to server: with its secret, and the verifier of PKCE."""
        sent = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        self.server.codes += 1
        if (
            sent.get("code") != CODE
            or self.server.codes > 1
            or self.headers["Authorization"] not in (f"Basic {basic}", f"Basic {quoted()}")
            or challenge != self.server.asked["code_challenge"]
        ):
            self.answer(400, {"error": "invalid_grant"})
            return
        token = {"access_token": "a", "token_type": "Bearer", "id_token": self.server.id_token()}
        self.answer(200, token)


def quoted() -> str:
    """The same secret by the letter of OAuth: each part encoded as in a form."""
    pair = ":".join(urlencode({"": part})[1:] for part in (CLIENT, SECRET))
    return base64.b64encode(pair.encode()).decode()


@contextlib.contextmanager
def running() -> Iterator[Provider]:
    with Provider() as provider:
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()


def at_the_provider(client, provider):
    """The way to the provider, where the customer agrees, and back: the address of the callback."""
    response = client.get("/login")
    assert response.status_code == 302
    where = response.headers["location"]
    assert where.startswith(f"{provider.issuer}/authorize?")
    with httpx2.Client(transport=httpx2.HTTPTransport(verify=False)) as browser:
        return browser.get(where).headers["location"]
