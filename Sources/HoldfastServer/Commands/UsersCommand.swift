import ArgumentParser
import FoundationEssentials
import MCPStorage

struct UsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users",
        abstract: "Make, list and disable people who sign in with OAuth, also while the server runs.",
        subcommands: [Create.self, List.self, Disable.self, Enable.self, Reset.self, Disconnect.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a user. The password is asked for, or read from standard input.")

        @Argument(help: "What to call the user: 1 to 64 letters, digits or . _ @ + -")
        var name: String
        @OptionGroup var options: StoreOptions

        func run() async throws {
            try UserRing.check(name)
            let users = try await UserRing(options)
            try await users.create(name, password: PasswordPrompt.ask())
            StandardStream.error.write("User \"\(name)\" is made and can sign in.\n")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the users.")

        @OptionGroup var options: StoreOptions

        func run() async throws {
            StandardStream.output.write(try await UserRing(options).table())
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let nobody in as this user any more, nor any application in the user's name, from now on.")

        @OptionGroup var user: UserArgument

        func run() async throws {
            try await UserRing(user.options).setDisabled(true, user.name)
            StandardStream.error.write("User \"\(user.name)\" is disabled.\n")
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Undo what disable did.")

        @OptionGroup var user: UserArgument

        func run() async throws {
            try await UserRing(user.options).setDisabled(false, user.name)
            StandardStream.error.write("User \"\(user.name)\" is enabled.\n")
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a user another password, and sign the user out everywhere. Connected applications stay.")

        @OptionGroup var user: UserArgument

        func run() async throws {
            let users = try await UserRing(user.options)
            try await users.requireUser(user.name)
            try await users.reset(user.name, password: PasswordPrompt.ask())
            StandardStream.error.write("User \"\(user.name)\" has another password.\n")
        }
    }

    struct Disconnect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End everything that applications can do in a user's name, from now on.")

        @OptionGroup var user: UserArgument

        func run() async throws {
            let count = try await UserRing(user.options).disconnect(user.name)
            StandardStream.error.write("Connections of \"\(user.name)\" that were ended: \(count)\n")
        }
    }
}

struct UserArgument: ParsableArguments {
    @Argument(help: "The name of the user.")
    var name: String
    @OptionGroup var options: StoreOptions
}

extension UserRing {
    fileprivate init(_ options: StoreOptions) async throws {
        self.init(store: try await options.store())
    }
}

extension StoreOptions {
    /// The store of the data directory that is meant.
    func store() async throws -> SQLiteStore {
        var flags: [String: String] = [:]
        for case (let setting, let value?) in given { flags[setting.name] = value }
        let settings = try await Settings.load(flags: flags, environment: ProcessInfo.processInfo.environment)
        return try StartFailure.explaining("data-dir") { try SQLiteStore(directory: settings.dataDir) }
    }
}
