/// The two ways in which client and server say which version they speak.
package enum Era: Sendable {
    /// Up to 2025-11-25: `initialize`, session ids.
    case handshake
    /// From 2026-07-28 on: metadata on every request.
    case perRequest
}
