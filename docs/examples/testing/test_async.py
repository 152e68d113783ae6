import pytest
from anyio import create_task_group
from main import app, find_title

from rapide.testing import AsyncTestClient


@pytest.mark.anyio
async def test_requests_run_at_the_same_time() -> None:
    titles: list[str] = []

    async def read(number: int) -> None:
        response = await client.get(f"/books/{number}")
        titles.append(response.json()["title"])

    async with AsyncTestClient(app) as client:
        with app.override({find_title: lambda number: f"Book {number}"}):
            async with create_task_group() as group:
                group.start_soon(read, 1)
                group.start_soon(read, 2)
    assert sorted(titles) == ["Book 1", "Book 2"]
