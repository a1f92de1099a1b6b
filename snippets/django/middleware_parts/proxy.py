"""Django behind a proxy: who asks, and how?"""

from django.http import JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe


@require_safe
def visit(request):
    return JsonResponse(
        {
            "address": request.META.get("REMOTE_ADDR"),
            "scheme": request.scheme,
            "host": request.get_host(),
        }
    )


urlpatterns = [path("visit", visit)]

# region: trust
SETTINGS = {
    # The proxy must set this header on each request.
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "USE_X_FORWARDED_HOST": True,
    "ALLOWED_HOSTS": ["shop.example", "127.0.0.1", "testserver"],
    # For the address there is no setting: the server's concern.
}
# endregion: trust
