"""Confirmations of orders: sent after the order is safe, and sent again when that failed."""

import logging

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from shop.database import Database
from shop.mail import Mailer
from shop.models import Order
from shop.models.base import utc_now
from shop.services.orders import get_order

_logger = logging.getLogger("shop.mail")


class Confirmations:
    """Sends the confirmation of each order once, however often it is asked to."""

    def __init__(self, database: Database, mailer: Mailer) -> None:
        self._database = database
        self._mailer = mailer

    async def send(self, order_id: int) -> None:
        """Send the confirmation of one order, unless it went out already.

        Runs in the background, when the order is stored and the customer has the answer: whatever fails here
        is logged and costs nothing but time, since the order stays marked as unconfirmed and `send_waiting`
        finds it. The mark is set first and rolled back with a failure, so that two workers cannot send the
        same mail. The transaction lasts as long as writing a line to a file; a slow mail server would want a
        queue instead.
        """
        try:
            async with self._database.transaction() as session:
                claimed = await session.scalar(
                    update(Order)
                    .where(Order.id == order_id, Order.confirmation_sent_at.is_(None))
                    .values(confirmation_sent_at=utc_now())
                    .returning(Order.id)
                    .execution_options(synchronize_session=False)
                )
                if claimed is not None:
                    await self._mailer.send_confirmation(await get_order(session, order_id))
        except (OSError, SQLAlchemyError, ValueError):
            _logger.exception(
                "the confirmation of order %s was not sent; the next start tries again", order_id
            )

    async def send_waiting(self) -> None:
        """Send what an earlier run of the shop could not."""
        async with self._database.transaction(write=False) as session:
            statement = select(Order.id).where(Order.confirmation_sent_at.is_(None)).order_by(Order.id)
            waiting = (await session.scalars(statement)).all()
        for order_id in waiting:
            await self.send(order_id)
