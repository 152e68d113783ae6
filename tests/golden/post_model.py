async def handle_post_model(scope, receive, send):
    failed = {}
    body = await receive_body(scope, receive, 1048576, 30.0)
    try:
        if not is_plain_json(body, scope, strict=True) or (len(body) > 308 and holds_long_integer(body)):
            raise ValueError
        v1_item = validate_json_item(body)
    except Invalid:
        data = load_body(body, scope, json_reading)
        [v1_item] = read_again(inputs_1, Sources(scope, data), failed, 1, whole=input_item)
    if failed:
        raise invalid_request(failed, error_order, load_body(body, scope, json_reading), endpoint_context, scope)
    result = await call_post_model(item=v1_item)
    reply = content = None
    if isinstance(result, Response):
        reply = result
    else:
        if type(result) is not Item:
            result = validated(result)
        content = dump_result(result, by_alias=True)
    if reply is not None:
        await send_protected(reply, scope, receive, send)
    else:
        scope['rapide.started'] = True
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"%d" % len(content)), JSON_TYPE, NOSNIFF]})
        await send({"type": "http.response.body", "body": content})
