/// What a client wants its progress notifications to be marked with: a string or a number, echoed as it was spelled.
package struct ProgressToken: Hashable, Sendable {
    package let json: JSON

    package init?(_ json: JSON) {
        guard json.kind == .string || json.kind == .number else { return nil }
        self.json = json
    }

    package static func string(_ string: String) -> ProgressToken { ProgressToken(checked: JSON(string)) }
    package static func integer(_ integer: Int64) -> ProgressToken { ProgressToken(checked: JSON(integer)) }

    private init(checked json: JSON) {
        self.json = json
    }
}
