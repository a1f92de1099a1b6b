"""Who is asking, in Django: django.contrib.auth, tokens for an API.

>>> from django.contrib.auth.models import User
>>> ada = User(username="ada")
>>> ada.set_password("a long password")
>>> ada.check_password("a long password")
True
>>> ada.is_authenticated
True
"""

import secrets
import time
from functools import wraps
from pathlib import Path

import jwt
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.db import models
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import CreateView


# region: models
class Login(models.Model):
    """An app that is logged in; logout deletes it.

    Users, and the sessions of browsers, have tables of Django's.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE
    )
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
    "LOGIN_URL": "login",
    "LOGIN_REDIRECT_URL": "account",
    "LOGOUT_REDIRECT_URL": "login",
    "SESSION_COOKIE_SECURE": True,  # by HTTPS alone
    "SESSION_COOKIE_AGE": 14 * DAY,
    "CSRF_COOKIE_SECURE": True,
    "DATA_UPLOAD_MAX_MEMORY_SIZE": 100_000,  # bytes
}
# endregion: setup


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


# region: tokens
# Yours comes from the environment, with 32 bytes or more.
KEY = secrets.token_hex()
ISSUER = "https://shop.example"
MINUTES = 15


def issue(user, login):
    """A token that says who its bearer is, for a short time."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": "shop-api",
        "sub": str(user.pk),
        "sid": login.pk,
        "iat": now,
        "exp": now + MINUTES * 60,
    }
    return jwt.encode(claims, KEY, algorithm="HS256")


def read(token):
    """Its claims; jwt.InvalidTokenError if anything is wrong."""
    return jwt.decode(
        token,
        KEY,
        algorithms=["HS256"],  # never what the token itself says
        audience="shop-api",
        issuer=ISSUER,
        options={"require": ["exp", "sub", "sid"]},
    )


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
    expires = int(time.time()) + 14 * DAY
    login = Login.objects.create(user=user, expires=expires)
    return JsonResponse(
        {
            "access_token": issue(user, login),
            "token_type": "bearer",
            "expires_in": MINUTES * 60,
        }
    )
# endregion: tokens


# region: bearer
def token_login(request):
    """The login that a good token belongs to, or None."""
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        claims = read(token)
    except jwt.InvalidTokenError:
        return None
    logins = Login.objects.select_related("user")
    login = logins.filter(pk=claims["sid"]).first()
    return login if login and login.user.is_active else None


def bearer_required(view):
    """Let nobody in without a good token; the request has its login."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        request.login = token_login(request)
        if request.login is None:
            return JsonResponse(
                {"error": "Unauthorized"},
                status=401,
                headers={"WWW-Authenticate": "Bearer"},
            )
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)


@bearer_required
@require_safe
def me(request):
    return JsonResponse({"username": request.login.user.username})


@bearer_required
@require_POST
def end_login(request):
    request.login.delete()
    return HttpResponse(status=204)
# endregion: bearer


urlpatterns = [
    path("signup", SignUp.as_view()),
    path("login", LogIn.as_view(), name="login"),
    path("logout", LogoutView.as_view()),
    path("account", account, name="account"),
    path("api/token", give_token),
    path("api/me", me),
    path("api/logout", end_login),
]
