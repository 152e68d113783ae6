async def handle_delete_without_content(scope, receive, send):
    response = checked_response()
    background = BackgroundTasks()
    failed = {}
    path = scope["path_params"]
    try:
        v1_item_id = validate_item_id(path['item_id'])
    except Invalid:
        [v1_item_id] = read_again(inputs_1, Sources(scope), failed, 1)
    if failed:
        raise invalid_request(failed, error_order, MISSING, endpoint_context, scope)
    result = await call_delete_without_content(item_id=v1_item_id, response=response, background=background)
    reply = content = None
    if isinstance(result, Response):
        reply = merge_into(result, response)
    else:
        content = encode_exact(result)
    if reply is not None:
        await send_protected(reply, scope, receive, send, background)
    else:
        await send_body(scope, send, 204, content, response)
        await background()
