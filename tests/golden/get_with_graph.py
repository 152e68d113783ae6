async def handle_get_with_graph(scope, receive, send):
    scope['rapide.private'] = True
    late = []
    with CancelScope() as guard_late:
        try:
            failed = {}
            headers = headers_of(scope)
            try:
                v1_authorization = headers[b'authorization'].decode("latin-1")
            except Invalid:
                [v1_authorization] = read_again(inputs_1, Sources(scope), failed, 1)
            if not failed or failed.keys().isdisjoint({1}):
                d1 = await call_read_token(authorization=v1_authorization)
            else:
                d1 = None
            d2 = await enter_async(late, call_open_session())
            if not failed or failed.keys().isdisjoint({1}):
                d3 = await call_read_user(token=d1, session=d2)
            else:
                d3 = None
            query = single_query_of(scope)
            try:
                raw = query.get('strict')
                v4_strict = False if raw is None else validate_strict(raw)
            except Invalid:
                [v4_strict] = read_again(inputs_4, Sources(scope), failed, 4)
            context = thread_context()
            def on_thread_1():
                if not failed or failed.keys().isdisjoint({1, 4}):
                    d4 = call_check_user(strict=v4_strict, user=d3)
                else:
                    d4 = None
                return d4
            d4 = await in_thread(on_thread_1, context=context, lane=lane_after_open_session_0)
            adopt(context)
            if not failed or failed.keys().isdisjoint({1}):
                d5 = await call_read_user(token=d1, session=d2)
            else:
                d5 = None
            if failed:
                raise invalid_request(failed, error_order, MISSING, endpoint_context, scope)
            result = await call_get_with_graph(user=d5, session=d2)
            reply = content = None
            if isinstance(result, Response):
                reply = result
            else:
                if type(result) is not Item:
                    result = validated(result)
                content = dump_result(result, by_alias=True)
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
