async def handle_get_and_leave_plainly(scope, receive, send):
    late = []
    with CancelScope() as guard_late:
        try:
            early = []
            with CancelScope() as guard_early:
                try:
                    context = thread_context()
                    def on_thread_1():
                        d1 = enter_sync(early, call_open_file(), context)
                        d2 = enter_sync(late, call_open_file(), context)
                        result = call_get_and_leave_plainly(early=d1, late=d2)
                        reply = content = None
                        if isinstance(result, Response):
                            reply = result
                        else:
                            if type(result) is not Item:
                                result = validated(result)
                            content = dump_result(result, by_alias=True)
                        leave_sync(early)
                        if reply is None or is_buffered(reply):
                            leave_sync(late)
                        return d1, d2, reply, content
                    d1, d2, reply, content = await in_thread(on_thread_1, context=context)
                    await unwind(early, guard_early)
                except BaseException as exc:
                    await unwind_failed(early, exc, guard_early)
            if reply is None or is_buffered(reply):
                await unwind(late, guard_late)
            if reply is not None:
                await send_protected(reply, scope, receive, send, tell=True)
            else:
                scope['rapide.started'] = True
                await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content)), JSON_TYPE, NOSNIFF]})
                await send({"type": "http.response.body", "body": content})
            await unwind(late, guard_late)
        except BaseException as exc:
            await unwind_failed(late, exc, guard_late, responded='rapide.started' in scope)
