from main import Reader, app, current_reader, may_see

from rapide.testclient import TestClient

client = TestClient(app)


def test_policy_alone():
    assert may_see(Reader("eve", ["librarian"]), borrower="ada")
    assert not may_see(Reader("eve"), borrower="ada")


def test_only_librarians_end_loans():
    with app.override({current_reader: lambda: Reader("eve")}):
        assert client.delete("/loans/2").status_code == 403
    with app.override({current_reader: lambda: Reader("eve", ["librarian"])}):
        assert client.delete("/loans/2").status_code == 200
