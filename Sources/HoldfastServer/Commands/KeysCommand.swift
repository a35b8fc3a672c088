import ArgumentParser
import MCPEngine

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, list and revoke keys, also while the server runs.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key and print it, this once.")

        @Argument(help: "What to call the key: 1 to 64 letters, digits, points, dashes or underscores.")
        var name: String
        @OptionGroup var options: StoreOptions

        func run() async throws {
            let key = try await KeyRing(options).create(name)
            StandardStream.output.write(key.text + "\n")
            StandardStream.error.write(
                """
                Key "\(name)" is made. It is not shown again. Callers send it as the header
                Authorization: Bearer KEY

                """)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys, without their secrets.")

        @OptionGroup var options: StoreOptions

        func run() async throws {
            StandardStream.output.write(try await KeyRing(options).table())
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key useless, at once and for good.")

        @Argument(help: "The name of the key.")
        var name: String
        @OptionGroup var options: StoreOptions

        func run() async throws {
            try await KeyRing(options).revoke(name)
            StandardStream.error.write("Key \"\(name)\" is revoked.\n")
        }
    }
}

extension KeyRing {
    fileprivate init(_ options: StoreOptions) async throws {
        self.init(store: try await options.store())
    }
}
