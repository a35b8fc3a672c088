/// One field of a form (MCP 2025-11-25, client/elicitation, "Requested Schema").
public struct ElicitationField: Sendable, Equatable {
    /// What a text should look like; clients may help to fill it in.
    public enum Format: String, Sendable {
        /// An e-mail address, a URI, a date (RFC 3339).
        case email, uri, date
        /// A date with a time (RFC 3339).
        case dateTime = "date-time"
    }

    /// A value to choose, and what people see in its place.
    public struct Option: Sendable, Equatable {
        /// What is sent back.
        public var value: String
        /// What people see.
        public var title: String?

        /// Without a title people see the value.
        public init(_ value: String, title: String? = nil) {
            self.value = value
            self.title = title
        }
    }

    package enum Kind: Sendable, Equatable {
        /// Lengths in characters, as Unicode scalars.
        case string(format: Format?, minLength: Int?, maxLength: Int?, default: String?)
        case integer(minimum: Int?, maximum: Int?, default: Int?)
        case number(minimum: Double?, maximum: Double?, default: Double?)
        case boolean(default: Bool?)
        /// `legacy`: titles in `enumNames`, as before 2025-11-25, for clients that only know those.
        case choice([Option], legacy: Bool, default: String?)
        case choices([Option], minItems: Int?, maxItems: Int?, default: [String]?)
    }

    /// Of the member in the answer's content.
    public var name: String
    /// For people.
    public var title: String?
    /// For people.
    public var description: String?
    /// Whether the form cannot be sent without it.
    public var required: Bool
    package var kind: Kind

    package init(_ name: String, _ title: String?, _ description: String?, _ required: Bool, _ kind: Kind) {
        self.name = name
        self.title = title
        self.description = description
        self.required = required
        self.kind = kind
    }
}

extension ElicitationField {
    /// - Parameters:
    ///   - minLength: In characters (Unicode scalars), as is `maxLength`.
    ///   - default: What the client fills in at first. Clients before 2025-11-25 may ignore it.
    public static func string(
        _ name: String, title: String? = nil, description: String? = nil, format: Format? = nil,
        minLength: Int? = nil, maxLength: Int? = nil, default: String? = nil, required: Bool = false
    ) -> ElicitationField {
        .init(
            name, title, description, required,
            .string(format: format, minLength: minLength, maxLength: maxLength, default: `default`))
    }

    /// A whole number, within bounds that belong to it.
    public static func integer(
        _ name: String, title: String? = nil, description: String? = nil, minimum: Int? = nil, maximum: Int? = nil,
        default: Int? = nil, required: Bool = false
    ) -> ElicitationField {
        .init(name, title, description, required, .integer(minimum: minimum, maximum: maximum, default: `default`))
    }

    /// Any number, within bounds that belong to it.
    public static func number(
        _ name: String, title: String? = nil, description: String? = nil, minimum: Double? = nil,
        maximum: Double? = nil, default: Double? = nil, required: Bool = false
    ) -> ElicitationField {
        .init(name, title, description, required, .number(minimum: minimum, maximum: maximum, default: `default`))
    }

    /// Yes or no.
    public static func boolean(
        _ name: String, title: String? = nil, description: String? = nil, default: Bool? = nil,
        required: Bool = false
    ) -> ElicitationField {
        .init(name, title, description, required, .boolean(default: `default`))
    }

    /// One of several values. Titles are shown when every option has one.
    /// - Parameter legacyTitles: Sends the titles as `enumNames`, which 2025-11-25 deprecates, to newer clients too.
    public static func choice(
        _ name: String, _ options: [Option], title: String? = nil, description: String? = nil,
        legacyTitles: Bool = false, default: String? = nil, required: Bool = false
    ) -> ElicitationField {
        .init(name, title, description, required, .choice(options, legacy: legacyTitles, default: `default`))
    }

    /// One of several values, shown as they are.
    public static func choice(
        _ name: String, _ values: [String], title: String? = nil, description: String? = nil,
        default: String? = nil, required: Bool = false
    ) -> ElicitationField {
        .choice(
            name, values.map { Option($0) }, title: title, description: description, default: `default`,
            required: required)
    }

    /// Any number of several values. For clients from 2025-11-25 on.
    public static func choices(
        _ name: String, _ options: [Option], title: String? = nil, description: String? = nil, minItems: Int? = nil,
        maxItems: Int? = nil, default: [String]? = nil, required: Bool = false
    ) -> ElicitationField {
        .init(
            name, title, description, required,
            .choices(options, minItems: minItems, maxItems: maxItems, default: `default`))
    }

    /// Any number of several values, shown as they are. For clients from 2025-11-25 on.
    public static func choices(
        _ name: String, _ values: [String], title: String? = nil, description: String? = nil, minItems: Int? = nil,
        maxItems: Int? = nil, default: [String]? = nil, required: Bool = false
    ) -> ElicitationField {
        .choices(
            name, values.map { Option($0) }, title: title, description: description, minItems: minItems,
            maxItems: maxItems, default: `default`, required: required)
    }
}
