"""Blocking context managers beside the event loop, under every kind of cancellation."""

import asyncio
import threading
from contextlib import asynccontextmanager, contextmanager

import anyio
import pytest
from anyio import from_thread, to_thread

from rapide.concurrency import contextmanager_in_threadpool

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def full_pool():
    """A pool of one thread, which is taken."""
    limiter = to_thread.current_default_thread_limiter()
    before, limiter.total_tokens = limiter.total_tokens, 1
    taken, freed = anyio.Event(), threading.Event()

    def hold():
        from_thread.run_sync(taken.set)
        assert freed.wait(10)

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(to_thread.run_sync, hold)
            await taken.wait()
            yield
            freed.set()
    finally:
        limiter.total_tokens = before


class Resource:
    """Notes what happens to it; `hold_*` events let a test stop the thread inside enter or exit."""

    def __init__(self, *, swallow=False):
        self.log = []
        self.swallow = swallow
        self.inside_enter = threading.Event()
        self.finish_enter = threading.Event()
        self.inside_exit = threading.Event()
        self.finish_exit = threading.Event()
        self.finish_enter.set()
        self.finish_exit.set()

    def __enter__(self):
        self.inside_enter.set()
        assert self.finish_enter.wait(10)
        self.log.append("enter")
        self.enter_thread = threading.current_thread()
        return self

    def __exit__(self, error_class, error, traceback):
        self.inside_exit.set()
        assert self.finish_exit.wait(10)
        self.log.append("exit" if error_class is None else f"exit {error_class.__name__}")
        return self.swallow


async def test_enter_and_exit_run_in_worker_threads():
    """The event loop is free while the context manager blocks."""
    resource = Resource()
    async with contextmanager_in_threadpool(resource) as value:
        assert value is resource
    assert resource.enter_thread is not threading.main_thread()
    assert resource.log == ["enter", "exit"]


async def test_error_of_the_body_reaches_the_context_manager_and_the_caller():
    """The context manager sees the error, and not swallowed it goes on."""
    resource = Resource()
    with pytest.raises(KeyError):
        async with contextmanager_in_threadpool(resource):
            raise KeyError("x")
    assert resource.log == ["enter", "exit KeyError"]


async def test_error_of_the_body_ends_where_the_context_manager_swallows_it():
    """A context manager may swallow, as it may in a `with` statement."""
    resource = Resource(swallow=True)
    async with contextmanager_in_threadpool(resource):
        raise KeyError("x")
    assert resource.log == ["enter", "exit KeyError"]


async def test_error_of_enter_reaches_the_caller_and_nothing_is_left():
    """What was never entered is never left."""

    @contextmanager
    def broken():
        raise OSError("no connection")
        yield

    with pytest.raises(OSError, match="no connection"):
        async with contextmanager_in_threadpool(broken()):
            pytest.fail("the body must not run")


async def test_exit_needs_no_thread_of_the_pool():
    """Where all threads wait for this very resource, it can still be freed."""
    resource = Resource()
    manager = contextmanager_in_threadpool(resource)
    await manager.__aenter__()
    async with full_pool():
        await manager.__aexit__(None, None, None)
        assert resource.log == ["enter", "exit"]


async def test_scope_cancelled_during_enter_still_leaves():
    """A cancelled enter is waited for, and what it entered is left with the cancellation."""
    resource = Resource()
    resource.finish_enter.clear()
    cancelled = anyio.get_cancelled_exc_class().__name__
    async with anyio.create_task_group() as group:
        group.start_soon(_use, resource)
        await to_thread.run_sync(resource.inside_enter.wait, 10)
        group.cancel_scope.cancel()
        resource.finish_enter.set()
    assert resource.log == ["enter", "body", f"exit {cancelled}"]


async def _use(resource):
    async with contextmanager_in_threadpool(resource):
        resource.log.append("body")
        await anyio.sleep(10)
        pytest.fail("the body must be cancelled")


async def test_scope_cancelled_during_exit_waits_for_the_exit():
    """Leaving is shielded: nothing goes on before it is done."""
    resource = Resource()
    resource.finish_exit.clear()

    async def use():
        async with contextmanager_in_threadpool(resource):
            pass

    async with anyio.create_task_group() as group:
        group.start_soon(use)
        await to_thread.run_sync(resource.inside_exit.wait, 10)
        group.cancel_scope.cancel()
        resource.finish_exit.set()
    assert resource.log == ["enter", "exit"]


class TestAsyncioCancellation:
    """`Task.cancel()` does not know AnyIO's shields; the outcome is the same."""

    @pytest.fixture
    def anyio_backend(self):
        """Only asyncio has this kind of cancellation."""
        return "asyncio"

    @pytest.mark.parametrize("times", [1, 3])
    async def test_task_cancelled_during_enter_waits_and_leaves(self, times):
        """However often the task is cancelled, what was entered is left."""
        resource = Resource()
        resource.finish_enter.clear()
        task = asyncio.create_task(_use(resource))
        await to_thread.run_sync(resource.inside_enter.wait, 10)
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert not task.done()
        resource.finish_enter.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert resource.log == ["enter", "exit CancelledError"]

    async def test_task_cancelled_before_exit_began_still_leaves(self):
        """A cancellation that waits for the task when it leaves the body does not keep it from leaving."""
        resource = Resource()

        async def use():
            async with contextmanager_in_threadpool(resource):
                asyncio.current_task().cancel()

        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(use())
        assert resource.log == ["enter", "exit"]

    async def test_task_cancelled_during_exit_waits_for_the_exit(self):
        """The task is not over before the exit is."""
        resource = Resource()
        resource.finish_exit.clear()

        async def use():
            async with contextmanager_in_threadpool(resource):
                pass

        task = asyncio.create_task(use())
        await to_thread.run_sync(resource.inside_exit.wait, 10)
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not task.done()
        resource.finish_exit.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert resource.log == ["enter", "exit"]

    async def test_task_cancelled_before_enter_began_enters_nothing(self):
        """Waiting for a free thread can be cancelled; nothing is entered then."""
        resource = Resource()
        async with full_pool():
            task = asyncio.create_task(_use(resource))
            await anyio.wait_all_tasks_blocked()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert resource.log == []
