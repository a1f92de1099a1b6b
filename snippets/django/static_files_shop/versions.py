"""Names that change with the file, in Django: settings that differ."""

from pathlib import Path

# region: versions
SETTINGS = {
    # collectstatic copies all files to here, each once more with
    # its hash in the name. What gets smaller is also compressed.
    "STATIC_ROOT": Path(__file__).parent / "collected",
    "STORAGES": {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
        },
        "staticfiles": {
            "BACKEND": "whitenoise.storage."
            "CompressedManifestStaticFilesStorage",
        },
    },
    # Serve what was collected, and nothing else.
    "WHITENOISE_USE_FINDERS": False,
}
# endregion: versions
