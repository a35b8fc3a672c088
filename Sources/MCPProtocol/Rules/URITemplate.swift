/// A URI template that URIs can be matched with: RFC 6570, level 1 (`{name}`) and reserved expansion (`{+name}`).
///
///     let template = try URITemplate("notes://{id}/text")
///     template.match("notes://a%20b/text")  // ["id": "a b"]
public struct URITemplate: Sendable, Hashable {
    /// What is wrong with a template.
    public struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        /// As it was given.
        public var template: String
        /// A sentence for the one who wrote it.
        public var cause: String

        public var description: String { "The URI template \(JSON(template)) cannot be used: \(cause)" }
    }

    private enum Part: Hashable {
        case literal([UInt8])
        /// `reserved`: may hold any character; otherwise none of `/ ? #`.
        case variable(String, reserved: Bool)
    }

    /// As it was given.
    public let text: String
    /// Names, in their order.
    public let variables: [String]
    private let parts: [Part]

    /// Longer URIs match nothing.
    private static let limit = 8_192

    /// Throws when `text` is no template, or one that this does not match with.
    public init(_ text: String) throws(Fault) {
        func fault(_ cause: String) -> Fault { Fault(template: text, cause: cause) }
        var parts: [Part] = []
        var variables: [String] = []
        var rest = text.utf8[...]
        while let first = rest.first {
            if first == UInt8(ascii: "}") { throw fault("there is a } without {") }
            guard first == UInt8(ascii: "{") else {
                let literal = rest.prefix { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "}") }
                parts.append(.literal(Array(literal)))
                rest = rest[literal.endIndex...]
                continue
            }
            guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else { throw fault("there is a { without }") }
            var expression = rest[rest.index(after: rest.startIndex)..<end]
            let reserved = expression.first == UInt8(ascii: "+")
            if reserved { expression = expression.dropFirst() }
            let name = String(decoding: expression, as: UTF8.self)
            guard !name.isEmpty, expression.allSatisfy(Self.isNameCharacter) else {
                throw fault("only {name} and {+name} are known here, not {\(reserved ? "+" : "")\(name)}")
            }
            if variables.contains(name) { throw fault("{\(name)} is there twice") }
            if case .variable = parts.last {
                throw fault("nothing stands before {\(name)} to tell where the variable before it ends")
            }
            variables.append(name)
            parts.append(.variable(name, reserved: reserved))
            rest = rest[rest.index(after: end)...]
        }
        self.text = text
        self.variables = variables
        self.parts = parts
    }

    /// The values of the variables, percent-decoded, if the URI is one of this template's; nil if not.
    ///
    /// A variable takes at least one byte, and as many as it can. A decoded value may hold any character, `/` and `..`
    /// too: check it before it becomes a path. Takes time in proportion to the URI's length; URIs of more than 8,192
    /// bytes match nothing.
    public func match(_ uri: String) -> [String: String]? {
        let bytes = Array(uri.utf8)
        guard bytes.count <= Self.limit else { return nil }
        let fits = fits(bytes)
        guard fits[0][0] else { return nil }
        var values: [String: String] = [:]
        var at = 0
        for (index, part) in parts.enumerated() {
            switch part {
            case .literal(let literal): at += literal.count
            case .variable(let name, let reserved):
                var end = at
                var last = at
                while last < bytes.count, Self.allows(bytes[last], reserved) {
                    last += 1
                    if fits[index + 1][last] { end = last }
                }
                guard let value = Self.decoded(bytes[at..<end]) else { return nil }
                values[name] = value
                at = end
            }
        }
        return values
    }

    /// For each part and each place in the URI: whether the parts from there on take exactly what is left.
    private func fits(_ bytes: [UInt8]) -> [[Bool]] {
        var fits = Array(repeating: Array(repeating: false, count: bytes.count + 1), count: parts.count + 1)
        fits[parts.count][bytes.count] = true
        for (index, part) in parts.enumerated().reversed() {
            switch part {
            case .literal(let literal):
                guard literal.count <= bytes.count else { continue }
                for at in 0...(bytes.count - literal.count) where fits[index + 1][at + literal.count] {
                    fits[index][at] = bytes[at..<at + literal.count].elementsEqual(literal)
                }
            case .variable(_, let reserved):
                for at in bytes.indices.reversed() where Self.allows(bytes[at], reserved) {
                    fits[index][at] = fits[index + 1][at + 1] || fits[index][at + 1]
                }
            }
        }
        return fits
    }

    private static func allows(_ byte: UInt8, _ reserved: Bool) -> Bool {
        reserved || (byte != UInt8(ascii: "/") && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#"))
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }

    /// RFC 3986, section 2.1; nil when a `%` is not followed by two digits, or the bytes are not UTF-8.
    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                return nil
            }
            decoded.append(high << 4 | low)
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
