import ArgumentParser

struct ClientsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clients",
        abstract: "Make OAuth clients known that cannot do so themselves, also while the server runs.",
        subcommands: [Add.self, List.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a client known. With --secret its secret is printed, this once.")

        @Argument(help: "The client_id: 1 to 64 letters, digits, points, dashes or underscores.")
        var id: String
        @Option(
            name: .customLong("redirect-uri"), help: "Where it may send browsers back to; may be given several times.")
        var redirectURIs: [String]
        @Option(help: "What people are shown; the id if it is not given.")
        var name: String?
        @Flag(help: "The client has to present a secret.")
        var secret = false
        @OptionGroup var options: StoreOptions

        func validate() throws {
            guard !redirectURIs.isEmpty else {
                throw SettingsError(
                    "redirect-uri: there is none; give at least one, such as https://example.com/callback")
            }
        }

        func run() async throws {
            let made = try await ClientRing(store: options.store()).add(
                id, name: name, redirectURIs: redirectURIs, hasSecret: secret)
            if let made { StandardStream.output.write(made + "\n") }
            StandardStream.error.write(
                "Client \"\(id)\" is known." + (made == nil ? "" : " Its secret is not shown again.") + "\n")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the clients, without their secrets.")

        @OptionGroup var options: StoreOptions

        func run() async throws {
            StandardStream.output.write(try await ClientRing(store: options.store()).table())
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget a client. What it was given ends when its access tokens do.")

        @Argument(help: "The client_id.")
        var id: String
        @OptionGroup var options: StoreOptions

        func run() async throws {
            try await ClientRing(store: options.store()).remove(id)
            StandardStream.error.write("Client \"\(id)\" is forgotten.\n")
        }
    }
}
