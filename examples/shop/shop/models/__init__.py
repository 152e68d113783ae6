"""What is stored. One module per area; every relationship is loaded on purpose or not at all."""

from shop.models.base import Base
from shop.models.cart import Cart, CartItem
from shop.models.order import Order, OrderLine, OrderStatus
from shop.models.product import Product
from shop.models.stock import MovementKind, StockLevel, StockMovement
from shop.models.user import Role, User

__all__ = [
    "Base",
    "Cart",
    "CartItem",
    "MovementKind",
    "Order",
    "OrderLine",
    "OrderStatus",
    "Product",
    "Role",
    "StockLevel",
    "StockMovement",
    "User",
]
