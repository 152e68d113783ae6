async def serve_serve_socket(scope, receive, send):
    late = []
    with CancelScope() as guard_late:
        try:
            failed = {}
            d1 = await enter_async(late, call_open_session())
            path = scope["path_params"]
            try:
                v2_room = validate_room(path['room'])
            except Invalid:
                [v2_room] = read_again(inputs_2, Sources(scope), failed, 2)
            if failed:
                raise invalid_socket(failed, error_order, endpoint_context, scope)
            websocket = CheckedWebSocket(scope, receive, send)
            result = await call_serve_socket(room=v2_room, websocket=websocket, session=d1)
            await unwind(late, guard_late)
        except BaseException as exc:
            await unwind_failed(late, exc, guard_late, responded=True)
