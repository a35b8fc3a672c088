/// Why bytes are not a JSON text that is accepted here, and where (RFC 8259; duplicate names are refused as well).
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with the bytes.
    public enum Reason: Sendable, Equatable {
        /// Nothing but white space.
        case empty
        /// A byte that the grammar has no place for, or an end too early.
        case syntax
        /// Not UTF-8, or an escaped surrogate without its partner.
        case encoding
        /// More nested arrays and objects than ``JSON/Limits/depth``.
        case depth
        /// An object has this member name twice; names are compared after their escapes are resolved.
        case duplicateName(String)
        /// Something follows the value.
        case trailing
        /// 512 MiB or more.
        case size
    }

    /// What is wrong.
    public var reason: Reason
    /// Of the offending byte, from 0.
    public var offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String {
        switch reason {
        case .empty: "There is no JSON value"
        case .syntax: "Not valid JSON at byte \(offset)"
        case .encoding: "Not valid UTF-8 at byte \(offset)"
        case .depth: "JSON nested too deeply at byte \(offset)"
        case .duplicateName(let name): "Member \"\(name.prefix(64))\" appears twice in one object, at byte \(offset)"
        case .trailing: "Something follows the JSON value at byte \(offset)"
        case .size: "The JSON text is too large"
        }
    }
}
