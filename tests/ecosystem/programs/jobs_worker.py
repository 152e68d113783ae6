"""The worker of jobs_taskiq: the same program, with the alias of its own."""

from rapide.fastapi import alias_fastapi

alias_fastapi()

import asyncio

from jobs_taskiq import broker
from taskiq.api import run_receiver_task


async def main() -> None:
    broker.is_worker_process = True
    await broker.startup()
    await run_receiver_task(broker)


asyncio.run(main())
