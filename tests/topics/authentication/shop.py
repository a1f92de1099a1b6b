"""What a browser and an app do at the shop: the same steps for three kinds of HTML."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx2

PASSWORD = "correct horse battery"
OWN = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]+)"')
UNAUTHORIZED = {"error": "Unauthorized"}


def send(client: httpx2.Client, url: str, data=None, page: str = "") -> httpx2.Response:
    """Open a page, and send its form with these fields."""
    shown = client.get(page or url)
    assert shown.status_code == 200, shown.text
    hidden = dict(HIDDEN.findall(shown.text))
    return client.post(url, data={**hidden, **(data or {})}, headers=OWN)


def sign_up(client, username="ada", password=PASSWORD):
    """Django's form asks for the password twice; the others look at one of the three."""
    fields = dict.fromkeys(("password", "password1", "password2"), password)
    return send(client, "/signup", {"username": username, **fields})


def registered(client, username="ada", password=PASSWORD):
    response = sign_up(client, username, password)
    assert response.status_code in (302, 303), response.text
    assert response.headers["location"] == "/login"


def log_in(client, username="ada", password=PASSWORD, target=""):
    url = f"/login?{httpx2.QueryParams(next=target)}" if target else "/login"
    return send(client, url, {"username": username, "password": password})


def logged_in(client, username="ada"):
    """A customer with an account, logged in."""
    registered(client, username)
    response = log_in(client, username)
    assert response.status_code in (302, 303), response.text
    return response


def log_out(client):
    return send(client, "/logout", page="/account")


def cookies(client):
    return {cookie.name: cookie.value for cookie in client.cookies.jar}


def secret(client):
    """What the cookie of the login holds."""
    return secret_of(cookies(client))


def secret_of(found):
    return found["sessionid"] if "sessionid" in found else found["session"]


def with_cookies(client, sent):
    """What a client has that holds these cookies and no others, such as a thief's."""
    client.cookies.clear()
    return {"cookie": "; ".join(f"{name}={value}" for name, value in sent.items())}


def is_sent_to_login(response, path):
    assert response.status_code in (302, 303), response.text
    where = urlsplit(response.headers["location"])
    assert (where.scheme, where.netloc, where.path) == ("", "", "/login")
    assert parse_qs(where.query) == {"next": [path]}
    return True


def ask_for_token(client, username="ada", password=PASSWORD):
    data = {"grant_type": "password", "username": username, "password": password}
    return client.post("/api/token", data=data)


def tokens(client, username="ada"):
    """The answer to an app that logs in for a customer with an account."""
    response = ask_for_token(client, username)
    assert response.status_code == 200, response.text
    return response.json()


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def me(client, token):
    return client.get("/api/me", headers=bearer(token))


def is_unauthorized(response):
    assert response.status_code == 401, response.text
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json() == UNAUTHORIZED
    return True


def api_customer(client, username):
    """The headers of an app whose customer has just signed up."""
    registered(client, username)
    return bearer(tokens(client, username)["access_token"])


def reviewed(client, headers, text="Sand everywhere"):
    """The number of a new review."""
    response = client.post("/api/reviews", data={"text": text}, headers=headers)
    assert response.status_code == 201, response.text
    return response.json()["id"]


def refreshed(client, token):
    return client.post("/api/refresh", data={"refresh_token": token})


def is_invalid_grant(response):
    assert response.status_code == 400, response.text
    assert response.json() == {"error": "invalid_grant"}
    return True
