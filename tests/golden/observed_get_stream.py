async def handle_get_stream(scope, receive, send):
    observed = observation_of(scope)
    request = Request(scope, receive, send)
    observed.connected(request)
    late = []
    with CancelScope() as guard_late:
        try:
            with observed.span('dependencies', endpoint_name):
                d1 = await enter_async(late, call_open_session())
                report_solved(observed, {'session': d1}, {}, error_order)
            result = call_get_stream(session=d1)
            reply = stream_lines(result)
            await send_protected(reply, scope, receive, send, tell=True)
            await unwind(late, guard_late)
        except BaseException as exc:
            await unwind_failed(late, exc, guard_late, responded='rapide.started' in scope)
