"""Contract of the chapter on authentication; differences stand in the order of what they cost."""

import base64
import json
import time

import jwt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from tests.harness.differs import differs
from tests.topics.authentication.shop import (
    HIDDEN,
    PASSWORD,
    ask_for_token,
    bearer,
    cookies,
    is_sent_to_login,
    is_unauthorized,
    log_in,
    log_out,
    logged_in,
    me,
    registered,
    secret,
    send,
    sign_up,
    tokens,
    with_cookies,
)

# Differences, in the order of what they cost


@differs(flask=400, fastapi=403, django=403)
def test_a_login_from_another_site(client, expected):
    """A login that the page of another site sends"""
    registered(client)
    client.cookies.clear()
    response = client.post(
        "/login",
        data={"username": "ada", "password": PASSWORD},
        headers={"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    )
    assert response.status_code == expected
    assert not cookies(client)


@differs(flask=302, fastapi=303, django=302)
def test_a_page_for_customers(client, expected):
    """A stranger asks for a page that is for customers"""
    response = client.get("/account")
    assert response.status_code == expected
    assert is_sent_to_login(response, "/account")


@differs(flask=400, fastapi=422, django=400)
def test_a_login_of_an_app_without_a_password(client, expected):
    """`POST /api/token` without a password"""
    assert client.post("/api/token", data={"username": "ada"}).status_code == expected


@differs(flask=413, fastapi=413, django=400)
def test_a_login_of_200_000_bytes(client, expected):
    """`POST /api/token` with a password of 200,000 characters"""
    response = client.post("/api/token", data={"username": "ada", "password": "x" * 200_000})
    assert response.status_code == expected


@differs(flask="another", fastapi="another", django="the same")
def test_a_second_login_in_the_same_browser(client, expected):
    """Who is logged in logs in once more: the secret in the cookie"""
    logged_in(client)
    first = secret(client)
    log_in(client)
    assert ("the same" if secret(client) == first else "another") == expected


# Passwords


def test_a_customer_signs_up(client):
    """A good name and password are answered with the way to the login"""
    registered(client)


@pytest.mark.parametrize("password", ["short", "", "eleven-long"])
def test_a_short_password_is_refused(client, password):
    """A password of less than 12 characters is answered with 422"""
    assert sign_up(client, password=password).status_code == 422
    assert ask_for_token(client, password=password).status_code in (400, 422)


@pytest.mark.parametrize("username", ["", "a" * 151, "ada lovelace", "<b>", "ada\0"])
def test_a_wrong_name_is_refused(client, username):
    """A name that is empty, too long, or has a blank or markup is answered with 422"""
    assert sign_up(client, username).status_code == 422


def test_a_taken_name_is_refused(client):
    """A name that somebody has is answered with 422, and the first password stays"""
    registered(client)
    assert sign_up(client, password="another good one").status_code == 422
    assert ask_for_token(client, password="another good one").status_code == 400
    assert ask_for_token(client).status_code == 200


def test_a_password_is_stored_as_a_hash(client, sql):
    """What is stored begins with `argon2id` or has it, and is not the password"""
    registered(client)
    [(stored,)] = sql("SELECT password FROM {user} WHERE username = ?", "ada")
    assert stored.removeprefix("argon2").startswith("$argon2id$v=19$m=")
    assert PASSWORD not in stored


def test_one_password_has_two_hashes(client, sql):
    """Two customers with one password have two hashes, because each has its own salt"""
    registered(client)
    registered(client, "bob")
    assert len({*sql("SELECT password FROM {user}")}) == 2


OLD = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=16, parallelism=1),))


def test_an_old_hash_is_renewed_at_the_login(client, sql, framework):
    """A hash with other costs than today's, such as 16 KiB, is replaced at the next good login, and not at a bad one"""
    registered(client)
    prefix = "argon2" if framework == "django" else ""
    sql("UPDATE {user} SET password = ?", prefix + OLD.hash(PASSWORD))
    assert ask_for_token(client, password="wrong").status_code == 400
    [(before,)] = sql("SELECT password FROM {user}")
    assert "$m=16,t=2,p=1$" in before
    assert ask_for_token(client).status_code == 200
    [(after,)] = sql("SELECT password FROM {user}")
    assert "$m=16," not in after
    assert ask_for_token(client).status_code == 200


@pytest.mark.parametrize(
    ("username", "password"), [("ada", PASSWORD), ("ada", "wrong"), ("nobody", "wrong")]
)
def test_one_hash_for_each_try(client, hashes, username, password):
    """A login computes one hash: with the right password, with a wrong one, and for a name that nobody has"""
    registered(client)
    hashes.clear()
    ask_for_token(client, username, password)
    assert hashes["hashed"] == 1


def test_the_answer_does_not_tell_who_has_an_account(client):
    """A wrong name and a wrong password get the same answer, at both logins"""
    registered(client)
    wrong, nobody = (ask_for_token(client, name, "wrong") for name in ("ada", "nobody"))
    assert (wrong.status_code, wrong.content) == (nobody.status_code, nobody.content)
    wrong, nobody = (log_in(client, name, "wrong") for name in ("ada", "nobody"))
    pages = [HIDDEN.sub("", each.text).replace("nobody", "ada") for each in (wrong, nobody)]
    assert pages[0] == pages[1]


# Log in and out


def test_the_login_is_a_form(client):
    """`GET /login` shows a form with a name and a password"""
    response = client.get("/login")
    assert response.status_code == 200
    assert 'name="username"' in response.text
    assert 'type="password"' in response.text


def test_a_customer_logs_in(client):
    """The right password is answered with a redirect, and the next page knows the customer"""
    assert logged_in(client).headers["location"] == "/account"
    response = client.get("/account")
    assert response.status_code == 200
    assert "Hello ada" in response.text


def test_the_cookie_of_a_login(client):
    """The cookie of a login is `Secure`, `HttpOnly` and `SameSite=Lax`"""
    registered(client)
    name = {"flask": "session", "fastapi": "session", "django": "sessionid"}
    [cookie] = [
        header.lower().split("; ")
        for header in log_in(client).headers.get_list("set-cookie")
        if header.partition("=")[0] in name.values()
    ]
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= {*cookie}


@pytest.mark.parametrize(
    ("username", "password"),
    [("ada", "wrong"), ("ada", ""), ("nobody", PASSWORD), ("", ""), ("Ada", PASSWORD)],
)
def test_a_wrong_login_comes_back(client, username, password):
    """A wrong name or password shows the form again with 422, and logs nobody in"""
    registered(client)
    assert log_in(client, username, password).status_code == 422
    assert is_sent_to_login(client.get("/account"), "/account")


def test_after_logout_the_page_is_closed(client):
    """After the logout the page sends to the login again"""
    logged_in(client)
    response = log_out(client)
    assert response.status_code in (302, 303)
    assert response.headers["location"] == "/login"
    assert is_sent_to_login(client.get("/account"), "/account")


def test_a_cookie_replayed_after_logout(client):
    """A cookie that somebody has copied is of no use after the logout"""
    logged_in(client)
    copied = cookies(client)
    log_out(client)
    headers = with_cookies(client, copied)
    assert is_sent_to_login(client.get("/account", headers=headers), "/account")


def test_logging_out_here_leaves_other_browsers_alone(client):
    """The logout in one browser leaves the login in another as it is"""
    logged_in(client)
    phone = cookies(client)
    client.cookies.clear()
    log_in(client)
    log_out(client)
    headers = with_cookies(client, phone)
    assert client.get("/account", headers=headers).status_code == 200


def test_the_logout_of_a_stranger(client):
    """Who is not logged in may log out"""
    response = send(client, "/logout", page="/login")
    assert response.status_code in (302, 303)


def test_a_logout_from_another_site(client):
    """The page of another site cannot log a customer out"""
    logged_in(client)
    response = client.post(
        "/logout", headers={"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    )
    assert response.status_code in (400, 403)
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("cookie", ["x", "a.b.c", "", "0" * 4000])
def test_a_made_up_cookie(client, cookie):
    """A cookie that somebody has made up opens nothing"""
    for name in ("session", "sessionid"):
        response = client.get("/account", headers={"cookie": f"{name}={cookie}"})
        assert is_sent_to_login(response, "/account")


# Where to after the login


def test_the_login_leads_to_where_the_customer_wanted_to(client):
    """After the login the customer is where she wanted to be"""
    registered(client)
    assert log_in(client, target="/account?tab=2").headers["location"] == "/account?tab=2"


def test_the_way_to_the_login_remembers_the_query(client):
    """`next` has the query of the page, too"""
    assert is_sent_to_login(client.get("/account?tab=2&x=%26"), "/account?tab=2&x=%26")


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
    ],
)
def test_another_site_is_not_where_a_login_leads(client, target):
    r"""`next` names another site, such as `//evil.example/` or `/\evil.example/`: the login leads to `/account`"""
    registered(client)
    assert log_in(client, target=target).headers["location"] == "/account"


# Tokens


def test_an_app_gets_a_token(client):
    """The right password is answered with a token for 15 minutes"""
    registered(client)
    response = ask_for_token(client)
    assert response.status_code == 200
    answer = response.json()
    assert answer.pop("access_token").count(".") == 2
    assert answer == {"token_type": "bearer", "expires_in": 900}


@pytest.mark.parametrize(("username", "password"), [("ada", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_password_gets_no_token(client, username, password):
    """A wrong name or password is answered with 400 and `invalid_grant`"""
    registered(client)
    response = ask_for_token(client, username, password)
    assert response.status_code == 400
    assert response.json() == {"error": "invalid_grant"}


def test_a_token_says_who_asks(client):
    """With the token in `Authorization` the API knows who asks"""
    registered(client)
    response = me(client, tokens(client)["access_token"])
    assert response.status_code == 200
    assert response.json() == {"username": "ada"}


def test_the_api_without_a_token(client):
    """Without a token: 401 with `WWW-Authenticate: Bearer`, and no redirect"""
    assert is_unauthorized(client.get("/api/me"))


def test_a_cookie_does_not_open_the_api(client):
    """The cookie of a login does not open the API"""
    logged_in(client)
    assert is_unauthorized(client.get("/api/me"))


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic YWRhOng=", "x", "Token x"])
def test_another_kind_of_authorization(client, header):
    """`Authorization` without a token, or of another kind, is answered with 401"""
    assert is_unauthorized(client.get("/api/me", headers={"authorization": header}))


def part(value):
    """A part of a token as it is sent."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def changed(token, **changes):
    """The token with other claims, and the signature that it had."""
    head, _, signature = token.split(".")
    return f"{head}.{part(claims_of(token) | changes)}.{signature}"


def test_an_unsigned_token(client):
    """A token with `alg` `none` and no signature is answered with 401"""
    registered(client)
    _, body, _ = tokens(client)["access_token"].split(".")
    for none in ("none", "None", "NONE"):
        head = part({"alg": none, "typ": "JWT"})
        assert is_unauthorized(me(client, f"{head}.{body}."))


def test_a_token_signed_with_another_key(client):
    """A token that somebody else has signed is answered with 401"""
    registered(client)
    claims = claims_of(tokens(client)["access_token"])
    forged = jwt.encode(claims, "k" * 32, algorithm="HS256")
    assert is_unauthorized(me(client, forged))


def test_a_tampered_token(client):
    """A token whose claims were changed is answered with 401"""
    registered(client)
    registered(client, "bob")
    token = tokens(client)["access_token"]
    assert is_unauthorized(me(client, changed(token, sub="2")))


def test_an_app_logs_out(client):
    """The logout of an app is a 204"""
    registered(client)
    headers = bearer(tokens(client)["access_token"])
    response = client.post("/api/logout", headers=headers)
    assert response.status_code == 204
    assert response.content == b""


def test_a_token_replayed_after_logout(client):
    """After the logout its token is answered with 401, before it has expired"""
    registered(client)
    token = tokens(client)["access_token"]
    client.post("/api/logout", headers=bearer(token))
    assert is_unauthorized(me(client, token))


@pytest.fixture
def signed(client, snippet):
    """A function that signs a token as the shop does, with some claims changed, or left out if None."""
    registered(client)
    claims = claims_of(tokens(client)["access_token"])

    def signed(algorithm="HS256", **changes):
        left = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(left, snippet.KEY, algorithm=algorithm)

    return signed


def test_the_shop_signs_so(client, signed):
    """A token that the tests sign with the shop's key is good, unless something is changed"""
    assert me(client, signed()).status_code == 200


def test_an_expired_token(client, signed):
    """A token that has expired a second ago is answered with 401"""
    now = int(time.time())
    assert me(client, signed(exp=now + 60)).status_code == 200
    assert is_unauthorized(me(client, signed(exp=now - 1)))


@pytest.mark.parametrize("audience", ["another-api", "", "shop-api2", None])
def test_a_token_for_somebody_else(client, signed, audience):
    """A token for another audience, or for none, is answered with 401"""
    assert is_unauthorized(me(client, signed(aud=audience)))


def test_a_token_of_another_issuer(client, signed):
    """A token of another issuer is answered with 401"""
    assert is_unauthorized(me(client, signed(iss="https://evil.example")))


@pytest.mark.parametrize("claim", ["exp", "sub", "sid", "iss"])
def test_a_token_that_lacks_a_claim(client, signed, claim):
    """A token without `exp`, `sub`, `sid` or `iss` is answered with 401"""
    assert is_unauthorized(me(client, signed(**{claim: None})))


def test_a_token_with_another_algorithm(client, signed):
    """A token signed with the right key, but by `HS512`, is answered with 401"""
    assert is_unauthorized(me(client, signed("HS512")))


def test_a_token_lives_for_15_minutes(client):
    """`exp` lies 15 minutes after `iat`"""
    registered(client)
    claims = claims_of(tokens(client)["access_token"])
    assert claims["exp"] - claims["iat"] == 900
    assert abs(claims["iat"] - time.time()) < 60


def test_a_token_can_be_read_by_anybody(client):
    """Without any key a token can be read: it has six claims, and neither name nor password"""
    registered(client)
    claims = claims_of(tokens(client)["access_token"])
    assert {*claims} == {"iss", "aud", "sub", "sid", "iat", "exp"}
    assert claims["aud"] == "shop-api"


TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60)


@given(text=TEXTS)
@example(text=".." + "A" * 4000)
@example(text="a.b.c")
@example(text=base64.urlsafe_b64encode(b'{"a":' * 900).decode() + ".e30.")
def test_no_text_is_a_token(client, text):
    """A text that is no token is answered with 401, whatever it is"""
    assert is_unauthorized(client.get("/api/me", headers={"authorization": f"Bearer {text}"}))
