async def handle_get_parameter_model(scope, receive, send):
    failed = {}
    try:
        v1_page = read_exactly(input_page, scope)
    except Invalid:
        [v1_page] = read_again(inputs_1, Sources(scope), failed, 1)
    if failed:
        raise invalid_request(failed, error_order, MISSING, endpoint_context, scope)
    result = await call_get_parameter_model(page=v1_page)
    reply = content = None
    if isinstance(result, Response):
        reply = result
    else:
        content = encode_exact(result)
    if reply is not None:
        await send_protected(reply, scope, receive, send)
    else:
        scope['rapide.started'] = True
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content)), JSON_TYPE, NOSNIFF]})
        await send({"type": "http.response.body", "body": content})
