"""Run by `manage.py test`, which reads the project's settings."""

from django.test import SimpleTestCase, override_settings


class Pages(SimpleTestCase):
    @override_settings(PAGE_SIZE=1)
    def test_a_small_page(self):
        response = self.client.get("/books")
        self.assertContains(response, "Dune")
        self.assertNotContains(response, "Emma")
