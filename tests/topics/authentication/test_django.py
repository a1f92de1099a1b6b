"""Authentication that only Django has: what comes with django.contrib.auth."""

import json
import os
import subprocess
import sys

import jwt
import pytest
from django.contrib.auth import aauthenticate, authenticate, get_user_model
from django.contrib.auth.decorators import permission_required, user_passes_test
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.contrib.auth.views import LoginView
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client, RequestFactory

from book._core.frameworks import ROOT
from tests.topics.authentication.shop import (
    PASSWORD,
    api_customer,
    ask_for_token,
    is_invalid_grant,
    is_sent_to_login,
    is_unauthorized,
    log_in,
    log_out,
    logged_in,
    me,
    refreshed,
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


def test_an_anonymous_session_gets_a_new_key(settings, snippet):
    """What an anonymous session holds is there after the login, under a new key"""
    client = Client()
    get_user_model().objects.create_user("ada", password=PASSWORD)
    session = client.session
    session["basket"] = ["Dune"]
    session.save()
    before = client.cookies["sessionid"].value
    client.post("/login", {"username": "ada", "password": PASSWORD})
    assert client.session["basket"] == ["Dune"]
    assert client.cookies["sessionid"].value != before
    assert not client.session.exists(before)


def test_permission_required_sends_to_the_login_unless_told_otherwise():
    """`permission_required` sends a customer to the login: 302; with `raise_exception=True` it raises `PermissionDenied`"""
    request = RequestFactory().get("/staff")
    request.user = get_user_model().objects.create_user("ada")
    name = "authentication.delete_review"
    view = permission_required(name)(lambda request: HttpResponse())
    assert view(request).status_code == 302
    strict = permission_required(name, raise_exception=True)(lambda request: HttpResponse())
    with pytest.raises(PermissionDenied):
        strict(request)


def test_a_group_brings_its_permissions():
    """A user has the permissions of her groups"""
    group = Group.objects.create(name="staff")
    group.permissions.add(Permission.objects.get(codename="delete_review"))
    user = get_user_model().objects.create_user("ada")
    assert not user.has_perm("authentication.delete_review")
    user.groups.add(group)
    again = get_user_model().objects.get()  # permissions are cached in the object
    assert again.has_perm("authentication.delete_review")


def test_has_perm_with_an_object_is_false(snippet):
    """`has_perm` with an object is false, although the user has the permission; a superuser has it"""
    user = get_user_model().objects.create_user("ada")
    user.user_permissions.add(Permission.objects.get(codename="delete_review"))
    review = snippet.Review.objects.create(user=user, text="Sand")
    assert user.has_perm("authentication.delete_review")
    assert not user.has_perm("authentication.delete_review", review)
    root = get_user_model()(username="root", is_superuser=True)
    assert root.has_perm("authentication.delete_review", review)


def test_authenticate_goes_through_the_backend(snippet):
    """`authenticate` raises at the sixth try, whoever calls it"""
    request = RequestFactory().get("/")
    for _ in range(5):
        assert authenticate(request, username="ada", password="wrong") is None
    with pytest.raises(snippet.TooManyTries):
        authenticate(request, username="ada", password="wrong")


async def test_aauthenticate_goes_through_the_backend_as_well(snippet):
    """`aauthenticate` raises at the sixth try as well"""
    request = RequestFactory().get("/")
    for _ in range(5):
        assert await aauthenticate(request, username="ada", password="wrong") is None
    with pytest.raises(snippet.TooManyTries):
        await aauthenticate(request, username="ada", password="wrong")


def test_a_refresh_of_a_user_who_is_not_active(client):
    """A user who is not active cannot refresh, and her keys are of no use"""
    headers = api_customer(client, "ada")
    pair = tokens(client)
    key = client.post("/api/keys", headers=headers).json()["key"]
    get_user_model().objects.update(is_active=False)
    assert is_invalid_grant(refreshed(client, pair["refresh_token"]))
    assert client.get("/api/stock", headers={"x-api-key": key}).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/account"),
        ("POST", "/moderation"),
        ("GET", "/logout"),
        ("GET", "/api/token"),
        ("GET", "/api/refresh"),
        ("POST", "/api/me"),
        ("GET", "/api/logout"),
        ("GET", "/api/reviews"),
        ("POST", "/api/reviews/1"),
        ("GET", "/api/keys"),
        ("POST", "/api/keys/1"),
        ("POST", "/api/stock"),
    ],
)
def test_a_method_that_a_view_does_not_have(client, promote, method, path):
    """A method that a view does not have is a 405"""
    headers = api_customer(client, "root")
    promote("root")
    log_in(client, "root")
    token = client.cookies["csrftoken"]
    headers |= {"x-csrftoken": token}
    assert client.request(method, path, headers=headers).status_code == 405


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


@pytest.mark.parametrize("path", ["/login", "/callback", "/account"])
def test_the_pages_of_a_login_elsewhere_are_for_reading(elsewhere, path):
    """`OPTIONS` of a page of the login elsewhere is a 405"""
    assert elsewhere.options(path).status_code == 405


# django-allauth


@pytest.fixture(scope="module")
def allauth():
    """What a visitor of a shop with django-allauth sees; it runs in a process of its own."""
    name = "tests.topics.authentication.allauth_shop"
    command = [sys.executable, "-W", "error", "-m", name]
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_allauth_confirms_the_address(allauth):
    """django-allauth mails a link, and lets nobody in before it was followed"""
    assert allauth["mails"] == ["[testserver] Please Confirm Your Email Address"]
    assert allauth["not confirmed"] == "302 /accounts/confirm-email/"
    assert allauth["confirmed"] == "302 /accounts/login/"
    assert allauth["log in"] == "302 /account/"
    assert allauth["account"] == 200


def test_allauth_does_not_tell_who_has_an_account(allauth):
    """The sign-up of django-allauth answers a taken address as it answers a new one"""
    assert allauth["sign up"] == allauth["sign up again"] == "302 /accounts/confirm-email/"


def test_allauth_slows_brute_force(allauth):
    """django-allauth refuses the sixth try by itself"""
    assert allauth["refused"] == [False, False, False, False, False, True]
