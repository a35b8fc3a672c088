import ArgumentParser

struct SettingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings", abstract: "Print the reference of all settings, in Markdown.")

    func run() throws {
        StandardStream.output.write(SettingsPage.markdown)
    }
}
