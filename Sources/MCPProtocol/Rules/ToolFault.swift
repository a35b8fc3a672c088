/// One rule that a tool breaks.
package struct ToolFault: Sendable, Equatable {
    package enum Rule: Sendable, CaseIterable {
        case name
        case description
        /// It is not what a tool is: a member is missing, or has another type.
        case shape
        case schemaSize
        /// A combinator or an enumeration at the top of the input schema.
        case combinator
        case parameterName
        /// A reference out of a schema.
        case reference
        case outputSchema
        case parameterHeader
    }

    package var rule: Rule
    /// A sentence for the one who wrote the tool, without its name.
    package var cause: String

    init(_ rule: Rule, _ cause: String) {
        self.rule = rule
        self.cause = cause
    }
}
