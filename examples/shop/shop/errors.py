"""What can go wrong in the shop, in the words of the shop.

Services raise these; nothing here knows HTTP. `problems.py` turns them into answers, by category.

    ShopError
    ├── NotFoundError        the thing named does not exist (any more)
    │   ├── ProductNotFoundError
    │   ├── CartNotFoundError
    │   ├── CartItemNotFoundError
    │   └── OrderNotFoundError
    ├── ConflictError        understood, but impossible in the present state
    │   ├── DuplicateSkuError
    │   ├── CartFullError
    │   ├── CartEmptyError
    │   ├── OutOfStockError
    │   ├── StockLimitError
    │   ├── OrderStateError
    │   ├── IdempotencyKeyReusedError
    │   └── ConcurrentChangeError
    └── UnavailableError     not the client's fault; worth trying again
"""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID


class ShopError(Exception):
    """A failure the client is told about: a stable code, a title, and the facts of this occurrence."""

    code: ClassVar[str] = "shop-error"
    title: ClassVar[str] = "The request failed"

    def __init__(self, detail: str, facts: Mapping[str, int | str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = dict(facts or {})


class NotFoundError(ShopError):
    """The thing named in the request does not exist."""


class ProductNotFoundError(NotFoundError):
    code = "product-not-found"
    title = "Product not found"

    def __init__(self, product_id: int) -> None:
        super().__init__(f"There is no product {product_id} for sale.", {"product_id": product_id})


class CartNotFoundError(NotFoundError):
    code = "cart-not-found"
    title = "Cart not found"

    def __init__(self, cart_id: UUID) -> None:
        super().__init__(f"There is no cart {cart_id}.", {"cart_id": str(cart_id)})


class CartItemNotFoundError(NotFoundError):
    code = "cart-item-not-found"
    title = "Not in the cart"

    def __init__(self, product_id: int) -> None:
        super().__init__(f"Product {product_id} is not in this cart.", {"product_id": product_id})


class OrderNotFoundError(NotFoundError):
    code = "order-not-found"
    title = "Order not found"

    def __init__(self, order_id: int) -> None:
        super().__init__(f"There is no order {order_id}.", {"order_id": order_id})


class ConflictError(ShopError):
    """The request is well formed, but cannot be done in the present state."""


class DuplicateSkuError(ConflictError):
    code = "duplicate-sku"
    title = "The article number is taken"

    def __init__(self, sku: str) -> None:
        super().__init__(f"Another product for sale already has the article number {sku}.", {"sku": sku})


class CartFullError(ConflictError):
    code = "cart-full"
    title = "The cart is full"

    def __init__(self, limit: int) -> None:
        super().__init__(f"A cart holds at most {limit} different products.", {"limit": limit})


class CartEmptyError(ConflictError):
    code = "cart-empty"
    title = "The cart is empty"

    def __init__(self) -> None:
        super().__init__("There is nothing in this cart to order.")


class OutOfStockError(ConflictError):
    code = "out-of-stock"
    title = "Not enough in stock"

    def __init__(self, product_id: int, requested: int) -> None:
        super().__init__(
            f"Fewer than {requested} pieces of product {product_id} are in stock.",
            {"product_id": product_id, "requested": requested},
        )


class StockLimitError(ConflictError):
    code = "stock-limit"
    title = "More than the warehouse can hold"

    def __init__(self, product_id: int, limit: int) -> None:
        super().__init__(
            f"The stock of product {product_id} would exceed {limit} pieces.",
            {"product_id": product_id, "limit": limit},
        )


class OrderStateError(ConflictError):
    code = "order-state"
    title = "Not possible in this state of the order"

    def __init__(self, order_id: int, status: str, wanted: str) -> None:
        super().__init__(
            f"Order {order_id} is {status} and cannot become {wanted}.",
            {"order_id": order_id, "order_status": status},
        )


class IdempotencyKeyReusedError(ConflictError):
    code = "idempotency-key-reused"
    title = "The idempotency key belongs to another request"

    def __init__(self) -> None:
        super().__init__("This idempotency key was already used for an order with other contents.")


class ConcurrentChangeError(ConflictError):
    code = "concurrent-change"
    title = "Somebody else changed the same thing"

    def __init__(self) -> None:
        super().__init__("The data changed meanwhile. Nothing was stored; read it again and retry.")


class UnavailableError(ShopError):
    code = "unavailable"
    title = "Temporarily unavailable"

    def __init__(self) -> None:
        super().__init__("The database cannot be reached. Nothing was stored; try again shortly.")
