// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
    name: "holdfast",
    platforms: [.macOS(.v15)],
    products: [
        // Not "Holdfast": on disks that do not tell upper from lower case it would be the executable's name.
        .library(name: "HoldfastKit", targets: ["Holdfast"]),
        .executable(name: "holdfast", targets: ["HoldfastProgram"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .target(name: "MCPProtocol", swiftSettings: settings),
        .target(
            name: "MCPEngine",
            dependencies: [
                "MCPProtocol",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .target(
            name: "MCPStorage",
            dependencies: ["MCPEngine", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings),
        .target(
            name: "MCPHTTP",
            dependencies: [
                "MCPEngine", "MCPProtocol",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .target(
            name: "MCPUpstreams",
            dependencies: [
                "MCPProtocol", "MCPEngine",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "MCPAuthorization",
            dependencies: [
                "MCPProtocol", "MCPEngine",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .target(
            name: "MCPStdio",
            dependencies: [
                "MCPProtocol", "MCPEngine",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .target(
            name: "MCPProbe",
            dependencies: [
                "MCPProtocol",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: settings),
        .target(
            name: "HoldfastServer",
            dependencies: [
                "MCPProtocol",
                "Holdfast", "MCPEngine", "MCPProbe", "MCPStorage", "MCPHTTP", "MCPStdio", "MCPUpstreams",
                "MCPAuthorization",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings),
        .executableTarget(name: "HoldfastProgram", dependencies: ["HoldfastServer"], swiftSettings: settings),
        .target(
            name: "Holdfast",
            dependencies: [
                "MCPProtocol", "MCPEngine", "MCPStorage", "MCPHTTP", "MCPStdio",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),

        .executableTarget(
            name: "everything", dependencies: ["Holdfast"], path: "Examples/everything", swiftSettings: settings),
        .executableTarget(name: "hello", dependencies: ["Holdfast"], path: "Examples/hello", swiftSettings: settings),
        .executableTarget(name: "notes", dependencies: ["Holdfast"], path: "Examples/notes", swiftSettings: settings),

        .target(
            name: "MCPTesting", dependencies: ["MCPEngine"], path: "Tests/MCPTesting", swiftSettings: settings),
        .executableTarget(
            name: "fixture", dependencies: ["HoldfastServer", "MCPEngine"], path: "Tests/Fixture",
            swiftSettings: settings),
        .executableTarget(
            name: "echochild", dependencies: ["MCPProtocol"], path: "Tests/EchoChild", swiftSettings: settings),
        .executableTarget(
            name: "simulation",
            dependencies: [
                "MCPProtocol", "MCPEngine", "MCPTesting", .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Simulation", swiftSettings: settings),
        .executableTarget(
            name: "fuzz",
            dependencies: ["MCPProtocol", "MCPEngine", .product(name: "Logging", package: "swift-log")],
            path: "Tests/Fuzz", exclude: ["Corpus"], swiftSettings: settings),
        .executableTarget(
            name: "personas",
            dependencies: [
                "MCPProtocol",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Tests/Personas", swiftSettings: settings),
        .testTarget(name: "ProofTests", dependencies: ["MCPTesting", "simulation", "fuzz"], swiftSettings: settings),
        .testTarget(
            name: "MCPProtocolTests", dependencies: ["MCPProtocol", "MCPTesting"], exclude: ["Examples"],
            swiftSettings: settings),
        .testTarget(name: "MCPEngineTests", dependencies: ["MCPEngine", "MCPTesting"], swiftSettings: settings),
        .testTarget(
            name: "MCPStorageTests", dependencies: ["MCPStorage", "MCPEngine", "MCPTesting"], swiftSettings: settings),
        .testTarget(
            name: "MCPHTTPTests",
            dependencies: [
                "MCPHTTP", "MCPEngine", "MCPTesting",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "MCPAuthorizationTests",
            dependencies: [
                "MCPAuthorization", "MCPEngine", "MCPProtocol", "MCPTesting",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "MCPStdioTests", dependencies: ["MCPStdio", "MCPEngine", "MCPProtocol", "MCPTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "MCPUpstreamsTests",
            dependencies: [
                "MCPUpstreams", "MCPEngine", "MCPProtocol", "MCPTesting", "echochild", "everything",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "MCPProbeTests",
            dependencies: ["MCPProbe", "MCPProtocol", "MCPTesting", .product(name: "NIOHTTP1", package: "swift-nio")],
            swiftSettings: settings),
        .testTarget(
            name: "HoldfastTests",
            dependencies: [
                "Holdfast", "MCPTesting", "hello", "everything", "notes",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "HoldfastServerTests", dependencies: ["HoldfastServer", "MCPEngine", "MCPProtocol", "MCPTesting"],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
