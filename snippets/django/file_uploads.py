"""Files from strangers in Django: a form reads, you write it anew.

>>> from django.core.files.uploadedfile import SimpleUploadedFile
>>> from snippets.django.file_uploads import CoverForm
>>> script = SimpleUploadedFile("front.png", b"<script>", "image/png")
>>> CoverForm({}, {"cover": script}).is_valid()
False
"""

from io import BytesIO
from uuid import uuid4

from django import forms
from django.core.exceptions import RequestDataTooBig
from django.core.files import uploadhandler
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from PIL import Image, ImageOps

# region: limits
MAX_BODY = 250_000  # bytes of the whole body

SETTINGS = {
    "MEDIA_ROOT": "media",  # below where the server was started
    "DATA_UPLOAD_MAX_NUMBER_FILES": 3,
    "FILE_UPLOAD_HANDLERS": [
        f"{__name__}.SmallUploads",
        # Without it, files over FILE_UPLOAD_MAX_MEMORY_SIZE vanish.
        f"{uploadhandler.__name__}.TemporaryFileUploadHandler",
    ],
}


class SmallUploads(uploadhandler.MemoryFileUploadHandler):
    def handle_raw_input(self, data, META, length, *rest):
        # No setting limits the bytes of files.
        if length > MAX_BODY:
            raise RequestDataTooBig("too big an upload")
        super().handle_raw_input(data, META, length, *rest)


# endregion: limits


# region: picture
MAX_PICTURE = 100_000  # bytes
MAX_PIXELS = 1_000_000  # a small file can be a huge picture


def as_png(upload):
    """The picture in an upload, drawn anew."""
    # One byte more than allowed says enough.
    data = upload.read(MAX_PICTURE + 1)
    try:
        if len(data) > MAX_PICTURE:
            raise ValueError
        sent = Image.open(BytesIO(data), formats=["JPEG", "PNG"])
        if sent.width * sent.height > MAX_PIXELS:  # not yet decoded
            raise ValueError
        if sent.mode.startswith("I"):  # 16 bits would turn white
            raise ValueError
        upright = ImageOps.exif_transpose(sent)
        # Pixels alone move on: no place, no script behind them.
        drawn = Image.new("RGBA", upright.size)
        drawn.paste(upright)
    except Exception:  # decoders of pictures fail in many ways
        message = "A small PNG or JPEG picture is needed."
        raise forms.ValidationError(message) from None
    png = BytesIO()
    drawn.save(png, "PNG")
    return png.getvalue()


class PictureField(forms.ImageField):
    def clean(self, data, *initial):
        sent = super().clean(data, *initial)
        return sent and as_png(sent)  # None where it may be missing


# endregion: picture


# region: save
def save(png):
    """Keep a picture under a name of our own."""
    # default_storage is MEDIA_ROOT, or what STORAGES puts there.
    return default_storage.save(f"{uuid4()}.png", ContentFile(png))


class CoverForm(forms.Form):
    cover = PictureField()


# No cookie says here who the caller is, so nothing can be forged.
@csrf_exempt
@require_POST
def add_cover(request):
    form = CoverForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    answer = {
        "sent": request.FILES["cover"].name,
        "stored": save(form.cleaned_data["cover"]),
    }
    return JsonResponse(answer, status=201)


# endregion: save


# region: serve
@require_safe
def show_cover(request, cover):
    try:
        # Whole, because a FileResponse warns under ASGI.
        with default_storage.open(f"{cover}.png") as file:
            png = file.read()
    except FileNotFoundError:
        raise Http404 from None
    # SecurityMiddleware adds X-Content-Type-Options: nosniff.
    return HttpResponse(png, content_type="image/png")


# endregion: serve


# region: several
class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class PicturesField(PictureField):
    widget = ManyFiles

    def clean(self, data, *initial):
        one = super().clean
        return [one(each, *initial) for each in data or [None]]


class ScansForm(forms.Form):
    scans = PicturesField()


@csrf_exempt
@require_POST
def add_scans(request):
    form = ScansForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    # All were looked at before the first is kept.
    stored = [save(png) for png in form.cleaned_data["scans"]]
    return JsonResponse({"stored": stored}, status=201)


# endregion: several


urlpatterns = [
    path("covers", add_cover),
    path("covers/<uuid:cover>.png", show_cover),
    path("scans", add_scans),
]
