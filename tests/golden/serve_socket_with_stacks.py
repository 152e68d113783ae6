async def serve_serve_socket_with_stacks(scope, receive, send):
    response = checked_response()
    background = BackgroundTasks()
    late = []
    with CancelScope() as guard_late:
        try:
            early = []
            with CancelScope() as guard_early:
                try:
                    failed = {}
                    d1 = await enter_async(late, call_open_session())
                    context = thread_context()
                    def on_thread_1():
                        d2 = enter_sync(early, call_open_file(), context)
                        return d2
                    d2 = await in_thread(on_thread_1, context=context, lane=lane_after_open_session_0)
                    adopt(context)
                    headers = headers_of(scope)
                    try:
                        v3_authorization = headers[b'authorization'].decode("latin-1")
                    except Invalid:
                        [v3_authorization] = read_again(inputs_3, Sources(scope), failed, 3)
                    if not failed or failed.keys().isdisjoint({3}):
                        d3 = await call_read_token(authorization=v3_authorization)
                    else:
                        d3 = None
                    if not failed or failed.keys().isdisjoint({3}):
                        d4 = await call_read_user(token=d3, session=d1)
                    else:
                        d4 = None
                    query = single_query_of(scope)
                    try:
                        raw = query.get('strict')
                        v5_strict = False if raw is None else validate_strict(raw)
                    except Invalid:
                        [v5_strict] = read_again(inputs_5, Sources(scope), failed, 5)
                    context = thread_context()
                    def on_thread_2():
                        if not failed or failed.keys().isdisjoint({3, 5}):
                            d5 = call_check_user(strict=v5_strict, user=d4)
                        else:
                            d5 = None
                        return d5
                    d5 = await in_thread(on_thread_2, context=context, lane=lane_after_open_file_0)
                    adopt(context)
                    if failed:
                        raise invalid_socket(failed, error_order, endpoint_context, scope)
                    websocket = CheckedWebSocket(scope, receive, send)
                    result = await call_serve_socket_with_stacks(websocket=websocket, response=response, background=background, session=d1, file=d2, user=d5)
                    await unwind(early, guard_early)
                except BaseException as exc:
                    await unwind_failed(early, exc, guard_early, responded=True)
            await unwind(late, guard_late)
        except BaseException as exc:
            await unwind_failed(late, exc, guard_late, responded=True)
    await background()
