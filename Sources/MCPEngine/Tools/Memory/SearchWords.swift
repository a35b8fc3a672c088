/// The words of a text, in their order.
///
/// A word is a run of letters, marks and digits, cut after ``longest`` characters. In scripts that are written without
/// spaces every character is a word of its own. Everything else only separates.
package struct SearchWords: Sequence, IteratorProtocol {
    package struct Word {
        package var range: Range<String.Index>
        /// A single character of a script without spaces.
        package var isIdeograph: Bool
        /// Nothing stands between this word and the one before.
        package var followsOn: Bool
    }

    /// In Unicode scalars.
    package static let longest = 64

    private let scalars: String.UnicodeScalarView
    private var index: String.Index

    package init(_ text: String) {
        scalars = text.unicodeScalars
        index = scalars.startIndex
    }

    package mutating func next() -> Word? {
        let before = index
        while index < scalars.endIndex, !Self.isWord(scalars[index]) { scalars.formIndex(after: &index) }
        guard index < scalars.endIndex else { return nil }
        let start = index
        let followsOn = start == before && start > scalars.startIndex
        if Self.isIdeograph(scalars[index]) {
            scalars.formIndex(after: &index)
            return Word(range: start..<index, isIdeograph: true, followsOn: followsOn)
        }
        var end = index
        var length = 0
        while index < scalars.endIndex, Self.isWord(scalars[index]), !Self.isIdeograph(scalars[index]) {
            scalars.formIndex(after: &index)
            length += 1
            if length <= Self.longest { end = index }
        }
        return Word(range: start..<end, isIdeograph: false, followsOn: followsOn)
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return switch scalar.value {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
        }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber, .letterNumber, .otherNumber, .privateUse:
            true
        default: false
        }
    }

    /// Kana, Han and Hangul.
    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3040...0x30FF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0x20000...0x3FFFF:
            true
        default: false
        }
    }
}
