import MCPProtocol
import MCPTesting
import Synchronization
import Testing

@testable import MCPEngine

@Suite(.timeLimit(.minutes(1))) struct OpenQuestionsTests {
    private let questions = OpenQuestions(epoch: 7, limit: 4)

    private func response(_ id: RequestID, _ result: JSON = "yes") -> Response {
        Response(id: id, result: result, error: nil)
    }

    /// `ask` waits for an answer in a task of its own; what it came to, as a word.
    private func word(_ id: RequestID) async -> String {
        do { return try await questions.answer(to: id).description } catch is CancellationError {
            return "cancelled"
        } catch let error as ClientError {
            return "client \(error.code) \(error.message)"
        } catch { return "over" }
    }

    @Test func anAnswerMayComeBeforeOrAfterItIsWaitedFor() async throws {
        let early = try questions.open()
        questions.deliver(response(early, ["a": 1]))
        #expect(await word(early) == #"{"a":1}"#)

        let late = try questions.open()
        async let waiting = word(late)
        questions.deliver(response(late, 2))
        #expect(await waiting == "2")
    }

    @Test func ofTwoAnswersTheFirstCounts() async throws {
        let id = try questions.open()
        questions.deliver(response(id, 1))
        questions.deliver(response(id, 2))
        questions.closeAll()
        #expect(await word(id) == "1")
    }

    @Test func anErrorOfTheClientIsThrown() async throws {
        let ids = try (0..<2).map { _ in try questions.open() }
        let refusal: JSON = ["code": -1, "message": "User said no"]
        questions.deliver(Response(id: ids[0], result: nil, error: refusal))
        questions.deliver(Response(id: ids[1], result: nil, error: [:]))
        questions.deliver(Response(id: nil, result: nil, error: [:]))
        #expect(await word(ids[0]) == "client -1 User said no")
        #expect(await word(ids[1]) == "client -32603 ")
    }

    @Test func anAnswerToWhatWasNotAskedIsLetGo() async throws {
        let id = try questions.open()
        for stranger in [RequestID.string("7-2"), .string("8-1"), .string("7-01"), .number(1), .string("")] {
            questions.deliver(response(stranger, "stray"))
        }
        questions.deliver(response(id, "mine"))
        #expect(await word(id) == #""mine""#)
    }

    @Test func aLateAnswerToAnotherProcessFitsNoQuestionOfThisOne() async throws {
        let before = OpenQuestions(epoch: 6, limit: 4)
        let (asked, id) = (try before.open(), try questions.open())
        #expect(asked != id)
        questions.deliver(response(asked, "late"))
        questions.deliver(response(id, "right"))
        #expect(await word(id) == #""right""#)
    }

    @Test func soManyQuestionsAreOpenAtOnceAndClosingOneMakesRoom() throws {
        let ids = try (0..<4).map { _ in try questions.open() }
        #expect(Set(ids).count == 4)
        #expect(throws: ToolError.self) { try questions.open() }
        questions.deliver(response(ids[0]))
        #expect(throws: ToolError.self) { try questions.open() }
        questions.close(ids[0])
        let next = try questions.open()
        #expect(!ids.contains(next))
        #expect(throws: ToolError.self) { try questions.open() }
    }

    @Test func whoStopsWaitingIsNotWaitedFor() async throws {
        let id = try questions.open()
        await withTaskGroup(of: String.self) { group in
            group.addTask { await word(id) }
            group.cancelAll()
            #expect(await group.next() == "cancelled")
        }
        // The answer that comes now is too late, and harms nobody.
        questions.deliver(response(id))
        #expect(await word(id) == "cancelled")
    }

    @Test func theEndOfTheSessionEndsEveryQuestionAndAllowsNoMore() async throws {
        let ids = try (0..<3).map { _ in try questions.open() }
        questions.deliver(response(ids[0], "just in time"))
        async let waiting = word(ids[1])
        questions.closeAll()
        questions.deliver(response(ids[1]))
        questions.deliver(response(ids[2]))
        #expect(await waiting == "over")
        #expect(await word(ids[0]) == #""just in time""#)
        #expect(await word(ids[2]) == "over")
        #expect(throws: ToolError.self) { try questions.open() }
    }

    @Test func aQuestionThatIsClosedIsNotWaitedForForEver() async throws {
        let id = try questions.open()
        async let waiting = word(id)
        questions.close(id)
        #expect(await waiting == "over")
        questions.deliver(response(id))
        #expect(await word(id) == "over")
    }

    // MARK: Any order

    /// What a question should come to, kept by hand.
    private struct Shadow {
        var outcomes: [RequestID: String] = [:]
        var open: [RequestID] = []
        var gone: [RequestID] = []
        var isClosed = false
    }

    @Test(arguments: 0..<60) func whateverComesInWhateverOrderEachQuestionHasOneOutcome(seed: Int) async throws {
        var random = SplitMix64(seed: seed)
        var shadow = Shadow()
        for step in 0..<120 {
            let known = shadow.open + shadow.gone
            switch Int.random(in: 0..<10, using: &random) {
            case 0...3:
                let id = try? questions.open()
                #expect((id != nil) == (!shadow.isClosed && shadow.open.count < 4))
                if let id {
                    #expect(!known.contains(id))
                    shadow.open.append(id)
                }
            case 4, 5:
                guard let id = known.randomElement(using: &random) else { continue }
                questions.deliver(response(id, JSON(step)))
                if shadow.open.contains(id), shadow.outcomes[id] == nil { shadow.outcomes[id] = "\(step)" }
            case 6:
                guard let id = known.randomElement(using: &random) else { continue }
                await withTaskGroup(of: Void.self) { group in
                    group.cancelAll()
                    group.addTask { _ = await word(id) }
                }
                if shadow.open.contains(id), shadow.outcomes[id] == nil { shadow.outcomes[id] = "cancelled" }
            case 7, 8:
                guard let id = shadow.open.randomElement(using: &random) else { continue }
                questions.close(id)
                shadow.open.removeAll { $0 == id }
                shadow.gone.append(id)
                shadow.outcomes[id] = "over"
            default:
                guard step > 100 else { continue }
                questions.closeAll()
                shadow.isClosed = true
                for id in shadow.open where shadow.outcomes[id] == nil { shadow.outcomes[id] = "over" }
            }
        }
        questions.closeAll()
        for id in shadow.open + shadow.gone {
            #expect(await word(id) == shadow.outcomes[id] ?? "over")
        }
    }

    @Test func answersCancellationsAndTheEndAtOnceMakeOneOutcome() async throws {
        for _ in 0..<300 {
            let questions = OpenQuestions(epoch: 1, limit: 1)
            let id = try questions.open()
            let answer = response(id)
            await withTaskGroup(of: Bool.self) { group in
                group.addTask { (try? await questions.answer(to: id)) != nil || true }
                group.addTask {
                    questions.deliver(answer)
                    return false
                }
                group.addTask {
                    questions.closeAll()
                    return false
                }
                group.addTask {
                    questions.close(id)
                    return false
                }
                #expect(await group.reduce(0) { $0 + ($1 ? 1 : 0) } == 1)
            }
        }
    }
}
