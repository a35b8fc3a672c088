/// What each metric means, by its name in `/metrics`.
enum MetricHelp {
    static let texts = [
        "holdfast_requests_total": "Requests answered, by protocol era, method and outcome.",
        "holdfast_request_duration_seconds": "From a request's arrival to the end of its answer.",
        "holdfast_requests_in_flight": "Requests whose answer is still owed.",
        "holdfast_refusals_total": "Requests turned away before they ran, by reason.",
        "holdfast_sessions": "Sessions in memory, by state.",
        "holdfast_sessions_opened_total": "Sessions made by initialize.",
        "holdfast_session_restores_total": "Sessions brought back from the data directory.",
        "holdfast_session_evictions_total": "Idle sessions let go from memory to make room.",
        "holdfast_drains_total": "Sessions drained, by cause and outcome.",
        "holdfast_drain_answers_total": "Answers owed when a drain began: delivered, or failed when the grace ran out.",
        "holdfast_streams_open": "Event streams being read.",
        "holdfast_stream_resumes_total": "Streams taken up again with Last-Event-ID.",
        "holdfast_listeners_open": "Answers to subscriptions/listen being read.",
        "holdfast_tasks_created_total": "Calls that became tasks.",
        "holdfast_tasks_ended_total": "Tasks that this process saw end, by status.",
        "holdfast_tasks_running": "Tasks whose function runs in this process.",
        "holdfast_hangups_total": "Clients that hung up before their answer was complete.",
        "holdfast_late_answers_total": "Answers that came after their request had been answered already.",
        "holdfast_quirks_total": "Allowances made for known faults of clients, by quirk.",
        "holdfast_store_duration_seconds": "Calls to the data directory, by operation.",
    ]
}
