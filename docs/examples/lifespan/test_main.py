from main import Catalogue, app

from rapide.testclient import TestClient


def test_catalogue_is_open_while_the_application_runs() -> None:
    with TestClient(app) as client:
        catalogue: Catalogue = client.app_state["catalogue"]
        assert client.get("/books").json() == ["Momo", "Ronja"]
        assert catalogue.is_open
    assert not catalogue.is_open
