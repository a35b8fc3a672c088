package import Testing

/// What a test proves: ids of `Tests/requirements.txt`. `Scripts/check` fails when an id has no test, or a test names
/// an id that is not there.
package struct Requirement: TestTrait, SuiteTrait {
    package let ids: [String]
}

extension Trait where Self == Requirement {
    package static func requirement(_ ids: String...) -> Requirement { Requirement(ids: ids) }
}
