import Foundation

#if FUZZING
    private let target = ProcessInfo.processInfo.environment["FUZZ_TARGET"].flatMap { FuzzTarget(rawValue: $0) }

    /// What libFuzzer calls; `FUZZ_TARGET` names the target.
    @_cdecl("LLVMFuzzerTestOneInput")
    public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        guard let target else { preconditionFailure("FUZZ_TARGET must be one of \(FuzzTarget.allCases)") }
        target.play(Array(UnsafeBufferPointer(start: data, count: count)))
        return 0
    }
#else
    /// Plays the corpus once: what was found before stays mended. Built with `-sanitize=fuzzer` it is the fuzzer itself;
    /// see `Scripts/fuzz`.
    @main struct Fuzz {
        static func main() throws {
            guard let corpus = CommandLine.arguments.dropFirst().first.map({ URL(filePath: $0) }) else {
                print("usage: fuzz CORPUS")
                exit(64)
            }
            var count = 0
            for target in FuzzTarget.allCases {
                let folder = corpus.appending(path: target.rawValue)
                for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
                    target.play(Array(try Data(contentsOf: folder.appending(path: name))))
                    count += 1
                }
            }
            print("\(count) inputs, \(FuzzTarget.allCases.count) targets: nothing found")
        }
    }
#endif
