package import MCPProtocol

/// An immutable snapshot of everything on offer. Lists are prepared bytes: the same from call to call, and ready before
/// anyone asks.
package struct Catalog: Sendable {
    package struct Entry: Sendable {
        package var tool: Tool
        package var upstream: any Upstream
    }

    private let tools: [Tool]
    private let byName: [String: Entry]
    private let lists: [ProtocolVersion: [UInt8]]

    /// - Parameter offers: In the order in which they are shown; of two tools with one name the first stays.
    package init(_ offers: [(upstream: any Upstream, offer: Offer)]) {
        var tools: [Tool] = []
        var byName: [String: Entry] = [:]
        for (upstream, offer) in offers {
            for tool in offer.tools where byName[tool.name] == nil {
                byName[tool.name] = Entry(tool: tool, upstream: upstream)
                tools.append(tool)
            }
        }
        self.tools = tools
        self.byName = byName
        lists = Dictionary(
            uniqueKeysWithValues: ProtocolVersion.allCases.map { version in
                let list = JSON.object([("tools", JSON(tools.map { $0.json(for: version) }))])
                return (version, Array(list.bytes))
            })
    }

    package func entry(forTool name: String) -> Entry? { byName[name] }
    package func toolsList(for version: ProtocolVersion) -> [UInt8] { lists[version] ?? [] }
    package var toolCount: Int { tools.count }

    package func offersTheSame(as other: Catalog) -> Bool { tools == other.tools }
}
