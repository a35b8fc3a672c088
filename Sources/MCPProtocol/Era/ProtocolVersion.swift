/// The versions of the protocol that are spoken here, oldest first.
// swift-format-ignore: AlwaysUseLowerCamelCase
public enum ProtocolVersion: String, Sendable, CaseIterable {
    /// The first: HTTP+SSE, tools, prompts, resources, sampling, roots.
    case v2024_11_05 = "2024-11-05"
    /// Adds Streamable HTTP, audio, tool annotations, and batches.
    case v2025_03_26 = "2025-03-26"
    /// Adds structured content, elicitation, resource links and titles; ends batches.
    case v2025_06_18 = "2025-06-18"
    /// Adds icons, elicitation by URL, tools in sampling, and streams that are polled.
    case v2025_11_25 = "2025-11-25"
    /// States everything with each request: no `initialize`, no sessions.
    case v2026_07_28 = "2026-07-28"

    package var era: Era { self < .v2026_07_28 ? .handshake : .perRequest }

    /// Newest first, as they are offered in `data.supported` of -32022.
    package static let handshakeVersions = allCases.filter { $0.era == .handshake }.sorted(by: >)
    package static let perRequestVersions = allCases.filter { $0.era == .perRequest }.sorted(by: >)
    package static let latestHandshake = ProtocolVersion.v2025_11_25
    /// What a request without any version is taken for (H-45).
    package static let assumed = ProtocolVersion.v2025_03_26

    /// The version for a session whose client asked for `requested`: the same one if it can be reached by
    /// `initialize`, otherwise the newest that can (E-20).
    package static func negotiate(_ requested: String?) -> ProtocolVersion {
        guard let requested, let version = ProtocolVersion(rawValue: requested), version.era == .handshake else {
            return latestHandshake
        }
        return version
    }
}

extension ProtocolVersion: Comparable {
    public static func < (a: ProtocolVersion, b: ProtocolVersion) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .v2024_11_05: 0
        case .v2025_03_26: 1
        case .v2025_06_18: 2
        case .v2025_11_25: 3
        case .v2026_07_28: 4
        }
    }
}

/// What changed from version to version (M-10 to M-13), so that nobody else compares versions.
extension ProtocolVersion {
    /// JSON-RPC batches over Streamable HTTP: one version only.
    package var allowsBatches: Bool { self == .v2025_03_26 }
    package var hasAnnotations: Bool { self >= .v2025_03_26 }
    package var hasAudio: Bool { self >= .v2025_03_26 }
    /// The `message` of `notifications/progress`.
    package var hasProgressMessage: Bool { self >= .v2025_03_26 }
    package var hasTitle: Bool { self >= .v2025_06_18 }
    package var hasOutputSchema: Bool { self >= .v2025_06_18 }
    package var hasStructuredContent: Bool { self >= .v2025_06_18 }
    package var hasResourceLinks: Bool { self >= .v2025_06_18 }
    /// The `_meta` of definitions such as tools.
    package var hasDefinitionMeta: Bool { self >= .v2025_06_18 }
    /// `description` and `websiteUrl` of an implementation.
    package var hasImplementationDetails: Bool { self >= .v2025_11_25 }
    /// An event with an id and no data at the start of a stream; older clients try to parse it (H-35).
    package var sendsPrimingEvent: Bool { self == .v2025_11_25 }
    /// `structuredContent` and `outputSchema` of any kind instead of objects only (M-13, B-90).
    package var hasAnyStructuredContent: Bool { self >= .v2026_07_28 }
    package var hasIcons: Bool { self >= .v2025_11_25 }
    /// `lastModified` of content annotations.
    package var hasLastModified: Bool { self >= .v2025_06_18 }
    /// The `completions` capability; before it, completion was offered without a word.
    package var hasCompletionsCapability: Bool { self >= .v2025_03_26 }
    /// The `extensions` capability.
    package var hasExtensions: Bool { self >= .v2026_07_28 }
    package var hasElicitation: Bool { self >= .v2025_06_18 }
    /// Elicitation by URL, the `mode` that tells it from a form, titled choices and choices of several (M-12).
    package var hasElicitationModes: Bool { self >= .v2025_11_25 }
    /// `elicitationId`, and the notification that names it (M-22).
    package var hasElicitationID: Bool { self == .v2025_11_25 }
    /// Sampling with tools and messages of several blocks, and the capabilities inside `sampling` (M-12).
    package var hasSamplingTools: Bool { self >= .v2025_11_25 }
    /// `_meta` of a root.
    package var hasRootMeta: Bool { self >= .v2025_06_18 }
}
