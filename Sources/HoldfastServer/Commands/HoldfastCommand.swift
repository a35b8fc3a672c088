import ArgumentParser

struct HoldfastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "holdfast",
        abstract: "An MCP server whose tools appear, and stay.",
        version: HoldfastVersion.current,
        subcommands: [
            ServeCommand.self, StdioCommand.self, ProbeCommand.self, KeysCommand.self, UsersCommand.self,
            ClientsCommand.self, SettingsCommand.self, ChecksCommand.self,
        ])
}
