"""What only FastAPI does in the introduction."""


def test_the_docs_page_loads_its_scripts_from_another_host(client):
    """`/docs` loads its scripts from another host: without internet it stays empty"""
    assert 'src="https://cdn.jsdelivr.net/' in client.get("/docs").text
