async def handle_post_with_dependency_on_body(scope, receive, send):
    observed = observation_of(scope)
    request = Request(scope, receive, send)
    observed.connected(request)
    scope['rapide.private'] = True
    late = []
    with CancelScope() as guard_late:
        try:
            early = []
            with CancelScope() as guard_early:
                try:
                    failed = {}
                    with observed.span('dependencies', endpoint_name):
                        headers = headers_of(scope)
                        try:
                            v2_authorization = headers[b'authorization'].decode("latin-1")
                        except Invalid:
                            [v2_authorization] = read_again(inputs_2, Sources(scope), failed, 2)
                        if not failed or failed.keys().isdisjoint({2}):
                            d2 = await call_read_token(authorization=v2_authorization)
                        else:
                            d2 = None
                        d3 = await enter_async(late, call_open_session())
                        if not failed or failed.keys().isdisjoint({2}):
                            d4 = await call_read_user(token=d2, session=d3)
                        else:
                            d4 = None
                        d5 = await enter_async(early, call_open_session())
                        with observed.reading():
                            body = await requested_body(request, 1048576, 30.0)
                            data = load_body(body, scope, json_reading)
                        report_body(observed, data)
                        try:
                            if data is MISSING:
                                raise LookupError
                            v1_payload = validate_payload(data)
                        except Invalid:
                            [v1_payload] = read_again(inputs_1, Sources(scope, data), failed, 1, whole=input_payload)
                        if not failed or failed.keys().isdisjoint({1}):
                            d1 = await call_read_payload(payload=v1_payload)
                        else:
                            d1 = None
                        report_solved(observed, {'payload': d1, 'user': d4, 'scoped': d5}, failed, error_order)
                    if failed:
                        raise observed.refused(invalid_request(failed, error_order, data, endpoint_context, scope))
                    with observed.span('endpoint', endpoint_name):
                        result = await call_post_with_dependency_on_body(payload=d1, user=d4, scoped=d5)
                    reply = content = None
                    if isinstance(result, Response):
                        reply = result
                    else:
                        with observed.span('serialization', endpoint_name):
                            content = encode_exact(result)
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
