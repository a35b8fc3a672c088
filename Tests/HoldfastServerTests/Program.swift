import Foundation

/// The built `holdfast`, or another of our programs, run as a process of its own.
struct Program {
    let status: Int32
    let output: String
    let errors: String

    /// Runs it to its end, with nothing of this process's environment but what is given.
    static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Program {
        try await onItsOwnThread {
            let (process, output, errors) = try start("holdfast", arguments, environment)
            let (said, complained) = (try text(output), try text(errors))
            process.waitUntilExit()
            return Program(status: process.terminationStatus, output: said, errors: complained)
        }
    }

    /// Waiting for a process must not cost the other tests a thread.
    static func onItsOwnThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Swift.Result(catching: body)) }.start()
        }
    }

    /// All that is written until the other end closes.
    static func text(_ pipe: Pipe) throws -> String {
        String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }

    static func start(
        _ name: String, _ arguments: [String], _ environment: [String: String]
    ) throws -> (Process, Pipe, Pipe) {
        let (process, output, errors) = (Process(), Pipe(), Pipe())
        process.executableURL = products.appending(path: name)
        process.arguments = arguments
        process.environment = ["HOME": "/nowhere"].merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return (process, output, errors)
    }

    /// Where the build put the products: beside the tests.
    private static var products: URL {
        #if os(macOS)
            let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? .main
            return bundle.bundleURL.deletingLastPathComponent()
        #else
            return URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        #endif
    }
}

/// A directory that is gone when the last holder lets go.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "holdfast-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
