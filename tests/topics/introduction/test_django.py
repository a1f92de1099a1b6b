"""What only Django brings on the first evening."""

from django.core.management import call_command


def test_startapp_makes_seven_files(tmp_path):
    """`manage.py startapp` makes a folder with seven files"""
    call_command("startapp", "shop", tmp_path)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 7
