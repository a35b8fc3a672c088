/// One server behind this one, as it was configured.
package struct UpstreamSettings: Sendable, Equatable {
    package enum Target: Sendable, Equatable {
        case child(Child)
        case remote(Remote)
    }

    /// A program that speaks the protocol on its standard input and output.
    package struct Child: Sendable, Equatable {
        /// A path, or a name to look for in `PATH`.
        package var command: String
        package var arguments: [String]
        /// Variables that are set for it.
        package var environment: [String: Secret]
        /// Absolute; nil for ours.
        package var directory: String?

        package init(
            command: String, arguments: [String] = [], environment: [String: Secret] = [:], directory: String? = nil
        ) {
            self.command = command
            self.arguments = arguments
            self.environment = environment
            self.directory = directory
        }
    }

    package struct Remote: Sendable, Equatable {
        /// http or https.
        package var url: String
        /// Sent with every request, in this order.
        package var headers: [Header]
        package var bearer: Secret?
        /// Where the token is, instead of `bearer`; read again when the server refuses the one that it held.
        package var bearerFile: String?

        package init(url: String, headers: [Header] = [], bearer: Secret? = nil, bearerFile: String? = nil) {
            self.url = url
            self.headers = headers
            self.bearer = bearer
            self.bearerFile = bearerFile
        }
    }

    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: Secret

        package init(name: String, value: Secret) {
            self.name = name
            self.value = value
        }
    }

    /// Unique: it is in messages, metrics and the data directory.
    package var name: String
    package var target: Target
    /// What its tools and prompts are offered under; nil where they keep their names.
    package var prefix: String?
    package var traits: UpstreamTraits

    package init(name: String, target: Target, prefix: String? = nil, traits: UpstreamTraits) {
        self.name = name
        self.target = target
        self.prefix = prefix
        self.traits = traits
    }
}
