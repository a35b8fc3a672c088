import MCPEngine
import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What kept a command from doing its work though its settings are valid: one line that names the setting to look at.
package struct StartFailure: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// Runs `body`; what goes wrong in it is laid to `setting`.
    package static func explaining<Result>(_ setting: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as StoreError {
            throw StartFailure("\(setting): \(error.description)")
        }
    }

    /// Runs `body`, in which the server binds its address; says what is wrong with the address when that fails.
    nonisolated(nonsending) package static func explaining(
        host: String, port: Int, _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw StartFailure(
                "port: \(port) on \(host) is in use; stop what listens there, or choose another with --port")
        } catch let error as IOError where error.errnoCode == EACCES {
            throw StartFailure("port: \(port) may not be used by this user; choose one above 1023 with --port")
        } catch let error as IOError where error.errnoCode == EADDRNOTAVAIL {
            throw StartFailure("host: \(host) is not an address of this machine; choose another with --host")
        } catch let error as SocketAddressError.UnknownHost {
            throw StartFailure("host: \(error.host) cannot be resolved; choose another with --host")
        }
    }
}
