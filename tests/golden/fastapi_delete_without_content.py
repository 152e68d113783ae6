async def handle_delete_without_content(scope, receive, send):
    response = injected_response()
    background = ChainedBackgroundTasks()
    failed = {}
    path = scope["path_params"]
    try:
        v1_item_id = validate_item_id(path['item_id'])
    except Invalid:
        [v1_item_id] = read_again(inputs_1, Sources(scope), failed, 1)
    if failed:
        raise invalid_request(failed, error_order, MISSING, endpoint_context, scope, repeated=True)
    result = await call_delete_without_content(item_id=v1_item_id, response=response, background=background)
    reply = content = None
    if isinstance(result, Response):
        reply = result
    else:
        content = encode_fastapi(result)
    if reply is not None:
        await send_reply(reply, scope, receive, send, background)
    else:
        await send_body(scope, send, 204, content, response, strict=False)
        await background()
