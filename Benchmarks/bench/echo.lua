-- wrk: every request is the same tools/call; what was measured comes out as one line of JSON.
function init(arguments)
    wrk.method = "POST"
    wrk.body = arguments[2]
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Accept"] = "application/json, text/event-stream"
    wrk.headers["MCP-Protocol-Version"] = "2025-11-25"
    wrk.headers["Mcp-Session-Id"] = arguments[1]
    request_bytes = wrk.format()
end

function request()
    return request_bytes
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"microseconds":%d,"not_ok":%d,"broken":%d,"p50":%d,"p99":%d,"max":%d}\n',
        summary.requests, summary.duration, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency.max))
end
