import FoundationEssentials
import MCPProtocol
import MCPTesting
import Testing

@testable import MCPEngine

@Suite struct TaskWireTests {
    private func record(_ events: (inout TaskMachine) -> Void = { _ in }) -> TaskRecord {
        var machine = TaskMachine(at: .at(0))
        events(&machine)
        return TaskRecord(
            id: "t1", owner: "ann", tool: "dig", created: .at(0), ttl: 60_000, pollInterval: 500, machine: machine)
    }

    private let working = """
        "taskId":"t1","status":"working","createdAt":"2027-01-15T08:00:00.000Z",\
        "lastUpdatedAt":"2027-01-15T08:00:00.000Z","ttlMs":60000,"pollIntervalMs":500
        """

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func aCreatedTaskIsFlatAndHasAnEmptyContent() {
        #expect(
            text(TaskWire.created(record(), meta: ["a": 1]))
                == #"{"resultType":"task",\#(working),"content":[],"_meta":{"a":1}}"#)
    }

    @Test func aTaskThatWorksIsItsFields() {
        #expect(text(TaskWire.state(record())) == #"{"resultType":"complete",\#(working)}"#)
        #expect(text(TaskWire.notification(record(), meta: ["s": 7])) == #"{\#(working),"_meta":{"s":7}}"#)
    }

    @Test func aTaskForEverHasTheTTLNull() throws {
        var record = record()
        (record.ttl, record.pollInterval) = (nil, nil)
        let json = try JSON(parsing: TaskWire.state(record))
        #expect(json["ttlMs"]?.isNull == true && json["pollIntervalMs"] == nil)
    }

    @Test func onlyWhatIsUnansweredIsAsked() throws {
        let asking = record { machine in
            _ = machine.ask(["a": ["method": "x"], "b": ["n": 1.50]], count: 9, bytes: 99, at: .at(0.25))
            _ = machine.answer(["a": [:]], bytes: 99, at: .at(1.5))
        }
        let json = try JSON(parsing: TaskWire.state(asking))
        #expect(json["status"]?.string == "input_required")
        #expect(json["inputRequests"]?.description == #"{"b":{"n":1.5}}"#)
        #expect(json["lastUpdatedAt"]?.string == "2027-01-15T08:00:01.500Z")
        #expect(json["result"] == nil && json["error"] == nil)
    }

    @Test func theResultIsPassedOnByteByByte() throws {
        let result = #"{"content":[],"isError":true,"x":1.50}"#
        let json = try JSON(
            parsing: TaskWire.notification(record { _ = $0.finish(.result(Array(result.utf8)), at: .at(1)) }))
        #expect(json["status"]?.string == "completed" && json["result"]?.description == result)
        #expect(json["error"] == nil && json["inputRequests"] == nil && json["resultType"] == nil)
    }

    @Test func aFailureHasItsErrorAndSaysItInTheMessage() throws {
        let error = RPCError(code: -5, message: "no rock", data: ["a": 1])
        let json = try JSON(parsing: TaskWire.state(record { _ = $0.finish(.error(error), at: .at(1)) }))
        #expect(json["status"]?.string == "failed" && json["statusMessage"]?.string == "no rock")
        #expect(json["error"]?.description == #"{"code":-5,"message":"no rock","data":{"a":1}}"#)
        #expect(json["result"] == nil)
    }

    @Test func aCancelledTaskHasNeitherResultNorErrorNorQuestions() throws {
        let json = try JSON(
            parsing: TaskWire.state(
                record { machine in
                    _ = machine.ask(["a": [:]], count: 9, bytes: 99, at: .at(0))
                    _ = machine.cancel(at: .at(1))
                }))
        #expect(json["status"]?.string == "cancelled")
        #expect(json["result"] == nil && json["error"] == nil && json["inputRequests"] == nil)
    }

    @Test func anAcknowledgmentSaysNothingElse() {
        #expect(text(TaskWire.acknowledgment()) == #"{"resultType":"complete"}"#)
    }
}
