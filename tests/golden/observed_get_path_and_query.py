async def handle_get_path_and_query(scope, receive, send):
    observed = observation_of(scope)
    request = Request(scope, receive, send)
    observed.connected(request)
    failed = {}
    with observed.span('dependencies', endpoint_name):
        path = scope["path_params"]
        query = single_query_of(scope)
        try:
            v1_item_id = validate_item_id(path['item_id'])
            v1_q = query.get('q')
            raw = query.get('limit')
            v1_limit = default_limit if raw is None else validate_limit(raw)
        except Invalid:
            [v1_item_id, v1_q, v1_limit] = read_again(inputs_1, Sources(scope), failed, 1)
        report_solved(observed, {'item_id': v1_item_id, 'q': v1_q, 'limit': v1_limit}, failed, error_order)
    if failed:
        raise observed.refused(invalid_request(failed, error_order, MISSING, endpoint_context, scope))
    with observed.span('endpoint', endpoint_name):
        result = await call_get_path_and_query(item_id=v1_item_id, q=v1_q, limit=v1_limit)
    reply = content = None
    if isinstance(result, Response):
        reply = result
    else:
        with observed.span('serialization', endpoint_name):
            content = encode_exact(result)
    if reply is not None:
        await send_protected(reply, scope, receive, send)
    else:
        scope['rapide.started'] = True
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content)), JSON_TYPE, NOSNIFF]})
        await send({"type": "http.response.body", "body": content})
