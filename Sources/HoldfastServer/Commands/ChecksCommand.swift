import ArgumentParser
import MCPProbe

struct ChecksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checks", abstract: "Print the reference of everything that 'probe' looks at, in Markdown.")

    func run() throws {
        StandardStream.output.write(CheckPage.markdown)
    }
}
