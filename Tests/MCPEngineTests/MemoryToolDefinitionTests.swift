import FoundationEssentials
import MCPEngine
import MCPProtocol
import Testing

@Suite struct MemoryToolDefinitionTests {
    private let tools = MemoryTools.tools(store: InMemoryStore(), now: { .init(milliseconds: 0) }).map(\.definition)

    @Test func everyToolIsThereOnce() {
        #expect(
            tools.map(\.name) == [
                "memory_store", "memory_search", "memory_get", "memory_list", "memory_forget", "memory_handover",
                "memory_status",
            ])
    }

    @Test func everyToolTellsPeopleModelsAndClientsWhatItIs() {
        for tool in tools {
            #expect(tool.title?.isEmpty == false)
            #expect((tool.description?.count ?? 0) > 80)
            #expect(tool.annotations?.readOnlyHint != nil)
            #expect(tool.annotations?.destructiveHint != nil)
            #expect(tool.annotations?.idempotentHint != nil)
            #expect(tool.annotations?.openWorldHint == false)
            #expect(tool.outputSchema?["type"] == "object")
        }
        #expect(
            tools.filter { $0.annotations?.readOnlyHint == true }.map(\.name) == [
                "memory_search", "memory_get", "memory_list", "memory_status",
            ])
        #expect(
            tools.filter { $0.annotations?.destructiveHint == true }.map(\.name) == [
                "memory_forget", "memory_handover",
            ])
    }

    @Test func schemasAreFlatEnoughForEveryClient() throws {
        for tool in tools {
            #expect(tool.inputSchema["type"] == "object")
            #expect(tool.inputSchema.bytes.count + (tool.outputSchema?.bytes.count ?? 0) < 16_384)
            for word in ["$ref", "anyOf", "oneOf", "allOf", "null"] {
                #expect(!tool.inputSchema.description.contains("\"\(word)\""))
                #expect(tool.outputSchema?.description.contains("\"\(word)\"") == false)
            }
            for (name, property) in try #require(tool.inputSchema["properties"]?.members) {
                #expect(name.wholeMatch(of: /[a-z_]{1,64}/) != nil)
                let type = try #require(property["type"]?.string)
                #expect(["string", "integer", "boolean", "array"].contains(type))
                if type == "array" { #expect(property["items"] == ["type": "string"]) }
                #expect(property["description"] != nil)
            }
        }
    }
}
