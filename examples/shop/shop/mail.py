"""Outgoing mail, written to a mailbox file (RFC 4155) that any mail program opens.

A real shop would hand the same messages to a mail server.
"""

from email.generator import BytesGenerator
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import parseaddr
from io import BytesIO
from pathlib import Path
from time import asctime

from anyio import to_thread

from shop.models import Order


class Mailer:
    """Writes messages to the file at `path`, in the name of `sender`."""

    def __init__(self, path: Path, *, sender: str) -> None:
        self._path = path
        self._sender = sender

    async def send_confirmation(self, order: Order) -> None:
        """Tell the customer that the order arrived. Raises OSError when the file cannot be written."""
        message = compose_confirmation(order, sender=self._sender)
        await to_thread.run_sync(self._append, message)

    def _append(self, message: EmailMessage) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered and in append mode, one message is one write: messages of several workers do not mingle.
        with self._path.open("ab", buffering=0) as mailbox:
            mailbox.write(_to_mbox(message))


def compose_confirmation(order: Order, *, sender: str) -> EmailMessage:
    """The confirmation as a message. `EmailMessage` refuses line breaks in headers: nothing can add one."""
    message = EmailMessage(policy=SMTPUTF8)
    # The envelope line of the mailbox format: sender and time, in UTC and in English.
    message.set_unixfrom(f"From {parseaddr(sender)[1]} {asctime(order.placed_at.utctimetuple())}")
    message["From"] = sender
    message["To"] = order.customer_email
    message["Subject"] = f"Your order no. {order.id}"
    message["Date"] = order.placed_at
    # The same for every attempt: a mail that went out twice after all is shown once.
    message["Message-ID"] = f"<order-{order.id}-{order.idempotency_key}@shop.example>"
    message.set_content(_write_confirmation(order))
    return message


def _write_confirmation(order: Order) -> str:
    address = order.shipping_address
    return "\n".join(
        [
            f"Hello {order.customer_name},",
            "",
            "thank you for your order:",
            "",
            *(
                f"{line.quantity:>5} x {line.name} ({_money(line.line_total_cents, order.currency)})"
                for line in order.lines
            ),
            "",
            f"Total: {_money(order.total_cents, order.currency)}",
            "",
            "We send it to:",
            "",
            order.customer_name,
            address["street"],
            f"{address['postal_code']} {address['city']}",
            address["country"],
            "",
        ]
    )


def _money(cents: int, currency: str) -> str:
    return f"{cents // 100}.{cents % 100:02} {currency}"


def _to_mbox(message: EmailMessage) -> bytes:
    buffer = BytesIO()
    # Lines that start with "From " begin a message in this format and must be escaped inside one.
    generator = BytesGenerator(buffer, mangle_from_=True, policy=SMTPUTF8.clone(linesep="\n"))
    generator.flatten(message, unixfrom=True)
    return buffer.getvalue() + b"\n"
