"""Log in with an account elsewhere: OpenID Connect, by Authlib."""

import os

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_safe
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
SETTINGS = {
    "SESSION_COOKIE_SECURE": True,
    # Strict would leave the cookie behind on the way back.
    "SESSION_COOKIE_SAMESITE": "Lax",
}


@require_safe
def log_in(request):
    # Keeps state, nonce and code verifier in the session.
    here = request.build_absolute_uri("/callback")
    return oauth.provider.authorize_redirect(request, here)


@require_safe
def come_back(request):
    try:
        # Compares state, then signature, nonce, iss, aud and exp.
        token = oauth.provider.authorize_access_token(request)
        user = token["userinfo"]
    except (AuthlibBaseError, JoseError, KeyError):
        return HttpResponse("This login did not work.", status=400)
    request.session.flush()
    # Who it is: the provider and its number, not an address.
    request.session["user"] = f"{user['iss']} {user['sub']}"
    return redirect("account")


@require_safe
def account(request):
    if "user" not in request.session:
        return redirect("log_in")
    return JsonResponse({"user": request.session["user"]})


urlpatterns = [
    path("login", log_in, name="log_in"),
    path("callback", come_back),
    path("account", account, name="account"),
]
