/// A value inside a type that is coded some other way. Decoding does not keep the spelling of numbers, nor the order of
/// members, which comes out sorted.
extension JSON: Codable {
    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Name.self) {
            let names = object.allKeys.sorted { $0.stringValue < $1.stringValue }
            self = .object(try names.map { ($0.stringValue, try object.decode(JSON.self, forKey: $0)) })
        } else if var array = try? decoder.unkeyedContainer() {
            var elements: [JSON] = []
            while !array.isAtEnd { elements.append(try array.decode(JSON.self)) }
            self.init(elements)
        } else {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = nil
            } else if let bool = try? value.decode(Bool.self) {
                self.init(bool)
            } else if let integer = try? value.decode(Int64.self) {
                self.init(integer)
            } else if let number = try? value.decode(Double.self) {
                self.init(number)
            } else {
                self.init(try value.decode(String.self))
            }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch kind {
        case .object:
            var object = encoder.container(keyedBy: Name.self)
            for (name, value) in members ?? [] { try object.encode(value, forKey: Name(stringValue: name)) }
        case .array:
            var array = encoder.unkeyedContainer()
            for element in elements ?? [] { try array.encode(element) }
        case .null:
            var value = encoder.singleValueContainer()
            try value.encodeNil()
        case .bool:
            var value = encoder.singleValueContainer()
            try value.encode(bool ?? false)
        case .number:
            var value = encoder.singleValueContainer()
            if let integer { try value.encode(integer) } else { try value.encode(number) }
        case .string:
            var value = encoder.singleValueContainer()
            try value.encode(string ?? "")
        }
    }
}
