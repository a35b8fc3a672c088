/// Goes through a JSON Schema (2020-12) and the schemas inside it; what is data, such as `default`, is passed over.
package enum SchemaWalk {
    /// One schema, and where it is.
    package struct Place {
        package var schema: JSON
        /// Names of properties and keywords from the root.
        package var path: [String]
        /// Whether only `properties` lead here: then `properties` are the names of the parameters on the way.
        package var properties: [String]?
    }

    private static let single = [
        "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not",
        "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    ]
    private static let lists = ["allOf", "anyOf", "items", "oneOf", "prefixItems"]
    private static let maps = ["$defs", "definitions", "dependentSchemas", "patternProperties"]

    /// Calls `visit` with each schema that is an object, an outer one before those inside it, until it throws.
    package static func visit<Failure>(
        _ root: JSON, _ visit: (Place) throws(Failure) -> Void
    ) throws(Failure) {
        var pending = [Place(schema: root, path: [], properties: [])]
        while let place = pending.popLast() {
            guard place.schema.kind == .object else { continue }
            try visit(place)
            pending.append(contentsOf: inside(place).reversed())
        }
    }

    private static func inside(_ place: Place) -> [Place] {
        var places: [Place] = []
        func add(_ schema: JSON, _ steps: [String], _ properties: [String]? = nil) {
            places.append(Place(schema: schema, path: place.path + steps, properties: properties))
        }
        for (keyword, value) in place.schema.members ?? [] {
            if keyword == "properties" {
                for (name, schema) in value.members ?? [] {
                    add(schema, [keyword, name], place.properties.map { $0 + [name] })
                }
            } else if maps.contains(keyword) {
                for (name, schema) in value.members ?? [] { add(schema, [keyword, name]) }
            } else if lists.contains(keyword), let elements = value.elements {
                for (index, schema) in elements.enumerated() { add(schema, [keyword, "\(index)"]) }
            } else if single.contains(keyword) {
                add(value, [keyword])
            }
        }
        return places
    }
}
