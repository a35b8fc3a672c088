/// What a JSON-RPC request is called by its sender: a string or an integer (M-05), echoed with the same JSON type.
public enum RequestID: Sendable {
    /// A whole number of at most 64 bits.
    case number(Int64)
    /// Any text.
    case string(String)

    /// Nil for null, fractions and integers beyond 64 bits.
    package init?(_ json: JSON) {
        switch json.kind {
        case .number:
            guard let integer = json.integer else { return nil }
            self = .number(integer)
        case .string:
            guard let string = json.string else { return nil }
            self = .string(string)
        default: return nil
        }
    }

    package func write(to writer: inout JSONWriter) {
        switch self {
        case .number(let number): writer.value(number)
        case .string(let string): writer.value(string)
        }
    }

    package var json: JSON {
        switch self {
        case .number(let number): JSON(number)
        case .string(let string): JSON(string)
        }
    }
}

extension RequestID: Hashable {
    /// Strings byte by byte: `String` takes canonically equivalent spellings for one, JSON does not.
    public static func == (a: RequestID, b: RequestID) -> Bool {
        switch (a, b) {
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .number(let number): hasher.combine(number)
        case .string(var string): string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}

extension RequestID: CustomStringConvertible {
    public var description: String { json.description }
}
