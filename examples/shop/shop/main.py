"""The application: settings in, a served shop out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread

from rapide import Rapide
from shop import migrations
from shop.database import Database
from shop.dependencies import State
from shop.errors import UnavailableError
from shop.identity import Identity, is_staff
from shop.mail import Mailer
from shop.problems import describe_problems, install_error_handlers
from shop.routers import carts, health, orders, products, stock
from shop.seed import seed_if_empty, seed_logins
from shop.services.confirmations import Confirmations
from shop.settings import Settings

_TAGS = [
    {"name": "products", "description": "The catalogue."},
    {"name": "carts", "description": "What a visitor means to buy."},
    {"name": "orders", "description": "What was bought."},
    {"name": "stock", "description": "What is in the warehouse."},
    {"name": "authentication", "description": "Logging in and out."},
    {"name": "health", "description": "For load balancers."},
]


def create_app(settings: Settings | None = None) -> Rapide:
    """Make the application. Nothing outside the process is touched before it starts."""
    settings = settings or Settings()
    identity = Identity(settings)

    @asynccontextmanager
    async def lifespan(app: Rapide) -> AsyncIterator[State]:
        # Alembic works synchronously; on a thread it cannot hold up an event loop that others may share.
        await to_thread.run_sync(migrations.upgrade, settings.database_url)
        database = Database(settings.database_url, lock_timeout=settings.lock_timeout)
        try:
            if settings.seed:
                await seed_if_empty(database, currency=settings.currency)
            identity.open(database)
            if settings.seed:
                logins = await seed_logins(database, identity)
                print(logins, flush=True)  # noqa: T201 -- for whoever tries the demo
            confirmations = Confirmations(database, Mailer(settings.mail_file, sender=settings.mail_sender))
            await confirmations.send_waiting()
            yield State(settings=settings, database=database, confirmations=confirmations, identity=identity)
        finally:
            await identity.close()
            await database.dispose()

    app = Rapide(
        title="Shop",
        version="1.0.0",
        summary="Products, carts, orders and stock.",
        description=f"All prices and totals are in cents of {settings.currency}.",
        openapi_tags=_TAGS,
        lifespan=lifespan,
        auth=is_staff,  # whatever says nothing of its own
    )
    app.state.identity = identity
    install_error_handlers(app)
    for router in (products.router, carts.router, orders.router, stock.router):
        app.include_router(router, responses=describe_problems(UnavailableError))
    app.include_router(health.router)
    app.include_router(identity.login.router)
    return app


app = create_app()
