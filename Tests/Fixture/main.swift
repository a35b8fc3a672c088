import HoldfastServer
import MCPEngine

await ServerMain.run(arguments: CommandLine.arguments, upstreams: [try FixtureTools.make()])
