async def handle_get_plainly(scope, receive, send):
    scope['rapide.private'] = True
    late = []
    with CancelScope() as guard_late:
        try:
            failed = {}
            context = thread_context()
            def on_thread_1():
                d1 = enter_sync(late, call_open_file(), context)
                return d1
            d1 = await in_thread(on_thread_1, context=context)
            adopt(context)
            headers = headers_of(scope)
            try:
                v2_authorization = headers[b'authorization'].decode("latin-1")
            except Invalid:
                [v2_authorization] = read_again(inputs_2, Sources(scope), failed, 2)
            if not failed or failed.keys().isdisjoint({2}):
                d2 = await while_client_waits(call_limited(concurrency, 'async', call_read_token, {'authorization': v2_authorization}, []), receive)
            else:
                d2 = None
            path = scope["path_params"]
            try:
                v3_item_id = validate_item_id(path['item_id'])
            except Invalid:
                [v3_item_id] = read_again(inputs_3, Sources(scope), failed, 3)
            if failed:
                raise invalid_request(failed, error_order, MISSING, endpoint_context, scope)
            def on_thread_2():
                result = call_get_plainly(item_id=v3_item_id, file=d1, limited=d2)
                reply = content = None
                if isinstance(result, Response):
                    reply = result
                else:
                    content = encode_exact(result)
                if reply is None or is_buffered(reply):
                    leave_sync(late)
                return reply, content
            reply, content = await in_thread(on_thread_2, lane=lane_after_open_file_0)
            if reply is None or is_buffered(reply):
                await unwind(late, guard_late)
            if reply is not None:
                keep_private(reply.raw_headers)
                await send_protected(reply, scope, receive, send, tell=True)
            else:
                scope['rapide.started'] = True
                await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content)), JSON_TYPE, NO_STORE, NOSNIFF]})
                await send({"type": "http.response.body", "body": content})
            await unwind(late, guard_late)
        except BaseException as exc:
            await unwind_failed(late, exc, guard_late, responded='rapide.started' in scope)
