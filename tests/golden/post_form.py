async def handle_post_form(scope, receive, send):
    data = None
    try:
        failed = {}
        request = Request(scope, receive, send)
        data = await read_form(request, form_reading)
        texts = texts_of(data)
        try:
            v1_name = validate_name(texts['name'])
            raw = texts.get('size')
            v1_size = validate_size(raw) if raw is not None else default_size if 'size' not in data.lists else read_exactly(input_size, scope, data)
        except Invalid:
            [v1_name, v1_size] = read_again(inputs_1, Sources(scope, data), failed, 1)
        if failed:
            raise invalid_request(failed, error_order, data, endpoint_context, scope)
        result = await call_post_form(name=v1_name, size=v1_size)
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
    finally:
        await close_form(data)
