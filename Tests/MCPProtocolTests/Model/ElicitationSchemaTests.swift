import MCPProtocol
import Testing

@Suite struct ElicitationSchemaTests {
    static let options = [ElicitationField.Option("a", title: "A"), .init("b", title: "B")]

    @Test(
        arguments: [
            (
                .string(
                    "f", title: "T", description: "D", format: .email, minLength: 3, maxLength: 50, default: "x@y.z"),
                #"{"type":"string","title":"T","description":"D","minLength":3,"maxLength":50,"format":"email","default":"x@y.z"}"#
            ),
            (
                .integer("f", minimum: 1, maximum: 9, default: 3),
                #"{"type":"integer","minimum":1,"maximum":9,"default":3}"#
            ),
            (
                .number("f", minimum: 0, maximum: 100, default: 95.5),
                #"{"type":"number","minimum":0,"maximum":100,"default":95.5}"#
            ),
            (.boolean("f", default: true), #"{"type":"boolean","default":true}"#),
            (.choice("f", ["a", "b"], default: "a"), #"{"type":"string","enum":["a","b"],"default":"a"}"#),
            (
                .choice("f", options),
                #"{"type":"string","oneOf":[{"const":"a","title":"A"},{"const":"b","title":"B"}]}"#
            ),
            (
                .choice("f", options, legacyTitles: true),
                #"{"type":"string","enum":["a","b"],"enumNames":["A","B"]}"#
            ),
            (
                .choices("f", ["a", "b"], minItems: 1, maxItems: 2, default: ["a"]),
                #"{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string","enum":["a","b"]},"default":["a"]}"#
            ),
            (
                .choices("f", options),
                #"{"type":"array","items":{"anyOf":[{"const":"a","title":"A"},{"const":"b","title":"B"}]}}"#
            ),
        ] as [(ElicitationField, String)])
    func aFieldIsWrittenAsItsSchemaAndRead(field: ElicitationField, schema: String) throws {
        let json = field.json(for: .v2026_07_28)
        #expect(json.description == schema)
        #expect(try ElicitationField(name: "f", required: false, schema: json, at: "f") == field)
    }

    @Test func oldClientsGetTitlesTheOldWayAndNoListsOfChoices() {
        let titled = ElicitationSchema([.choice("f", Self.options)])
        #expect(
            titled.json(for: .v2025_06_18)["properties"]?["f"]?.description
                == #"{"type":"string","enum":["a","b"],"enumNames":["A","B"]}"#)
        #expect(titled.isAvailable(in: .v2025_06_18))
        let several = ElicitationSchema([.choices("f", ["a"])])
        #expect(!several.isAvailable(in: .v2025_06_18))
        #expect(several.isAvailable(in: .v2025_11_25))
    }

    @Test func aFormNamesWhatIsRequiredAndIsReadAgain() throws {
        let form = ElicitationSchema([
            .string("z", required: true), .integer("a"), .choices("m", Self.options, required: true),
        ])
        let json = form.json(for: .v2026_07_28)
        #expect(json["required"]?.description == #"["z","m"]"#)
        #expect(json["properties"]?.members?.map(\.name) == ["z", "a", "m"])
        #expect(try ElicitationSchema(json) == form)
        #expect(ElicitationSchema([]).json(for: .v2026_07_28).description == #"{"type":"object","properties":{}}"#)
        #expect(throws: ShapeError.self) { try ElicitationSchema(["properties": ["f": ["type": "object"]]]) }
        #expect(throws: ShapeError("requestedSchema.properties.f.items", "an object")) {
            try ElicitationSchema(["properties": ["f": ["type": "array"]]])
        }
    }

    static let form = ElicitationSchema([
        .string("s", minLength: 2, maxLength: 3, required: true), .integer("i", minimum: 1, maximum: 9),
        .number("n", minimum: 0.5, maximum: 1), .boolean("b"), .choice("c", options),
        .choices("m", ["x", "y"], minItems: 1, maxItems: 2),
    ])

    @Test(
        arguments: [
            (#"{"s":"ab"}"#, nil),
            (#"{"s":"ab","i":3.0,"n":1,"b":false,"c":"b","m":["x","y"],"other":{}}"#, nil),
            (#"{"s":"ab","i":null}"#, nil),
            (#"{"s":"日本語"}"#, nil),
            ("[]", "The content must be an object"),
            (#"{}"#, #""s" is missing"#),
            (#"{"s":null}"#, #""s" is missing"#),
            (#"{"s":1}"#, #""s" must be a string"#),
            (#"{"s":"a"}"#, #""s" must be at least 2 characters long"#),
            (#"{"s":"abcd"}"#, #""s" must be at most 3 characters long"#),
            (#"{"s":"ab","i":1.5}"#, #""i" must be an integer"#),
            (#"{"s":"ab","i":"1"}"#, #""i" must be an integer"#),
            (#"{"s":"ab","i":0}"#, #""i" must be at least 1"#),
            (#"{"s":"ab","i":10}"#, #""i" must be at most 9"#),
            (#"{"s":"ab","n":0.4}"#, #""n" must be at least 0.5"#),
            (#"{"s":"ab","n":1.1}"#, #""n" must be at most 1"#),
            (#"{"s":"ab","n":true}"#, #""n" must be a number"#),
            (#"{"s":"ab","b":"true"}"#, #""b" must be true or false"#),
            (#"{"s":"ab","c":"A"}"#, #""c" must be one of "a", "b""#),
            (#"{"s":"ab","m":"x"}"#, #""m" must be an array"#),
            (#"{"s":"ab","m":["z"]}"#, #""m" must be an array of "x", "y""#),
            (#"{"s":"ab","m":[]}"#, #""m" must be at least 1 of "x", "y""#),
            (#"{"s":"ab","m":["x","y","x"]}"#, #""m" must be at most 2 of "x", "y""#),
        ] as [(String, String?)])
    func contentIsHeldAgainstTheForm(content: String, problem: String?) throws {
        #expect(Self.form.problem(in: try JSON(parsing: Array(content.utf8))) == problem)
    }
}
