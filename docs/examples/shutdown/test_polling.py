import anyio
from polling import app

from rapide.lifecycle import begin_drain
from rapide.testing import AsyncTestClient


async def ask_while_the_server_ends() -> list[str]:
    async with AsyncTestClient(app) as client, anyio.create_task_group() as group:
        group.start_soon(begin_drain)
        return (await client.get("/news")).json()


def test_poll_is_answered_when_the_server_ends() -> None:
    assert anyio.run(ask_while_the_server_ends) == []
