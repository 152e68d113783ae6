"""Asks models, streams, uploads and starts jobs, rightly and wrongly."""

from concurrent.futures import ThreadPoolExecutor


def drive(r):
    """Drive the application, and note every answer."""
    key = {"authorization": "Bearer sk-1"}
    for t in (
        "/",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/ml/openapi.json",
        "/v1/models",
        "/v1/models/parrot",
        "/v1/nowhere",
        "/nowhere",
        "/v2/health/live",
        "/v2/health/dead",
        "/v2/batches",
        "/metrics",
        "/fault",
        "/fault?kind=answer",
        "/admin/limits/a",
        "/admin/docs",
        "/admin/openapi.json",
        "/ml/admin/limits/a",
        "/ml/v1/models",
        "/admin/x",
        "/admin",
    ):
        r.send("GET", t)
    for t in ("/v1/models", "/v1/models/linear", "/v1/models/parrot", "/v1/models/x", "/v1/models/"):
        r.send("GET", t, headers=key)
    r.send("DELETE", "/v1/models", headers=key)
    r.send("GET", "/v1/models", headers={"authorization": "Bearer x"})
    r.send("GET", "/v1/models", headers={"authorization": "Digest x"})
    hello = {"model": "parrot", "messages": [{"role": "user", "content": "one two three four"}]}
    parts = {
        "model": "parrot",
        "messages": [
            {
                "role": "user",
                "content": [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "u"}}],
            }
        ],
    }
    bodies = [
        hello,
        parts,
        {**hello, "max_tokens": 2},
        {**hello, "max_completion_tokens": 3},
        {**hello, "stream": True},
        {**hello, "stream": True, "stream_options": {"include_usage": True}},
        {**hello, "stream_options": {}},
        {**hello, "temperature": 3},
        {**hello, "messages": []},
        {**hello, "model": "x"},
        {**hello, "stop": ["a"], "seed": 5},
        {**hello, "stop": 5},
        {**hello, "logit_bias": {"5": 1.5, "x": 2}},
        {**hello, "logit_bias": {"5": "1.5"}},
        {"messages": [{"role": "x", "content": 5}]},
        {**hello, "messages": [{"role": "user", "content": [{"type": "video"}]}]},
        {},
        [],
        None,
        5,
    ]
    for b in bodies:
        r.send("POST", "/v1/chat/completions", headers=key, json=b)
    r.send("POST", "/v1/chat/completions", json=hello)
    r.send(
        "POST",
        "/v1/chat/completions",
        headers={**key, "content-type": "application/json"},
        content=b'{"model": "parrot", "messages": [}',
    )
    r.send("POST", "/v1/chat/completions", headers={**key, "content-type": "text/plain"}, content=b"{}")
    r.send(
        "POST",
        "/v1/chat/completions",
        headers={**key, "content-type": "application/vnd.x+json"},
        content=b'{"model":"parrot","messages":[{"role":"user","content":"a"}]}',
    )
    r.send("POST", "/v1/chat/completions", headers=key, content=b"")
    for k in ("events", "named", "lines"):
        r.send("POST", f"/v1/stream/{k}", headers=key, json=hello)
        r.send("POST", f"/v1/stream/{k}", headers=key, json={})
        r.send("POST", f"/v1/stream/{k}", json={})
    for b in (
        {"input": "abc"},
        {"input": ["a", "bb"], "dimensions": 3},
        {"input": ["a"], "dimensions": 9},
        {"input": 5},
        {},
        {"input": "a", "encoding_format": "x"},
        {"input": "a", "dimensions": "2"},
        {"input": "a", "dimensions": None},
        "abc",
        ["a"],
    ):
        r.send("POST", "/v1/embeddings", headers=key, json=b)
    t = {"name": "a", "shape": [2], "datatype": "FP32", "data": [1, 2]}
    for m in ("linear", "x"):
        for v in ("", "/versions/3", "/versions/x"):
            r.send("POST", f"/v2/models/{m}{v}/infer", json={"inputs": [t], "id": "1"})
    for b in (
        {"inputs": [{**t, "data": [1]}]},
        {"inputs": [{**t, "datatype": "FP8"}]},
        {"inputs": [{**t, "data": ["x"]}]},
        {"inputs": []},
        {"inputs": {}},
        {"inputs": [t], "parameters": {"a": [1, {"b": None}]}},
    ):
        r.send("POST", "/v2/models/linear/infer", json=b)
    r.send(
        "POST",
        "/v2/models/linear/infer",
        content=b'{"inputs":[{"name":"a","shape":[2],"datatype":"FP32","data":[NaN,1]}]}',
        headers={"content-type": "application/json"},
    )
    with ThreadPoolExecutor(8) as pool:
        r.note(
            "batched",
            [
                a.json()
                for a in pool.map(lambda n: r.client.post("/v2/predict", json={"row": [n, 1]}), range(8))
            ],
        )
    for b in ({"row": [1]}, {"row": [1, 2, 3]}, [1, 2], {}, {"row": ["a", "b"]}):
        r.send("POST", "/v2/predict", json=b)
    r.send("GET", "/v2/batches")
    img = ("a.png", b"\x01\x02\x03", "image/png")
    r.send("POST", "/v2/images", files={"image": img})
    r.send(
        "POST",
        "/v2/images",
        files={"image": img, "mask": ("m", b"12")},
        data={"top": "3", "labels": ["a", "b"], "options": '{"a":1}'},
    )
    r.send("POST", "/v2/images", files={"image": img}, data={"top": "0", "options": "{x"})
    r.send("POST", "/v2/images", files={"image": img}, data={"options": '{"a":"b"}'})
    r.send("POST", "/v2/images", data={"image": "text"})
    r.send("POST", "/v2/images")
    r.send("POST", "/v2/images", json={})
    r.send("POST", "/v2/images", content=b"--x", headers={"content-type": "multipart/form-data; boundary=x"})
    r.send("POST", "/v2/images", content=b"--x", headers={"content-type": "multipart/form-data"})
    r.send("POST", "/v2/images", files={"image": ("", b"")})
    r.send("POST", "/v2/images", files={"image": ("e.png", b"")}, data={"top": ""})
    r.send("POST", "/v2/images/many", files=[("images", ("a", b"1")), ("images", ("b", b"22"))])
    r.send("POST", "/v2/images/many")
    r.send("POST", "/v2/images/many", files=[("images", ("a", b"1"))], data={"images": "x"})
    adm = {"x-admin-key": "k"}
    good = {"job": {"source": "a"}, "settings": {"rate": 0.5}}
    r.send("POST", "/jobs/", json=good)
    for b in (
        good,
        {**good, "priority": 3},
        {**good, "priority": "x"},
        {"job": {}},
        {**good, "settings": {"rate": "x", "y": 1}},
        {"source": "a"},
        None,
    ):
        r.send("POST", "/jobs/", headers=adm, json=b)
    r.send("POST", "/jobs/?callback_url=https://x", headers=adm, json=good)
    r.send("POST", "/jobs/?callback_url=http://x", headers=adm, json=good)
    r.send("POST", "/jobs", headers=adm, json=good)
    for d in (
        {"rate": "1.5"},
        {"rate": "x"},
        {},
        {"rate": "1", "other": "2"},
        {"rate": ["1", "2"]},
        {"rate": "1", "name": ""},
    ):
        r.send("POST", "/jobs/form", headers=adm, data=d)
    for t in ("f47ac10b-58cc-4372-a567-0e02b2c3d479", "f47ac10b-58cc-1372-a567-0e02b2c3d479", "x"):
        r.send("GET", f"/jobs/{t}?verbose=on", headers=adm)
        r.send("GET", f"/jobs/{t}?verbose=x", headers=adm)
    r.send("GET", "/openapi.json", headers={"accept-encoding": "identity"})
    r.send("GET", "/metrics/", headers={"accept-encoding": "gzip"})
