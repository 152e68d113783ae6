"""The rows of the surface document, sections 2 to 23: what has to have a test here.

A row is a point of a section ("4.6.3"), a named row of its table ("3.1 title"), or a section with neither.
Left out are 21.3, 21.4 and 22.6: what other distributions add, what is missing, what agents are told.
"""

__all__ = ["ROWS"]

_POINTS = {
    "2.2": 7, "2.5": 2, "2.7": 9, "2.14": 4, "3.4": 4, "4.5": 7, "4.6": 9, "5.1": 4, "5.2": 8,
    "5.3": 4, "5.4": 4, "5.5": 4, "5.6": 5, "5.7": 4, "5.8": 6, "5.9": 9, "6.3": 14, "6.5": 3,
    "7.4": 9, "7.5": 4, "8.1": 3, "8.2": 4, "9.1": 4, "9.2": 7, "10": 7, "11": 3, "14": 5, "16.1":
    4, "18.2": 9, "19": 4, "21": 2, "22": 5,
}  # fmt: skip

_NAMES = {
    "2.2": """default_factory annotation alias alias_priority validation_alias serialization_alias
        convert_underscores embed media_type title description gt ge lt le min_length max_length pattern regex
        discriminator strict validate_default union_mode fail_fast multiple_of allow_inf_nan max_digits
        decimal_places examples example openapi_examples deprecated include_in_schema json_schema_extra""",
    "3.1": """telemetry debug routes title summary description version openapi_url openapi_tags servers
        dependencies default_response_class redirect_slashes docs_url redoc_url swagger_ui_oauth2_redirect_url
        swagger_ui_init_oauth middleware exception_handlers on_startup on_shutdown lifespan terms_of_service
        contact license_info root_path root_path_in_servers responses callbacks webhooks deprecated
        include_in_schema swagger_ui_parameters generate_unique_id_function separate_input_output_schemas
        openapi_external_docs strict_content_type max_body_size form_limits""",
    "4.5.4": """path tags dependencies responses callbacks deprecated include_in_schema strict_content_type
        response_class max_body_size form_limits overrides""",
    "17": """APIKeyQuery APIKeyHeader APIKeyCookie HTTPBase HTTPBasic HTTPBearer HTTPDigest OAuth2
        OAuth2PasswordBearer OAuth2AuthorizationCodeBearer OpenIdConnect""",
    "21": """PATH --host --port --reload --reload-dir --workers --root-path --app --entrypoint --proxy-headers
        --forwarded-allow-ips --verbose""",
}

_SECTIONS = """
    2.1 2.3 2.4 2.6 2.8 2.9 2.10 2.11 2.12 2.13 2.15 2.16 2.17 2.18 3.2 3.3 3.5 3.6 4.1 4.2 4.3 4.4
    4.7 4.8 5.10 6.1 6.2 6.4 7.1 7.2 7.3 7.6 7.7 7.8 8.3 8.4 8.5 8.6 8.7 9.3 9.4 12 13 15 16.2 18.1
    18.3 18.4 18.5 18.6 18.7 20.1 20.2 20.3 20.4 20.5 20.6 20.7 20.8 23
"""

ROWS = frozenset(
    {
        *_SECTIONS.split(),
        *(f"{section}.{point + 1}" for section, points in _POINTS.items() for point in range(points)),
        *(f"{section} {name}" for section, names in _NAMES.items() for name in names.split()),
    }
)
