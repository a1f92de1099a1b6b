"""Who is called when, in Django: three classes in the settings."""

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

trace = []


# region: layer
class Layer:
    name = ""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        trace.append(f"{self.name}>")
        if self.name == "B" and request.path == "/stopped":
            return HttpResponse("stopped by B")
        if self.name == "B" and request.path == "/lost":
            raise Http404
        if self.name == "B" and request.path == "/broken":
            raise RuntimeError("B is broken")
        response = self.get_response(request)
        trace.append(f"<{self.name}")
        return response

    def process_exception(self, request, exception):
        trace.append(f"{self.name}!")


class A(Layer):
    name = "A"


class B(Layer):
    name = "B"


class C(Layer):
    name = "C"


SETTINGS = {"MIDDLEWARE": [f"{__name__}.{name}" for name in "ABC"]}
# endregion: layer


@require_safe
def list_books(request):
    trace.append("view")
    return HttpResponse("Dune")


@require_safe
def crash(request):
    trace.append("view")
    raise RuntimeError("a mistake in the view")


@require_safe
def missing(request):
    trace.append("view")
    raise Http404


@require_safe
def stream(request):
    trace.append("view")

    def lines():
        trace.append("body")
        yield "Dune"

    return StreamingHttpResponse(lines())


urlpatterns = [
    path("books", list_books),
    path("crash", crash),
    path("missing", missing),
    path("stream", stream),
]
