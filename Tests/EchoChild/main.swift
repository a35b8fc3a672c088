#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

// A server behind standard input and output for tests: small, fast, and as badly behaved as it is told to be.
var child = Child(Behaviour(CommandLine.arguments.dropFirst()))
exit(child.run())
