"""Names that change with the file, in Django: settings that differ."""

from pathlib import Path

BASE_DIR = Path(__file__).parent

# region: versions
SETTINGS = {
    # collectstatic copies all files to here, each once more under a
    # name with its hash, and once more compressed.
    "STATIC_ROOT": BASE_DIR / "collected",
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
