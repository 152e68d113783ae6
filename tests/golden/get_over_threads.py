async def handle_get_over_threads(scope, receive, send):
    scope['rapide.private'] = True
    late = []
    with CancelScope() as guard_late:
        try:
            early = []
            with CancelScope() as guard_early:
                try:
                    failed = {}
                    context = thread_context()
                    def on_thread_1():
                        d1 = enter_sync(early, call_open_file(), context)
                        d2 = enter_sync(late, call_open_file(), context)
                        return d1, d2
                    d1, d2 = await in_thread(on_thread_1, context=context)
                    adopt(context)
                    d3 = await enter_async(late, call_open_session())
                    query = single_query_of(scope)
                    try:
                        raw = query.get('limit')
                        v4_limit = default_limit if raw is None else validate_limit(raw)
                    except Invalid:
                        [v4_limit] = read_again(inputs_4, Sources(scope), failed, 4)
                    if not failed or failed.keys().isdisjoint({4}):
                        d4 = call_Window(limit=v4_limit)
                    else:
                        d4 = None
                    headers = headers_of(scope)
                    try:
                        v5_authorization = headers[b'authorization'].decode("latin-1")
                    except Invalid:
                        [v5_authorization] = read_again(inputs_5, Sources(scope), failed, 5)
                    if not failed or failed.keys().isdisjoint({5}):
                        d5 = await call_read_token(authorization=v5_authorization)
                    else:
                        d5 = None
                    if not failed or failed.keys().isdisjoint({5}):
                        d6 = await call_read_user(token=d5, session=d3)
                    else:
                        d6 = None
                    try:
                        raw = query.get('strict')
                        v7_strict = False if raw is None else validate_strict(raw)
                    except Invalid:
                        [v7_strict] = read_again(inputs_7, Sources(scope), failed, 7)
                    def on_thread_2():
                        if not failed or failed.keys().isdisjoint({5, 7}):
                            d7 = call_check_user(strict=v7_strict, user=d6)
                        else:
                            d7 = None
                        if failed:
                            raise invalid_request(failed, error_order, MISSING, endpoint_context, scope)
                        result = call_get_over_threads(early=d1, late=d2, session=d3, query=d4, last=d7)
                        reply = content = None
                        if isinstance(result, Response):
                            reply = result
                        else:
                            if type(result) is not Item:
                                result = validated(result)
                            content = dump_result(result, by_alias=True)
                        return d7, reply, content
                    d7, reply, content = await in_thread(on_thread_2, lane=lane_after_open_session_0)
                    await unwind(early, guard_early)
                except BaseException as exc:
                    await unwind_failed(early, exc, guard_early)
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
