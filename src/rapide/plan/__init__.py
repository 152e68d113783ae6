"""What a route needs and gives: frozen data.

In: nothing (the analyser makes these). Out: `RoutePlan` and `SocketPlan`, read by the compiler, the
interpreter, OpenAPI and `rapide explain`. Nobody reads a signature again after the plan exists. Must not
know: Pydantic's internals, the request, how code is generated.
"""

from rapide.plan.nodes import (
    BodyPlan,
    Call,
    Color,
    Connection,
    ConnectionKind,
    Dependency,
    Input,
    Limits,
    Output,
    RoutePlan,
    SocketPlan,
    plan_of,
    walk_calls,
)

__all__ = [
    "BodyPlan",
    "Call",
    "Color",
    "Connection",
    "ConnectionKind",
    "Dependency",
    "Input",
    "Limits",
    "Output",
    "RoutePlan",
    "SocketPlan",
    "plan_of",
    "walk_calls",
]
