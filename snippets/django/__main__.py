"""The project's manage.py: `python -m snippets.django check`."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "snippets.django.settings")

if __name__ == "__main__":
    execute_from_command_line(["python -m snippets.django", *sys.argv[1:]])
