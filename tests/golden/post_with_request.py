async def handle_post_with_request(scope, receive, send):
    failed = {}
    request = Request(scope, receive, send)
    body = await requested_body(request, 1048576, 30.0)
    try:
        if not is_plain_json(body, scope, strict=True) or (len(body) > 308 and holds_long_integer(body)):
            raise ValueError
        v1_item = validate_json_item(body)
    except Invalid:
        data = load_body(body, scope, json_reading)
        [v1_item] = read_again(inputs_1, Sources(scope, data), failed, 1, whole=input_item)
    if failed:
        raise invalid_request(failed, error_order, load_body(body, scope, json_reading), endpoint_context, scope)
    result = await call_post_with_request(item=v1_item, request=request)
    reply = content = None
    if isinstance(result, Response):
        reply = result
    else:
        result = result if type(result) is str else jsonable_encoder(result)
        if type(result) is str:
            content = result.encode()
        else:
            reply = make_reply(response_class, result, None)
    if reply is not None:
        await send_protected(reply, scope, receive, send)
    else:
        scope['rapide.started'] = True
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content)), (b"content-type", b'text/plain; charset=utf-8'), NOSNIFF]})
        await send({"type": "http.response.body", "body": content})
