/// Names and secrets that nobody can guess.
package enum RandomText {
    /// 25 of these carry 129 bits, 50 carry 258.
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".unicodeScalars)

    /// That many characters out of `0–9` and `a–z`.
    package static func lowercase(_ count: Int, from random: any RandomSource = SystemRandom()) -> String {
        var generator = Chance(random)
        var text = String.UnicodeScalarView()
        for _ in 0..<count {
            text.append(alphabet[Int.random(in: alphabet.indices, using: &generator)])
        }
        return String(text)
    }
}
