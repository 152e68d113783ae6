async def handle_post_model(scope, receive, send):
    observed = observation_of(scope)
    request = Request(scope, receive, send)
    observed.connected(request)
    failed = {}
    with observed.reading():
        body = await requested_body(request, 1048576, 30.0)
        data = load_body(body, scope, json_reading)
    report_body(observed, data)
    with observed.span('dependencies', endpoint_name):
        try:
            if data is MISSING:
                raise LookupError
            v1_item = validate_item(data)
        except Invalid:
            [v1_item] = read_again(inputs_1, Sources(scope, data), failed, 1, whole=input_item)
        report_solved(observed, {'item': v1_item}, failed, error_order)
    if failed:
        raise observed.refused(invalid_request(failed, error_order, data, endpoint_context, scope))
    with observed.span('endpoint', endpoint_name):
        result = await call_post_model(item=v1_item)
    reply = content = None
    if isinstance(result, Response):
        reply = result
    else:
        with observed.span('serialization', endpoint_name):
            if type(result) is not Item:
                result = validated(result)
            content = dump_result(result, by_alias=True)
    if reply is not None:
        await send_protected(reply, scope, receive, send)
    else:
        scope['rapide.started'] = True
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"%d" % len(content)), JSON_TYPE, NOSNIFF]})
        await send({"type": "http.response.body", "body": content})
