import FoundationEssentials
import Synchronization

/// The bearer token that a remote server is shown: our own, never one of a client.
package final class UpstreamCredentials: Sendable {
    /// Where the token comes from.
    package enum Source: Sendable {
        case token(String)
        /// A variable of this process.
        case environment(String)
        /// A file that holds it and nothing else but white space around it.
        case file(String)
    }

    private let source: Source
    private let token = Mutex<String?>(nil)

    package init(_ source: Source) {
        self.source = source
    }

    /// The token as it was last read; reads it the first time. Blocks for that long.
    func current() throws(LinkProblem) -> String {
        if let token = token.withLock({ $0 }) { return token }
        let read = try self.read()
        token.withLock { $0 = read }
        return read
    }

    /// Reads it again after the server refused `used`. Blocks.
    /// - Returns: Whether there is another one now.
    func renew(after used: String) -> Bool {
        // Somebody else may have renewed it in the meantime.
        if let token = token.withLock({ $0 }), token != used { return true }
        guard let read = try? read(), read != used else { return false }
        token.withLock { $0 = read }
        return true
    }

    private func read() throws(LinkProblem) -> String {
        let text: String
        switch source {
        case .token(let token): text = token
        case .environment(let name):
            guard let value = ProcessInfo.processInfo.environment[name] else {
                throw LinkProblem("the environment has no variable \(name), which should hold the token")
            }
            text = value
        case .file(let path):
            guard let data = try? Data(contentsOf: URL(filePath: path)), data.count <= 65_536 else {
                throw LinkProblem("the token cannot be read from \(path)")
            }
            text = String(decoding: data, as: UTF8.self)
        }
        let token = text.trimmed
        guard HeaderText.isVisible(token) else { throw LinkProblem("the token is empty or has impossible characters") }
        return token
    }
}

/// Why nothing can be sent; names no secret.
struct LinkProblem: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

extension String {
    fileprivate var trimmed: String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || 0x09...0x0D ~= $0 }
        guard let first = utf8.firstIndex(where: { !isSpace($0) }), let last = utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(self[first...last])
    }
}
