async def handle_get_every_place(scope, receive, send):
    failed = {}
    query_lists = query_lists_of(scope)
    headers = headers_of(scope)
    cookies = cookies_of(scope)
    try:
        v1_tag = validate_tag(query_lists['tag'])
        raw = query_lists.get('color')
        v1_colors = None if raw is None else validate_colors(raw)
        v1_x_token = headers[b'x-token'].decode("latin-1")
        raw = cookies.get('session_id')
        v1_session_id = default_session_id if raw is None else validate_session_id(raw)
    except Invalid:
        [v1_tag, v1_colors, v1_x_token, v1_session_id] = read_again(inputs_1, Sources(scope), failed, 1)
    if failed:
        raise invalid_request(failed, error_order, MISSING, endpoint_context, scope)
    result = await call_get_every_place(tag=v1_tag, colors=v1_colors, x_token=v1_x_token, session_id=v1_session_id)
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
