/// The parameters of a tool that a client repeats in headers, as the `x-mcp-header` annotations of its input schema say
/// (MCP 2026-07-28, server/tools; H-76, H-77).
package struct ParameterHeaders: Sendable, Equatable {
    /// What is wrong with an annotation.
    package struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        /// From the root of the schema: `properties/region`.
        package var place: String
        package var cause: String

        package var description: String { "x-mcp-header at \(place): \(cause)" }
    }

    private struct Parameter: Equatable {
        /// Names from the arguments down.
        var path: [String]
        /// What follows `Mcp-Param-`, as annotated.
        var header: String
    }

    private let parameters: [Parameter]

    package var isEmpty: Bool { parameters.isEmpty }

    package static let annotation = "x-mcp-header"
    private static let largestInteger: Int64 = 1 << 53 - 1

    package init(inputSchema: JSON) throws(Fault) {
        var parameters: [Parameter] = []
        var taken: Set<String> = []
        try SchemaWalk.visit(inputSchema) { place throws(Fault) in
            guard let annotation = place.schema[Self.annotation] else { return }
            func fault(_ cause: String) -> Fault {
                Fault(place: place.path.isEmpty ? "the root" : place.path.joined(separator: "/"), cause: cause)
            }
            guard let header = annotation.string, !header.isEmpty, header.utf8.allSatisfy(Self.isTokenCharacter) else {
                throw fault("must be a header name: letters, digits and !#$%&'*+-.^_`|~")
            }
            guard let properties = place.properties, !properties.isEmpty else {
                throw fault("only parameters that are reached through \"properties\" alone can be repeated in a header")
            }
            switch place.schema["type"]?.string {
            case "string", "boolean": break
            case "integer":
                for name in ["minimum", "maximum"] {
                    guard let bound = place.schema[name]?.number else { continue }
                    if bound.magnitude > Double(Self.largestInteger) {
                        throw fault("\(name) is beyond 2^53 - 1, where not every client is exact")
                    }
                }
            default: throw fault("its type must be \"string\", \"integer\" or \"boolean\"")
            }
            guard taken.insert(header.lowercased()).inserted else {
                throw fault("another parameter has the header \(header) (upper and lower case are the same)")
            }
            parameters.append(Parameter(path: properties, header: header))
        }
        self.parameters = parameters
    }

    /// Error -32020 when the headers do not say what the arguments say; nil when they do. Headers that no parameter
    /// asks for do not matter.
    package func mismatch(_ headers: RequestHeaders, with arguments: JSON?) -> RPCError? {
        for parameter in parameters {
            let name = "Mcp-Param-\(parameter.header)"
            let lines = headers.parameters[parameter.header.lowercased()] ?? []
            let value = parameter.path.reduce(arguments) { $0?[$1] }
            guard let value, !value.isNull else {
                if lines.isEmpty { continue }
                return .headerMismatch("The \(name) header is there, but not the argument that it repeats")
            }
            guard let line = lines.first else { return .headerMismatch("The \(name) header is missing") }
            guard lines.count == 1, let text = HeaderValue.decode(line) else {
                return .headerMismatch("The \(name) header cannot be read")
            }
            guard Self.says(text, value) else {
                return .headerMismatch(
                    "The \(name) header differs from the body's \(parameter.path.joined(separator: "."))")
            }
        }
        return nil
    }

    /// The headers that a client sends with `arguments`, with their encoded values.
    package func headers(for arguments: JSON?) -> [(name: String, value: String)] {
        parameters.compactMap { parameter in
            guard let value = parameter.path.reduce(arguments, { $0?[$1] }) else { return nil }
            let text: String? =
                switch value.kind {
                case .string: value.string
                case .bool, .number: value.description
                case .null, .array, .object: nil
                }
            return text.map { ("Mcp-Param-\(parameter.header)", HeaderValue.encode($0)) }
        }
    }

    private static func says(_ text: String, _ value: JSON) -> Bool {
        switch value.kind {
        case .string: value.stringEquals(text)
        case .bool: text == (value.bool == true ? "true" : "false")
        case .number: isSameNumber(text, value)
        case .null, .array, .object: false
        }
    }

    /// `42` and `42.0` are the same number.
    private static func isSameNumber(_ text: String, _ value: JSON) -> Bool {
        guard let sent = try? JSON(parsing: Array(text.utf8)), sent.kind == .number else { return false }
        if sent.integer != nil || value.integer != nil { return sent.integer == value.integer }
        return sent.number != nil && sent.number == value.number
    }

    /// RFC 9110, section 5.6.2.
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
