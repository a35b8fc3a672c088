/// The definition of a tool, prompt, resource or template as another server gave it. What is not ours keeps its bytes:
/// members that are unknown here, their order, the spelling of numbers.
struct PassedDefinition: Sendable, Equatable {
    var json: JSON

    /// As a client of that version can read it.
    /// - Parameters:
    ///   - name: By what it is called here.
    ///   - dropping: What else is left out.
    func json(named name: String, for version: ProtocolVersion, dropping: Set<String> = []) -> JSON {
        // Tasks of the 2025-11-25 core are not offered here (B-84).
        var dropped = dropping.union(["execution"])
        if !version.hasTitle { dropped.insert("title") }
        if !version.hasAnnotations { dropped.insert("annotations") }
        if !version.hasIcons { dropped.insert("icons") }
        if !version.hasDefinitionMeta { dropped.insert("_meta") }
        let members = json.members ?? []
        let isCalledSo = json["name"]?.stringEquals(name) == true
        if isCalledSo, !members.contains(where: { dropped.contains($0.name) }) { return json }
        return .object(
            members.filter { !dropped.contains($0.name) }.map {
                ($0.name, $0.name == "name" ? JSON(name) : $0.value)
            })
    }
}
