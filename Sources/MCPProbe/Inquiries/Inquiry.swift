/// A part of the conversation with the server. What it brings to light is judged by checks afterwards.
package enum Inquiry: String, Sendable, CaseIterable {
    case address
    case certificate
    case opening
    case access
    case tools
    case eras
    case sessions
    case errors
    case results
    case streams
    case browser
    case race
    case idle

    /// What is said while it runs.
    package var title: String {
        switch self {
        case .address: "Looking up the name and connecting"
        case .certificate: "Looking at the certificate"
        case .opening: "Opening a conversation"
        case .access: "Reading what it says about authorization"
        case .eras: "Trying every version of the protocol"
        case .tools: "Listing the tools"
        case .sessions: "Trying session ids"
        case .errors: "Sending what is wrong"
        case .streams: "Opening event streams"
        case .browser: "Asking as a browser"
        case .race: "Ending sessions while requests run"
        case .results: "Calling tools that only read"
        case .idle: "Watching an idle stream"
        }
    }

    /// Runs only when it is asked for: it takes long.
    package var isExtra: Bool { self == .idle }

    /// What must have run before.
    var needs: [Inquiry] {
        switch self {
        case .address: []
        case .certificate, .opening: [.address]
        case .access, .tools: [.address, .opening]
        case .sessions: [.address, .opening, .access, .tools]
        case .eras, .errors, .results, .streams, .browser, .race, .idle: [.address, .opening, .tools]
        }
    }
}
