async def handle_post_two_bodies(scope, receive, send):
    failed = {}
    body = await receive_body(scope, receive, 1048576, 30.0)
    data = load_body(body, scope, json_reading)
    try:
        v1_first = validate_first(data['first'])
        raw = data.get('second', MISSING)
        v1_second = None if raw is MISSING else validate_second(raw)
    except Invalid:
        [v1_first, v1_second] = read_again(inputs_1, Sources(scope, data), failed, 1)
    if failed:
        raise invalid_request(failed, error_order, data, endpoint_context, scope)
    result = await call_post_two_bodies(first=v1_first, second=v1_second)
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
