"""Plans of generated routes, under any behaviour."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from oracle_functions import Built

from rapide.behaviour import FASTAPI, RAPIDE, Behaviour
from rapide.plan.nodes import RoutePlan
from rapide.routing import APIRoute


def plan_of(built: Built, behaviour: Behaviour) -> RoutePlan:
    """Return the plan of a generated route. Raises DeclarationError for one that cannot be."""
    route_class: Any = type("Route", (APIRoute,), {"behaviour": behaviour})
    route = route_class(
        built.case.path,
        built.endpoint,
        name="endpoint",
        methods=["POST"],
        dependencies=built.dependencies,
        **dict(built.case.options),
    )
    plan: RoutePlan = route.plan
    return plan


@st.composite
def behaviours(draw: Any) -> Behaviour:
    """Return any mixture of the two faces, as far as it concerns a single route."""
    names = (
        "dependency_exit",
        "echo_input",
        "errors",
        "inline_classes",
        "json_policy",
        "merge_injected_response",
        "repeated_errors",
        "strict_json",
        "unsupported_media_type",
    )
    chosen = {name: getattr(draw(st.sampled_from([RAPIDE, FASTAPI])), name) for name in names}
    return replace(RAPIDE, **chosen)
