import Foundation
import MCPProtocol
import Testing

@Suite struct JSONFuzzTests {
    static let seeds = JSONCorpus.accepted.map { Array($0.utf8) } + JSONCorpus.refused.map(\.bytes)

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func damagedTextIsEitherRefusedOrConsistent(seed: UInt64) throws {
        var mutator = Mutator(random: SplitMix64(seed: seed))
        var accepted = 0
        for round in 0..<20_000 {
            let bytes = mutator.mutate(Self.seeds[round % Self.seeds.count])
            guard let json = try? JSON(parsing: bytes) else { continue }
            accepted += 1
            let again = try JSON(parsing: Array(json.bytes))
            #expect(again == json)
            #expect(json.detached() == json)
            #expect(try Self.isConsistent(json), "\(json)")
            var writer = JSONWriter()
            writer.value(json)
            #expect(!writer.bytes.contains(0x0A))
            #expect(try JSON(parsing: writer.bytes).count == json.count)
        }
        #expect(accepted > 500)
    }

    /// Every part re-reads as itself, and the ways to look at it agree.
    static func isConsistent(_ json: JSON) throws -> Bool {
        guard try JSON(parsing: Array(json.bytes)) == json else { return false }
        switch json.kind {
        case .array:
            let elements = json.elements ?? []
            return try elements.count == json.count && elements.allSatisfy(isConsistent)
        case .object:
            let members = json.members ?? []
            let names = Set(members.map { Array($0.name.utf8) })
            return try names.count == members.count && members.count == json.count
                && members.allSatisfy { try json[$0.name] == $0.value && isConsistent($0.value) }
        case .string:
            guard let string = json.string else { return false }
            return json.stringEquals(string) && JSON(string).string?.utf8.elementsEqual(string.utf8) == true
        case .number:
            guard let integer = json.integer else { return true }
            return json.number == Double(integer)
        case .bool: return json.bool != nil
        case .null: return json.isNull
        }
    }

    @Test func damagedASCIIIsJudgedAsByAStrictReaderOfAnotherMake() {
        var mutator = Mutator(random: SplitMix64(seed: 5))
        let seeds = Self.seeds.filter { $0.allSatisfy { $0 < 0x80 } }
        for round in 0..<3_000 {
            let bytes = mutator.mutate(seeds[round % seeds.count])
            guard bytes.allSatisfy({ 0 < $0 && $0 < 0x80 }) else { continue }
            // It lets a comma stand before the end of a container.
            let tokens = bytes.filter { $0 > 0x20 }
            if zip(tokens, tokens.dropFirst()).contains(where: { $0 == 0x2C && ($1 == 0x5D || $1 == 0x7D) }) {
                continue
            }
            let other = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            do {
                _ = try JSON(parsing: bytes)
                // It has an upper bound for numbers.
                if !bytes.contains(UInt8(ascii: "e")), !bytes.contains(UInt8(ascii: "E")) {
                    #expect(other, "\(String(decoding: bytes, as: UTF8.self))")
                }
            } catch {
                switch error.reason {
                case .syntax, .trailing, .empty: #expect(!other, "\(String(decoding: bytes, as: UTF8.self))")
                case .encoding, .depth, .duplicateName, .size: break
                }
            }
        }
    }
}
