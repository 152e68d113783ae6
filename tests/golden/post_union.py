async def handle_post_union(scope, receive, send):
    failed = {}
    query = single_query_of(scope)
    try:
        raw = query.get('dry')
        v1_dry = False if raw is None else validate_dry(raw)
    except Invalid:
        [v1_dry] = read_again(inputs_1, Sources(scope), failed, 1)
    body = await receive_body(scope, receive, 1048576, 30.0)
    try:
        if not is_plain_json(body, scope, strict=True) or (len(body) > 308 and holds_long_integer(body)):
            raise ValueError
        v1_animal = validate_json_animal(body)
    except Invalid:
        data = load_body(body, scope, json_reading)
        [v1_animal] = read_again(inputs_1_body, Sources(scope, data), failed, 1, whole=input_animal)
    if failed:
        raise invalid_request(failed, error_order, load_body(body, scope, json_reading), endpoint_context, scope)
    result = await call_post_union(dry=v1_dry, animal=v1_animal)
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
