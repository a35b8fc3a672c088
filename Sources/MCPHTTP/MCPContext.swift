package import Hummingbird
import NIOCore

/// What a request knows of its connection.
package struct MCPContext: InitializableFromSource, Sendable {
    let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }

    init(channel: any Channel) {
        self.channel = channel
    }
}
