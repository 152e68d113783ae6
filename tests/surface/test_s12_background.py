"""Section 12: background tasks."""

import threading

import anyio
import pytest
from raw_asgi import Exchange, http_scope
from starlette.background import BackgroundTask
from surface_target import (
    APIRouter,
    BackgroundTasks,
    Depends,
    FastAPI,
    HTTPException,
    JSONResponse,
    Response,
    StreamingResponse,
    TestClient,
    load,
)


def test_task_gets_its_arguments():
    """12: add_task(func, *args, **kwargs) calls func with them, sync and async alike."""
    app, log = FastAPI(), []

    def sync_task(a, *, b):
        log.append((a, b))

    async def async_task(a, *, b):
        log.append((a, b))

    @app.get("/")
    def endpoint(tasks: BackgroundTasks):
        tasks.add_task(sync_task, 1, b=2)
        tasks.add_task(async_task, 3, b=4)
        return "sent"

    assert TestClient(app).get("/").json() == "sent"
    assert log == [(1, 2), (3, 4)]


def test_tasks_run_one_after_the_other_in_the_order_of_adding():
    """12: tasks are sequential even when an earlier one waits."""
    app, log = FastAPI(), []

    async def slow():
        await anyio.sleep(0.02)
        log.append("slow")

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks):
        tasks.add_task(slow)
        tasks.add_task(log.append, "fast")

    TestClient(app).get("/")
    assert log == ["slow", "fast"]


def test_tasks_run_when_the_response_has_been_sent():
    """12: the last part of the body is sent before the first task starts."""
    app, log = FastAPI(), []

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks):
        tasks.add_task(log.append, "task")
        return "answer"

    done = Exchange(http_scope("GET", "/"), on_send=lambda message: log.append(message["type"]))
    anyio.run(done.run, app)
    assert log == ["http.response.start", "http.response.body", "task"]


def test_sync_tasks_run_in_a_thread_and_async_ones_on_the_loop():
    """12: only sync functions are moved to a worker thread."""
    app, threads = FastAPI(), {}

    def sync_task():
        threads["sync"] = threading.get_ident()

    async def async_task():
        threads["async"] = threading.get_ident()

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks):
        threads["endpoint"] = threading.get_ident()
        tasks.add_task(sync_task)
        tasks.add_task(async_task)

    TestClient(app).get("/")
    assert threads["async"] == threads["endpoint"] != threads["sync"]


def test_failing_task_stops_the_rest():
    """12: the response is out, the error goes to the server, later tasks do not run."""
    app, log = FastAPI(), []

    def fail():
        raise ValueError("task")

    @app.get("/")
    def endpoint(tasks: BackgroundTasks):
        tasks.add_task(log.append, "before")
        tasks.add_task(fail)
        tasks.add_task(log.append, "after")
        return "answer"

    with pytest.raises(ValueError, match="task"):
        TestClient(app).get("/")
    answer = TestClient(app, raise_server_exceptions=False).get("/")
    assert (answer.status_code, answer.json()) == (200, "answer")
    assert log == ["before", "before"]


def test_endpoint_and_dependencies_share_one_object():
    """12: all BackgroundTasks parameters of a request are the same object; dependencies add first."""
    app, log, seen = FastAPI(), [], []

    def inner(tasks: BackgroundTasks):
        seen.append(tasks)
        tasks.add_task(log.append, "inner")

    def outer(tasks: BackgroundTasks, value: None = Depends(inner)):
        seen.append(tasks)
        tasks.add_task(log.append, "outer")

    @app.get("/", dependencies=[Depends(outer)])
    def endpoint(tasks: BackgroundTasks):
        seen.append(tasks)
        tasks.add_task(log.append, "endpoint")

    TestClient(app).get("/")
    assert log == ["inner", "outer", "endpoint"]
    assert seen[0] is seen[1] is seen[2]
    TestClient(app).get("/")
    assert seen[3] is not seen[0]


def test_starlette_annotation_is_injected():
    """12: a parameter annotated with Starlette's class is injected too."""
    from starlette.background import BackgroundTasks as StarletteTasks

    app, log = FastAPI(), []

    @app.get("/")
    def endpoint(tasks: StarletteTasks):
        tasks.add_task(log.append, "task")

    TestClient(app).get("/")
    assert log == ["task"]


@pytest.mark.parametrize("kind", ["plain", "json", "streaming"])
def test_tasks_are_attached_to_a_returned_response(kind):
    """12: a returned Response without a background gets the collected tasks."""
    app, log = FastAPI(), []

    @app.get("/")
    def endpoint(tasks: BackgroundTasks):
        tasks.add_task(log.append, "task")
        made = {
            "plain": Response(b"x"),
            "json": JSONResponse(1),
            "streaming": StreamingResponse(iter([b"x"])),
        }
        return made[kind]

    TestClient(app).get("/")
    assert log == ["task"]


def test_background_of_a_returned_response_is_kept():
    """12: a Response that brings its own background task keeps it, the collected ones are dropped."""
    app, log = FastAPI(), []

    @app.get("/")
    def endpoint(tasks: BackgroundTasks):
        tasks.add_task(log.append, "collected")
        return Response(b"x", background=BackgroundTask(log.append, "own"))

    TestClient(app).get("/")
    assert log == ["own"]


def test_tasks_do_not_run_when_the_endpoint_fails():
    """12: an HTTPException replaces the response and its tasks."""
    app, log = FastAPI(), []

    def early(tasks: BackgroundTasks):
        tasks.add_task(log.append, "task")

    @app.get("/", dependencies=[Depends(early)])
    def endpoint():
        raise HTTPException(400)

    assert TestClient(app).get("/").status_code == 400
    assert log == []


def test_tasks_run_before_request_scoped_dependencies_close():
    """12: a task can still use what a generator dependency opened."""
    app, log = FastAPI(), []

    def resource():
        yield log
        log.append("closed")

    @app.get("/")
    def endpoint(tasks: BackgroundTasks, where: list = Depends(resource)):  # type: ignore[type-arg]
        tasks.add_task(where.append, "task")

    TestClient(app).get("/")
    assert log == ["task", "closed"]


def test_tasks_work_in_included_routers():
    """12: an included router's endpoint collects tasks like any other."""
    app, router, log = FastAPI(), APIRouter(), []

    @router.get("/")
    async def endpoint(tasks: BackgroundTasks):
        tasks.add_task(log.append, "task")

    app.include_router(router, prefix="/in")
    TestClient(app).get("/in/")
    assert log == ["task"]


def test_module_offers_the_class():
    """12: the class is importable from the module `background` as well."""
    assert load("background").BackgroundTasks is BackgroundTasks
