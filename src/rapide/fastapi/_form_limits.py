"""`fastapi._form_limits`: private in FastAPI, but route classes of extensions name it."""

from rapide.options import FormLimits as _FormLimits
from rapide.routing.limits import check_form_limits as _validate_form_limits

__all__ = ["_FormLimits", "_validate_form_limits"]
