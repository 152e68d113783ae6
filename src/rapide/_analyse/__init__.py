"""From a declaration to a plan.

In: functions, markers, options. Out: `RoutePlan`, `SocketPlan`, or a declaration error that names place and
remedy. Must not know: requests, how handlers are generated.
"""

from rapide._analyse.graph import analyse_call, analyse_edge, replace_functions
from rapide._analyse.returns import analyse_output, make_response_field
from rapide._analyse.route import plan_body, plan_route, plan_socket
from rapide._analyse.signature import color_of, typed_return, typed_signature

__all__ = [
    "analyse_call",
    "analyse_edge",
    "analyse_output",
    "color_of",
    "make_response_field",
    "plan_body",
    "plan_route",
    "plan_socket",
    "replace_functions",
    "typed_return",
    "typed_signature",
]
