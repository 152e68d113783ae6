async def handle_get_stream(scope, receive, send):
    late = []
    with CancelScope() as guard_late:
        try:
            d1 = await enter_async(late, call_open_session())
            result = call_get_stream(session=d1)
            reply = stream_lines(result)
            await send_protected(reply, scope, receive, send, tell=True)
            await unwind(late, guard_late)
        except BaseException as exc:
            await unwind_failed(late, exc, guard_late, responded='rapide.started' in scope)
