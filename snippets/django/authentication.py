"""Who is asking, in Django: django.contrib.auth, tokens for an API.

>>> from django.contrib.auth.models import User
>>> ada = User(username="ada")
>>> ada.set_password("a long password")
>>> ada.check_password("a long password")
True
>>> ada.is_authenticated
True
"""

import hashlib
import secrets
import time
from functools import wraps
from pathlib import Path

import jwt
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.decorators import (
    login_required,
    permission_required,
)
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.db import models
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)
from django.views.generic import CreateView


# region: models
def new_id():
    return secrets.token_hex(16)


class Login(models.Model):
    """An app that is logged in; logout deletes it.

    Users, and the sessions of browsers, have tables of Django's.
    """

    id = models.CharField(
        max_length=32, primary_key=True, default=new_id
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE
    )
    key = models.CharField(max_length=64, unique=True)
    expires = models.PositiveBigIntegerField()
# endregion: models


# region: passwords
HASHERS = "django.contrib.auth.hashers"
VALIDATION = "django.contrib.auth.password_validation"
PASSWORDS = {
    # The first one makes new hashes, the others check old ones.
    "PASSWORD_HASHERS": [
        f"{HASHERS}.Argon2PasswordHasher",
        f"{HASHERS}.PBKDF2PasswordHasher",
    ],
    "AUTH_PASSWORD_VALIDATORS": [
        {
            "NAME": f"{VALIDATION}.MinimumLengthValidator",
            "OPTIONS": {"min_length": 12},
        },
        {"NAME": f"{VALIDATION}.CommonPasswordValidator"},
    ],
}
# endregion: passwords


# region: setup
DAY = 24 * 60 * 60  # seconds
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "authentication_files"],
        "OPTIONS": {
            "context_processors": [
                "django.contrib.auth.context_processors.auth"
            ]
        },
    }
]
SETTINGS = {
    "TEMPLATES": TEMPLATES,
    **PASSWORDS,
    "AUTHENTICATION_BACKENDS": [f"{__name__}.CountingBackend"],
    "LOGIN_URL": "login",
    "LOGIN_REDIRECT_URL": "account",
    "LOGOUT_REDIRECT_URL": "login",
    "SESSION_COOKIE_SECURE": True,  # by HTTPS alone
    "SESSION_COOKIE_AGE": 14 * DAY,
    "CSRF_COOKIE_SECURE": True,
    "DATA_UPLOAD_MAX_MEMORY_SIZE": 100_000,  # bytes
}
# endregion: setup


# region: tries
TRIES, WINDOW = 5, 5 * 60  # seconds


class Try(models.Model):
    """Somebody at an address has tried a name."""

    who = models.CharField(max_length=64, db_index=True)
    at = models.FloatField()


class TooManyTries(Exception):
    pass


def note_try(request, username):
    """Refuse the sixth try; gives the tries of this kind."""
    address = request.META["REMOTE_ADDR"]
    who = digest(f"{address} {username}")
    now = time.time()
    Try.objects.filter(at__lt=now - WINDOW).delete()
    # Noted, then counted: many at once are counted, too.
    Try.objects.create(who=who, at=now)
    tries = Try.objects.filter(who=who)
    if tries.count() > TRIES:
        raise TooManyTries
    return tries


class CountingBackend(ModelBackend):
    """What Django's backend does, but not too often."""

    def authenticate(
        self, request, username=None, password=None, **more
    ):
        tries = note_try(request, username)
        user = super().authenticate(request, username, password, **more)
        if user:
            tries.delete()
        return user

    # ModelBackend's own would not come by here.
    async def aauthenticate(
        self, request, username=None, password=None, **more
    ):
        authenticate = sync_to_async(self.authenticate)
        return await authenticate(request, username, password, **more)


def slowed(view):
    """Around a view that asks a password."""

    @wraps(view)
    def guarded(request):
        try:
            return view(request)
        except TooManyTries:
            headers = {"Retry-After": str(WINDOW)}
            return HttpResponse(status=429, headers=headers)

    return guarded
# endregion: tries


# region: signup
class SignUp(CreateView):
    form_class = UserCreationForm
    template_name = "form.html"
    extra_context = {"title": "Sign up"}
    success_url = "/login"

    def form_invalid(self, form):
        response = super().form_invalid(form)
        response.status_code = 422
        return response
# endregion: signup


# region: login
class LogIn(LoginView):
    template_name = "form.html"
    extra_context = {"title": "Log in"}

    def form_invalid(self, form):
        response = super().form_invalid(form)
        response.status_code = 422  # else it is 200
        return response
# endregion: login


# region: required
@login_required  # else a redirect to LOGIN_URL
@require_safe
def account(request):
    return render(request, "account.html")
# endregion: required


# region: roles
@login_required
@permission_required(
    "authentication.delete_review", raise_exception=True
)
@require_safe
def moderation(request):
    reviews = Review.objects.all()
    return render(request, "moderation.html", {"reviews": reviews})
# endregion: roles


# region: tokens
# Yours comes from the environment, with 32 bytes or more.
KEY = secrets.token_hex()
ISSUER = "https://shop.example"
MINUTES = 15


def digest(secret):
    """What is stored of a secret: from this nobody can log in."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign(login, audience, expires, **more):
    """A token that says who its bearer is, to whom and until when."""
    claims = {
        "iss": ISSUER,
        "aud": audience,
        "sub": str(login.user_id),
        "sid": login.id,
        "iat": int(time.time()),
        "exp": expires,
    }
    return jwt.encode(claims | more, KEY, algorithm="HS256")


def read(token, audience):
    """Its claims; jwt.InvalidTokenError if anything is wrong."""
    return jwt.decode(
        token,
        KEY,
        algorithms=["HS256"],  # never what the token itself says
        audience=audience,
        issuer=ISSUER,
        options={"require": ["exp", "sub", "sid"]},
    )


def pair(login, secret):
    """A token for the API, and one to get the next pair with."""
    soon = int(time.time()) + MINUTES * 60
    return {
        "access_token": sign(login, "shop-api", soon),
        "token_type": "bearer",
        "expires_in": MINUTES * 60,
        "refresh_token": sign(
            login, "shop-refresh", login.expires, jti=secret
        ),
    }


@csrf_exempt  # no cookie opens it
@require_POST
def give_token(request):
    user = authenticate(
        request,
        username=request.POST.get("username", ""),
        password=request.POST.get("password", ""),
    )
    if user is None:
        return JsonResponse({"error": "invalid_grant"}, status=400)
    secret = secrets.token_urlsafe(32)
    login = Login.objects.create(
        user=user,
        key=digest(secret),
        expires=int(time.time()) + 14 * DAY,
    )
    return JsonResponse(pair(login, secret))
# endregion: tokens


# region: refresh
@csrf_exempt
@require_POST
def refresh(request):
    refused = JsonResponse({"error": "invalid_grant"}, status=400)
    token = request.POST.get("refresh_token", "")
    try:
        claims = read(token, "shop-refresh")
    except jwt.InvalidTokenError:
        return refused
    secret = secrets.token_urlsafe(32)
    logins = Login.objects.filter(
        id=claims["sid"], user__is_active=True
    )
    login = logins.first()
    unused = logins.filter(key=digest(claims["jti"]))
    if unused.update(key=digest(secret)):
        return JsonResponse(pair(login, secret))
    # Used before. One of the two is a thief, so both are out.
    logins.delete()
    return refused
# endregion: refresh


# region: bearer
def error(status, detail, scheme=None):
    response = JsonResponse({"error": detail}, status=status)
    if scheme:
        response["WWW-Authenticate"] = scheme
    return response


def token_login(request):
    """The login that a good token belongs to, or None."""
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        claims = read(token, "shop-api")
    except jwt.InvalidTokenError:
        return None
    logins = Login.objects.select_related("user")
    return logins.filter(
        id=claims["sid"], user__is_active=True
    ).first()


def bearer_required(view):
    """Let nobody in without a good token; the request has its login."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        request.login = token_login(request)
        if request.login is None:
            return error(401, "Unauthorized", "Bearer")
        request.api_user = request.login.user
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)


@bearer_required
@require_safe
def me(request):
    return JsonResponse({"username": request.api_user.username})


@bearer_required
@require_POST
def end_login(request):
    request.login.delete()
    return HttpResponse(status=204)
# endregion: bearer


# region: objects
class Review(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE
    )
    text = models.CharField(max_length=1000)


@bearer_required
@require_POST
def add_review(request):
    text = request.POST.get("text", "")
    if not 1 <= len(text) <= 1000:
        return error(422, "Unprocessable Entity")
    review = Review.objects.create(user=request.api_user, text=text)
    return JsonResponse({"id": review.id, "text": text}, status=201)


@bearer_required
@require_http_methods(["DELETE"])
def delete_review(request, review_id):
    review = Review.objects.filter(id=review_id).first()
    if review is None:
        return error(404, "Not Found")
    user = request.api_user
    # has_perm knows the user's own permissions and her groups'.
    may = user.has_perm("authentication.delete_review")
    if not (review.user_id == user.id or may):
        return error(403, "Forbidden")
    review.delete()
    return HttpResponse(status=204)
# endregion: objects


# region: keys
class ApiKey(models.Model):
    """For a program that nobody logs in for: a key, shown once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE
    )
    digest = models.CharField(max_length=64, unique=True)


@bearer_required
@require_POST
def make_key(request):
    key = f"shop_{secrets.token_urlsafe(32)}"  # tells what it opens
    row = ApiKey.objects.create(
        user=request.api_user, digest=digest(key)
    )
    return JsonResponse({"id": row.id, "key": key}, status=201)


@bearer_required
@require_http_methods(["DELETE"])
def delete_key(request, key_id):
    own = ApiKey.objects.filter(id=key_id, user=request.api_user)
    deleted, _ = own.delete()
    if not deleted:
        return error(404, "Not Found")  # others need not know of it
    return HttpResponse(status=204)


@require_safe
def stock(request):
    sent = request.headers.get("X-API-Key", "")
    known = ApiKey.objects.filter(
        digest=digest(sent), user__is_active=True
    )
    if not known.exists():
        return error(401, "Unauthorized", "APIKey")
    return JsonResponse({"Dune": 3, "Emma": 0})
# endregion: keys


urlpatterns = [
    path("signup", SignUp.as_view()),
    path("login", slowed(LogIn.as_view()), name="login"),
    path("logout", LogoutView.as_view()),
    path("account", account, name="account"),
    path("moderation", moderation),
    path("api/token", slowed(give_token)),
    path("api/refresh", refresh),
    path("api/me", me),
    path("api/logout", end_login),
    path("api/reviews", add_review),
    path("api/reviews/<int:review_id>", delete_review),
    path("api/keys", make_key),
    path("api/keys/<int:key_id>", delete_key),
    path("api/stock", stock),
]
