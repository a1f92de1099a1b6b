"""Authentication that only Django has: what comes with django.contrib.auth."""

import jwt
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import user_passes_test
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import LoginView
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import RequestFactory

from tests.topics.authentication.shop import (
    PASSWORD,
    ask_for_token,
    is_sent_to_login,
    is_unauthorized,
    log_in,
    log_out,
    logged_in,
    me,
    registered,
    sign_up,
    tokens,
)


def test_a_hash_of_another_kind_is_renewed(client):
    """A PBKDF2 hash from before is accepted, and is an Argon2 hash after the login"""
    registered(client)
    users = get_user_model().objects
    users.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    assert users.get().password.startswith("pbkdf2_sha256$")
    assert ask_for_token(client).status_code == 200
    assert users.get().password.startswith("argon2$argon2id$")


def test_the_cookie_is_the_key_of_a_row(client):
    """The cookie holds the key of a row of `django_session`, which the logout deletes"""
    logged_in(client)
    assert Session.objects.filter(pk=client.cookies["sessionid"]).exists()
    log_out(client)
    assert not Session.objects.exists()


def test_a_new_password_ends_the_sessions(client):
    """A new password ends the sessions of its user, wherever they were opened"""
    logged_in(client)
    user = get_user_model().objects.get()
    user.set_password("another good password")
    user.save()
    assert is_sent_to_login(client.get("/account"), "/account")


def test_a_user_who_is_not_active(client):
    """A user with `is_active = False` cannot log in, and her tokens and sessions are of no use any more"""
    logged_in(client)
    token = tokens(client)["access_token"]
    get_user_model().objects.update(is_active=False)
    assert is_unauthorized(me(client, token))
    assert is_sent_to_login(client.get("/account"), "/account")
    assert log_in(client).status_code == 422
    assert ask_for_token(client).status_code == 400


def test_loginview_answers_200_to_a_wrong_password(snippet, client, monkeypatch):
    """`LoginView` itself answers a wrong password with 200"""
    monkeypatch.delattr(snippet.LogIn, "form_invalid")
    assert snippet.LogIn.form_invalid is LoginView.form_invalid
    assert log_in(client, "nobody", "wrong").status_code == 200


def test_user_passes_test_sends_customers_to_the_login():
    """`user_passes_test` sends a customer who is logged in to the login, too: 302"""
    view = user_passes_test(lambda user: user.is_staff)(lambda request: HttpResponse())
    request = RequestFactory().get("/staff")
    for user in (AnonymousUser(), get_user_model()(username="ada")):
        request.user = user
        assert view(request).status_code == 302


def test_common_passwords_are_refused(client, snippet):
    """`CommonPasswordValidator` refuses `administrator`, although it is long enough"""
    response = sign_up(client, password="administrator")
    assert response.status_code == 422
    assert "too common" in response.text


# PyJWT, which all three use


def test_pyjwt_wants_to_be_told_the_algorithms():
    """Without `algorithms` PyJWT decodes nothing"""
    token = jwt.encode({"sub": "1"}, "k" * 32)
    with pytest.raises(jwt.DecodeError, match="algorithms"):
        jwt.decode(token, "k" * 32)


def test_a_short_key_warns():
    """A key of less than 32 bytes warns"""
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        jwt.encode({"sub": "1"}, "your-secret-key")


def test_an_audience_has_to_be_asked_for():
    """A token with an audience is refused where nobody asked for one; one without passes unless one is required"""
    key = "k" * 32
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(jwt.encode({"aud": "a"}, key), key, algorithms=["HS256"])
    assert jwt.decode(jwt.encode({"x": 1}, key), key, algorithms=["HS256"]) == {"x": 1}


def test_a_subject_is_a_text():
    """A `sub` that is a number is refused"""
    key = "k" * 32
    with pytest.raises(jwt.exceptions.InvalidSubjectError):
        jwt.decode(jwt.encode({"sub": 1}, key), key, algorithms=["HS256"])
