"""The HTTP layer, one router per area. A route reads the request, calls a service, shapes the answer."""
