"""Registers, logs in, reads and changes through the back office, rightly and wrongly."""


def drive(r):
    """Drive the application, and note every answer."""
    api = "/api/v1"

    def login(email, password):
        a = r.send("POST", f"{api}/login/access-token", data={"username": email, "password": password})
        return {"authorization": "Bearer " + a.json().get("access_token", "")}

    r.send("GET", f"{api}/utils/health-check/")
    r.send("GET", f"{api}/utils/health-check")
    r.send("GET", "/docs")
    r.send("GET", "/redoc")
    r.send("GET", "/docs/oauth2-redirect")
    r.send("GET", f"{api}/openapi.json")
    r.send("GET", "/openapi.json")
    r.send("POST", f"{api}/utils/health-check/")
    r.send("HEAD", f"{api}/utils/health-check/")
    r.send("OPTIONS", f"{api}/users/me")
    r.send(
        "OPTIONS",
        f"{api}/users/me",
        headers={
            "origin": "http://localhost:5173",
            "access-control-request-method": "PATCH",
            "access-control-request-headers": "authorization",
        },
    )
    r.send(
        "OPTIONS",
        f"{api}/users/me",
        headers={"origin": "http://evil", "access-control-request-method": "PATCH"},
    )
    r.send("GET", f"{api}/users/me")
    r.send("GET", f"{api}/users/me", headers={"authorization": "Basic abc"})
    r.send("GET", f"{api}/users/me", headers={"authorization": "Bearer nonsense"})
    r.send("POST", f"{api}/login/access-token")
    r.send("POST", f"{api}/login/access-token", data={"username": "a"})
    r.send(
        "POST", f"{api}/login/access-token", data={"username": "a", "password": "b", "grant_type": "other"}
    )
    r.send("POST", f"{api}/login/access-token", json={"username": "a", "password": "b"})
    login("admin@example.com", "wrong")
    admin = login("admin@example.com", "changethis")
    r.send("POST", f"{api}/login/test-token", headers=admin)
    r.send("POST", f"{api}/users/signup", json={"email": "no", "password": "short"})
    r.send("POST", f"{api}/users/signup", content=b"{")
    r.send("POST", f"{api}/users/signup", content=b"{", headers={"content-type": "application/json"})
    r.send("POST", f"{api}/users/signup", json=[])
    r.send("POST", f"{api}/users/signup")
    r.send(
        "POST",
        f"{api}/users/signup",
        json={"email": "ada@example.com", "password": "password of ada", "full_name": "Ada"},
        headers={"origin": "http://localhost:5173"},
    )
    r.send("POST", f"{api}/users/signup", json={"email": "ada@example.com", "password": "password of ada"})
    ada = login("ada@example.com", "password of ada")
    me = r.send("GET", f"{api}/users/me", headers=ada).json()
    r.send("GET", f"{api}/users/", headers=ada)
    r.send("GET", f"{api}/users/", headers=admin)
    r.send("GET", f"{api}/users", headers=admin)
    r.send("GET", f"{api}/users/?limit=1001&skip=x", headers=admin)
    r.send("GET", f"{api}/users/?skip=1&limit=1", headers=admin)
    b = r.send(
        "POST",
        f"{api}/users/",
        headers=admin,
        json={"email": "ben@example.com", "password": "password of ben"},
    ).json()
    for body in (
        {"full_name": "Ada L."},
        {"email": "ben@example.com"},
        {"email": None},
        {"full_name": "x" * 300},
        {},
    ):
        if body != {"email": None}:
            r.send("PATCH", f"{api}/users/me", headers=ada, json=body)
    r.send(
        "PATCH",
        f"{api}/users/me/password",
        headers=ada,
        json={"current_password": "password of eve", "new_password": "password of ada"},
    )
    r.send(
        "PATCH",
        f"{api}/users/me/password",
        headers=ada,
        json={"current_password": "password of ada", "new_password": "another password"},
    )
    r.send("GET", f"{api}/users/{b['id']}", headers=ada)
    r.send("GET", f"{api}/users/{me['id']}", headers=ada)
    r.send("GET", f"{api}/users/seven", headers=admin)
    r.send("PATCH", f"{api}/users/{b['id']}", headers=admin, json={"is_active": False, "full_name": "Ben"})
    r.send("PATCH", f"{api}/users/{'0' * 8}-0000-0000-0000-{'0' * 12}", headers=admin, json={})
    r.send(
        "POST",
        f"{api}/login/access-token",
        data={"username": "ben@example.com", "password": "password of ben"},
    )
    items = []
    for n, (title, price, colour) in enumerate(
        (("Hammer", "9.50", "red"), ("Anvil", 120, "green"), ("Nail", 0.05, "red"))
    ):
        items.append(
            r.send(
                "POST",
                f"{api}/items/",
                headers={**ada, "x-request": f"n{n}"},
                json={"title": title, "price": price, "colour": colour},
            ).json()
        )
    for body in (
        {},
        {"title": ""},
        {"title": "a", "price": "1.234"},
        {"title": "a", "price": "x"},
        {"title": "a", "price": 1e10},
        {"title": "a", "colour": "blue"},
        {"title": None},
        "text",
        None,
        [1],
        {"title": "a", "description": 5},
    ):
        r.send("POST", f"{api}/items/", headers=ada, json=body)
    r.send("POST", f"{api}/items/", headers={**ada, "x-request": "n" * 11}, json={"title": "a"})
    r.send("POST", f"{api}/items/", json={"title": ""})
    for q in (
        "",
        "?limit=0",
        "?limit=1&skip=1",
        "?order_by=price",
        "?order_by=weight",
        "?colours=red",
        "?colours=red&colours=green",
        "?colours=blue&x=1",
        "?unknown=1",
        "?skip=-1&limit=101&order_by=&unknown=2",
    ):
        r.send("GET", f"{api}/items/{q}", headers=ada)
    i = items[0]["id"]
    r.send("GET", f"{api}/items/{i}", headers=ada)
    r.send("GET", f"{api}/items/{i}", headers=admin)
    r.send("GET", f"{api}/items/{i}")
    r.send("GET", f"{api}/items/{i}x", headers=ada)
    r.send("PUT", f"{api}/items/{i}", headers=ada, json={"price": "11.00", "description": "heavy"})
    r.send("PUT", f"{api}/items/{i}/", headers=ada, json={})
    r.send("DELETE", f"{api}/items/{i}", headers=ada)
    r.send("DELETE", f"{api}/items/{i}", headers=ada)
    r.send("POST", f"{api}/utils/test-email/?email_to=x", headers=admin)
    r.send("POST", f"{api}/utils/test-email/?email_to=x@example.com", headers=admin)
    r.send("GET", f"{api}/utils/outbox/")
    r.send("POST", f"{api}/password-recovery/ada@example.com")
    r.send("POST", f"{api}/password-recovery/eve@example.com")
    r.send("POST", f"{api}/reset-password/", json={"token": "x", "new_password": "12345678"})
    r.send("POST", f"{api}/reset-password", json={"token": "x", "new_password": "1"})
    r.send("POST", f"{api}/password-recovery-html-content/ada@example.com", headers=ada)
    r.send("POST", f"{api}/private/users/", json={"email": "x", "password": "y"})
    r.send(
        "POST", f"{api}/private/users/", json={"email": "x@example.com", "password": "y", "full_name": "X"}
    )
    r.send(
        "POST", f"{api}/private/users/", json={"email": "x@example.com", "password": "y", "full_name": "X"}
    )
    r.send("DELETE", f"{api}/users/me", headers=admin)
    r.send("DELETE", f"{api}/users/me", headers=ada)
    r.send("GET", f"{api}/users/me", headers=ada)
    r.send("DELETE", f"{api}/users/{b['id']}", headers=admin)
    r.send("GET", f"{api}/nowhere")
    r.send("GET", f"{api}/")
    r.send("GET", "/")
