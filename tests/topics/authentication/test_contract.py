"""Contract of the chapter on authentication; differences stand in the order of what they cost."""

import base64
import hashlib
import json
import time

import jwt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from tests.harness.differs import differs, only
from tests.topics.authentication.provider import at_the_provider
from tests.topics.authentication.shop import (
    HIDDEN,
    PASSWORD,
    api_customer,
    ask_for_token,
    bearer,
    cookies,
    is_invalid_grant,
    is_sent_to_login,
    is_unauthorized,
    log_in,
    log_out,
    logged_in,
    me,
    refreshed,
    registered,
    reviewed,
    secret,
    secret_of,
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


@differs(flask="closed", fastapi="closed", django="open: it is the same secret")
def test_a_copied_cookie_after_a_second_login(client, expected):
    """A customer whose cookie was copied logs in once more, in the same browser: what the copy opens"""
    logged_in(client)
    first = cookies(client)
    log_in(client)
    assert (secret(client) == secret_of(first)) == ("same" in expected)
    response = client.get("/account", headers=with_cookies(client, first))
    assert (response.status_code == 200) == expected.startswith("open")


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


# Passwords


def test_a_customer_signs_up(client):
    """A good name and password are answered with the way to the login"""
    registered(client)


@pytest.mark.parametrize("password", ["short", "", "eleven-long"])
def test_a_short_password_is_refused(client, password):
    """A password of less than 12 characters is answered with 422"""
    assert sign_up(client, password=password).status_code == 422
    assert ask_for_token(client, password=password).status_code in (400, 422)


@pytest.mark.parametrize("length", [12, 128])
def test_a_password_of_an_allowed_length(client, length):
    """A password of 12 or of 128 characters is taken"""
    password = ("Xk7-" * 32)[:length]
    assert sign_up(client, password=password).status_code in (302, 303)
    assert ask_for_token(client, password=password).status_code == 200


@only("flask", "fastapi")
@pytest.mark.parametrize("length", [11, 129])
def test_a_password_of_another_length_is_told_the_limits(client, length):
    """A password of 11 or of 129 characters comes back with the limits, 12 and 128"""
    response = sign_up(client, password=("Xk7-" * 33)[:length])
    assert response.status_code == 422
    assert "Choose 12 to 128 characters." in response.text


@pytest.mark.parametrize(("path", "title"), [("/signup", "Sign up"), ("/login", "Log in")])
def test_a_form_says_what_it_is_for(client, path, title):
    """The pages of sign-up and login have their own titles"""
    assert f"<title>{title}</title>" in client.get(path).text


def test_a_login_of_an_app_without_a_name(client):
    """A password without a name gets no token, whoever has that password"""
    registered(client, "XX")
    response = client.post("/api/token", data={"password": PASSWORD})
    assert response.status_code in (400, 422)


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
    for name in ("access_token", "refresh_token"):
        assert answer.pop(name).count(".") == 2
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


@pytest.mark.parametrize("header", ["Bearer", "Basic YWRhOng=", "x", "Token x"])
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


def test_a_token_of_a_login_that_is_over_stays_useless(client):
    """After the logout, and another login by another customer, the old token is answered with 401"""
    registered(client)
    token = tokens(client)["access_token"]
    client.post("/api/logout", headers=bearer(token))
    registered(client, "bob")
    tokens(client, "bob")
    assert is_unauthorized(me(client, token))


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


TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)


@given(text=TEXTS)
@example(text=".." + "A" * 4000)
@example(text="a.b.c")
@example(text=base64.urlsafe_b64encode(b'{"a":' * 900).decode() + ".e30.")
def test_no_text_is_a_token(client, text):
    """A text that is no token is answered with 401, whatever it is"""
    assert is_unauthorized(client.get("/api/me", headers={"authorization": f"Bearer {text}"}))


# Refresh


def test_a_refresh_token_gives_the_next_pair(client):
    """A refresh token is answered with the next pair, and both new tokens are good"""
    registered(client)
    first = tokens(client)
    response = refreshed(client, first["refresh_token"])
    assert response.status_code == 200
    second = response.json()
    assert {*second} == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert second["refresh_token"] != first["refresh_token"]
    assert me(client, second["access_token"]).json() == {"username": "ada"}
    assert refreshed(client, second["refresh_token"]).status_code == 200


def test_a_refresh_token_used_twice_ends_the_login(client):
    """A refresh token that comes a second time is answered with 400, and the tokens after it are of no use any more"""
    registered(client)
    first = tokens(client)
    second = refreshed(client, first["refresh_token"]).json()
    assert is_invalid_grant(refreshed(client, first["refresh_token"]))
    assert is_invalid_grant(refreshed(client, second["refresh_token"]))
    assert is_unauthorized(me(client, second["access_token"]))


def test_a_refresh_token_replayed_after_logout(client):
    """After the logout its refresh token is answered with 400"""
    registered(client)
    pair = tokens(client)
    client.post("/api/logout", headers=bearer(pair["access_token"]))
    assert is_invalid_grant(refreshed(client, pair["refresh_token"]))


def test_each_token_is_for_one_use(client):
    """A refresh token does not open the API, and an access token does not refresh"""
    registered(client)
    pair = tokens(client)
    assert is_unauthorized(me(client, pair["refresh_token"]))
    assert is_invalid_grant(refreshed(client, pair["access_token"]))
    assert me(client, pair["access_token"]).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_a_made_up_refresh_token(client, token):
    """A text that is no refresh token is answered with 400"""
    assert is_invalid_grant(refreshed(client, token))


def test_a_refresh_token_lives_for_14_days(client):
    """A refresh token expires 14 days after the login, and so does the one after it"""
    registered(client)
    first = tokens(client)["refresh_token"]
    second = refreshed(client, first).json()["refresh_token"]
    expires = claims_of(first)["exp"]
    assert abs(expires - time.time() - 14 * 24 * 60 * 60) < 60
    assert claims_of(second)["exp"] == expires


def test_an_app_logs_out_alone(client):
    """The logout of one app leaves another one, and the browser, logged in"""
    logged_in(client)
    one, other = tokens(client), tokens(client)
    client.post("/api/logout", headers=bearer(one["access_token"]))
    assert me(client, other["access_token"]).status_code == 200
    assert client.get("/account").status_code == 200


# Roles and objects


def test_a_page_for_the_staff_and_a_stranger(client):
    """A stranger at `/moderation` is sent to the login"""
    assert is_sent_to_login(client.get("/moderation"), "/moderation")


def test_a_page_for_the_staff_and_a_customer(client):
    """A customer at `/moderation` is answered with 403, and not sent to the login"""
    logged_in(client)
    assert client.get("/moderation").status_code == 403


def test_a_page_for_the_staff(client, promote):
    """Who has the permission sees `/moderation`, at once, without a new login"""
    headers = api_customer(client, "ada")
    reviewed(client, headers, "<b>Sand</b>")
    log_in(client)
    promote("ada")
    response = client.get("/moderation")
    assert response.status_code == 200
    assert "<li>&lt;b&gt;Sand&lt;/b&gt;</li>" in response.text


def test_a_customer_writes_a_review(client):
    """`POST /api/reviews` is answered with 201 and the review"""
    headers = api_customer(client, "ada")
    response = client.post("/api/reviews", data={"text": "Sand everywhere"}, headers=headers)
    assert response.status_code == 201
    assert response.json() == {"id": 1, "text": "Sand everywhere"}


@pytest.mark.parametrize("length", [0, 1, 1000, 1001])
def test_how_long_a_review_may_be(client, length):
    """A review of 1 to 1000 characters is kept, another one is a 422"""
    headers = api_customer(client, "ada")
    response = client.post("/api/reviews", data={"text": "x" * length}, headers=headers)
    assert response.status_code == (201 if 1 <= length <= 1000 else 422)


def test_a_customer_deletes_her_review(client):
    """A customer deletes her own review: 204, and 404 the second time"""
    headers = api_customer(client, "ada")
    url = f"/api/reviews/{reviewed(client, headers)}"
    assert client.delete(url, headers=headers).status_code == 204
    response = client.delete(url, headers=headers)
    assert response.status_code == 404
    assert response.json() == {"error": "Not Found"}


def test_a_customer_cannot_delete_a_review_of_another(client):
    """The review of another customer is a 403, and stays"""
    ada, bob = api_customer(client, "ada"), api_customer(client, "bob")
    url = f"/api/reviews/{reviewed(client, ada)}"
    response = client.delete(url, headers=bob)
    assert response.status_code == 403
    assert response.json() == {"error": "Forbidden"}
    assert client.delete(url, headers=ada).status_code == 204


def test_the_staff_deletes_a_review_of_another(client, promote):
    """Who has the permission deletes the review of another: 204"""
    ada, root = api_customer(client, "ada"), api_customer(client, "root")
    promote("root")
    url = f"/api/reviews/{reviewed(client, ada)}"
    assert client.delete(url, headers=root).status_code == 204


def test_reviews_need_a_token(client):
    """Without a token nothing is written or deleted: 401"""
    url = f"/api/reviews/{reviewed(client, api_customer(client, 'ada'))}"
    assert is_unauthorized(client.post("/api/reviews", data={"text": "x"}))
    assert is_unauthorized(client.delete(url))


# Too many tries


def test_the_sixth_try_is_refused(client):
    """After five wrong passwords the sixth try is a 429 with `Retry-After: 300`, even with the right one"""
    registered(client)
    for _ in range(5):
        assert is_invalid_grant(ask_for_token(client, password="wrong"))
    response = ask_for_token(client)
    assert response.status_code == 429
    assert response.headers["retry-after"] == "300"


def test_the_page_of_the_login_is_slowed_as_well(client):
    """Tries at the API and at the page count together"""
    registered(client)
    for _ in range(4):
        ask_for_token(client, password="wrong")
    assert log_in(client, password="wrong").status_code == 422
    response = log_in(client)
    assert response.status_code == 429
    assert response.headers["retry-after"] == "300"


def test_the_refusal_computes_no_hash(client, hashes):
    """A try that is refused computes no hash"""
    registered(client)
    for _ in range(5):
        ask_for_token(client, password="wrong")
    hashes.clear()
    assert ask_for_token(client).status_code == 429
    assert hashes["hashed"] == 0


def test_a_name_that_nobody_has_is_refused_as_well(client):
    """The sixth try of a name that nobody has is a 429, too, so that it tells nothing"""
    for _ in range(5):
        ask_for_token(client, "nobody")
    assert ask_for_token(client, "nobody").status_code == 429


def test_another_name_is_not_refused(client):
    """Five tries of one name leave another name alone"""
    registered(client)
    for _ in range(5):
        ask_for_token(client, "nobody")
    assert ask_for_token(client).status_code == 200


def test_a_good_login_forgets_the_tries(client):
    """A good login forgets the wrong ones before it"""
    registered(client)
    for _ in range(2):
        for _ in range(4):
            assert is_invalid_grant(ask_for_token(client, password="wrong"))
        assert ask_for_token(client).status_code == 200


def test_after_five_minutes_tries_are_forgotten(client, sql):
    """After five minutes without a try the login is open again"""
    registered(client)
    for _ in range(5):
        ask_for_token(client, password="wrong")
    sql("UPDATE {own}try SET at = at - 290")
    assert ask_for_token(client).status_code == 429
    sql("UPDATE {own}try SET at = at - 301")
    assert ask_for_token(client).status_code == 200


# Fixation


def test_a_session_that_a_stranger_has_planted(client):
    """A cookie that was planted before the login does not become a login"""
    registered(client)
    client.get("/login")
    planted = cookies(client)
    log_in(client)
    assert client.get("/account").status_code == 200
    headers = with_cookies(client, planted)
    assert is_sent_to_login(client.get("/account", headers=headers), "/account")


def test_a_secret_that_a_stranger_has_chosen(client):
    """A secret that a stranger has chosen is replaced by the login"""
    registered(client)
    for name in ("session", "sessionid"):
        client.cookies.set(name, "a" * 32, domain="testserver.local")
    log_in(client)
    for name in ("session", "sessionid"):
        headers = with_cookies(client, {name: "a" * 32})
        assert is_sent_to_login(client.get("/account", headers=headers), "/account")


def test_a_login_that_has_expired(client, sql, framework):
    """14 days after the login the cookie opens nothing any more"""
    logged_in(client)
    if framework == "django":
        sql("UPDATE django_session SET expire_date = '2020-01-01 00:00:00'")
    else:
        sql("UPDATE login SET expires = expires - 14 * 24 * 60 * 60 + 30")
        assert client.get("/account").status_code == 200
        sql("UPDATE login SET expires = expires - 31")
    assert is_sent_to_login(client.get("/account"), "/account")


# Keys for programs


def ask_for_key(client, headers):
    response = client.post("/api/keys", headers=headers)
    assert response.status_code == 201, response.text
    return response.json()


def stock(client, key):
    return client.get("/api/stock", headers={"x-api-key": key})


def test_a_key_opens_the_stock(client):
    """A key in `X-API-Key` opens the stock"""
    made = ask_for_key(client, api_customer(client, "ada"))
    assert made["key"].startswith("shop_")
    assert len(made["key"]) == 48
    response = stock(client, made["key"])
    assert response.status_code == 200
    assert response.json() == {"Dune": 3, "Emma": 0}


@pytest.mark.parametrize("key", ["", "shop_", "x" * 48])
def test_a_wrong_key(client, key):
    """A wrong key is answered with 401 and `WWW-Authenticate: APIKey`"""
    ask_for_key(client, api_customer(client, "ada"))
    for response in (stock(client, key), client.get("/api/stock")):
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "APIKey"


def test_a_key_is_stored_as_a_digest(client, sql):
    """What is stored of a key is its SHA-256"""
    made = ask_for_key(client, api_customer(client, "ada"))
    [(stored,)] = sql("SELECT digest FROM {keys}")
    assert stored == hashlib.sha256(made["key"].encode()).hexdigest()


def test_a_key_does_not_log_in(client):
    """A key opens no account: as a bearer token it is answered with 401"""
    made = ask_for_key(client, api_customer(client, "ada"))
    assert is_unauthorized(me(client, made["key"]))


def test_a_key_is_called_back(client):
    """A key that was deleted is answered with 401"""
    headers = api_customer(client, "ada")
    made = ask_for_key(client, headers)
    assert client.delete(f"/api/keys/{made['id']}", headers=headers).status_code == 204
    assert stock(client, made["key"]).status_code == 401


def test_the_key_of_another(client):
    """The key of another customer is a 404, as one that nobody has, and stays"""
    ada, bob = api_customer(client, "ada"), api_customer(client, "bob")
    made = ask_for_key(client, ada)
    for number in (made["id"], 99):
        response = client.delete(f"/api/keys/{number}", headers=bob)
        assert response.status_code == 404
        assert response.json() == {"error": "Not Found"}
    assert stock(client, made["key"]).status_code == 200


def test_a_key_outlives_the_login(client):
    """A key is good after the logout of the app that asked for it"""
    headers = api_customer(client, "ada")
    made = ask_for_key(client, headers)
    client.post("/api/logout", headers=headers)
    assert stock(client, made["key"]).status_code == 200


# An account elsewhere


def is_refused(response):
    assert response.status_code == 400
    assert "This login did not work." in response.text
    return True


def test_a_login_elsewhere(elsewhere, provider):
    """The way leads to the provider and back, and the shop knows who it is: the issuer and its number"""
    response = elsewhere.get(at_the_provider(elsewhere, provider))
    assert response.status_code in (302, 303)
    assert response.headers["location"] == "/account"
    assert elsewhere.get("/account").json() == {"user": f"{provider.issuer} 4711"}


def test_what_the_provider_is_asked(elsewhere, provider):
    """The provider is asked with a state, a nonce and an S256 challenge"""
    at_the_provider(elsewhere, provider)
    assert provider.asked["response_type"] == "code"
    assert provider.asked["client_id"] == "shop"
    assert provider.asked["scope"] == "openid"
    assert provider.asked["redirect_uri"] == "http://testserver/callback"
    assert provider.asked["code_challenge_method"] == "S256"
    assert min(len(provider.asked[each]) for each in ("state", "nonce", "code_challenge")) >= 20


def test_an_account_elsewhere_is_for_who_has_logged_in(elsewhere):
    """Without a login `/account` leads to `/login`"""
    response = elsewhere.get("/account")
    assert response.status_code in (302, 303)
    assert response.headers["location"] == "/login"


def test_a_callback_that_nobody_asked_for(elsewhere, provider):
    """A callback with a state that this browser did not get is a 400: so nobody logs Ada in as himself"""
    back = at_the_provider(elsewhere, provider)
    elsewhere.cookies.clear()
    assert is_refused(elsewhere.get(back))
    assert elsewhere.get("/account").status_code in (302, 303)


@pytest.mark.parametrize("query", ["", "code=code-1", "state=x&code=code-1", "error=access_denied"])
def test_a_callback_that_lacks_something(elsewhere, query):
    """A callback without state, with another one, or with an error is a 400"""
    elsewhere.get("/login")
    assert is_refused(elsewhere.get(f"/callback?{query}"))


def test_a_callback_twice(elsewhere, provider):
    """A callback works once"""
    back = at_the_provider(elsewhere, provider)
    assert elsewhere.get(back).status_code in (302, 303)
    assert is_refused(elsewhere.get(back))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("nonce", "another"),
        ("nonce", None),
        ("aud", "another-shop"),
        ("iss", "https://evil.example"),
        ("exp", 1_000_000_000),
        ("exp", None),
    ],
)
def test_an_id_token_with_a_wrong_claim(elsewhere, provider, claim, value):
    """An ID token with another nonce, audience or issuer, or expired, is a 400"""
    provider.claims = {claim: value}
    assert is_refused(elsewhere.get(at_the_provider(elsewhere, provider)))


@pytest.mark.parametrize("key", [1, None])
def test_an_id_token_that_the_provider_did_not_sign(elsewhere, provider, key):
    """An ID token signed with another key, or with none, is a 400"""
    provider.sign_with = key
    assert is_refused(elsewhere.get(at_the_provider(elsewhere, provider)))
