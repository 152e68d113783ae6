"""newrelic: transactions named by the endpoint; the endpoint tells what its transaction is called."""

import newrelic.agent

newrelic.agent.initialize()  # has been called when newrelic-admin started the program

import observed
from newrelic.api.transaction import current_transaction

from fastapi import FastAPI

plain = FastAPI()
observed.add_routes(plain)


@plain.get("/name/{anything}")
async def tell_name(anything: str):
    transaction = current_transaction()
    return {"name": transaction.name, "path": transaction.path}


app = newrelic.agent.ASGIApplicationWrapper(plain)
