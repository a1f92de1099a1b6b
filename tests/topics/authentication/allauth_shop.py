"""A shop with django-allauth, in a process of its own, because settings hold for one; prints what a visitor sees.

`python -m tests.topics.authentication.allauth_shop`
"""

import json
import re

import django
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client

MEMORY = "django.core.mail.backends.locmem.EmailBackend"
MAIL = (
    {"MAILERS": {"default": {"BACKEND": MEMORY}}}
    if django.VERSION >= (6, 1)
    else {"EMAIL_BACKEND": MEMORY}
)
PASSWORD = "correct horse battery"


def configure() -> None:
    context = "django.template.context_processors.request"
    settings.configure(
        SECRET_KEY="k" * 50,
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["testserver"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "allauth",
            "allauth.account",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": [context]},
            }
        ],
        AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ACCOUNT_LOGIN_METHODS={"email"},
        ACCOUNT_SIGNUP_FIELDS=["email*", "password1*"],
        ACCOUNT_EMAIL_VERIFICATION="mandatory",
        LOGIN_REDIRECT_URL="/account/",
        **MAIL,
    )
    django.setup()
    call_command("migrate", verbosity=0)


def account(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello")


def main() -> None:
    configure()
    from django.contrib.auth.decorators import login_required
    from django.urls import include, path

    urlpatterns = [
        path("accounts/", include("allauth.urls")),
        path("account/", login_required(account)),
    ]
    globals()["urlpatterns"] = urlpatterns
    mail.outbox = []
    said: dict[str, object] = {}
    client, new = Client(), {"email": "ada@example.com", "password1": PASSWORD}
    known = {"login": "ada@example.com", "password": PASSWORD}

    def post(url: str, data: dict[str, str], client: Client = client) -> str:
        response = client.post(url, data)
        return f"{response.status_code} {response.headers.get('Location', '')}".strip()

    said["sign up"] = post("/accounts/signup/", new)
    said["sign up again"] = post("/accounts/signup/", new, Client())
    said["mails"] = [message.subject for message in mail.outbox]
    said["not confirmed"] = post("/accounts/login/", known, Client())
    link = re.search(r"http://testserver(\S+)", str(mail.outbox[0].body))
    assert link
    said["confirmed"] = post(link[1], {})
    said["log in"] = post("/accounts/login/", known)
    said["account"] = client.get("/account/").status_code
    stranger, tries = Client(), []
    for _ in range(6):
        page = stranger.post("/accounts/login/", {**known, "password": "wrong"}).text
        tries.append("Too many failed login attempts" in page)
    said["refused"] = tries
    print(json.dumps(said))


if __name__ == "__main__":
    main()
