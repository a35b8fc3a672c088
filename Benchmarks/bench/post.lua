-- wrk: every request is the same POST; what was measured comes out as one line of JSON.
-- Arguments: the body, then names and values of headers in turns.
function init(arguments)
    wrk.method = "POST"
    wrk.body = arguments[1]
    for place = 2, #arguments, 2 do
        wrk.headers[arguments[place]] = arguments[place + 1]
    end
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
