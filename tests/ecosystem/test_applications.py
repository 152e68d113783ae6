"""Whole applications, written for FastAPI as its users write them: on it and on Rapide, answer by answer."""

import drive_chat
import drive_serving
import drive_template
import pytest
from running import Environment
from twins import Recorder

_APPLICATIONS = [
    pytest.param("template.main:app", drive_template.drive, id="template"),
    pytest.param("serving.main:app", drive_serving.drive, id="serving"),
    pytest.param("chat.main:app", drive_chat.drive, id="chat", marks=pytest.mark.needs("Redis")),
]


@pytest.mark.parametrize(("entry", "drive"), _APPLICATIONS)
def test_an_application_answers_as_on_fastapi(tmp_path, entry, drive):
    """Every answer, message and document is the same: statuses, headers, bodies, pages, OpenAPI."""
    answers = {}
    for name in ("real", "rapide"):
        folder = tmp_path / name
        folder.mkdir()
        environment = Environment("applications", folder)
        with environment.serve_application(entry, real=name == "real", CHAT_PREFIX=folder.name) as program:
            recorder = Recorder(program)
            drive(recorder)
        answers[name] = recorder.answers
    assert len(answers["real"]) == len(answers["rapide"])
    different = [
        (what, theirs, ours)
        for (what, theirs), (_, ours) in zip(answers["real"], answers["rapide"], strict=True)
        if theirs != ours
    ]
    assert different == []
    assert answers["real"][-1][0] == answers["rapide"][-1][0]
