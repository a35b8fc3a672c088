import CoreMetrics
import MCPEngine
import Metrics
import Testing

struct PrometheusTests {
    let registry = PrometheusRegistry()

    private func lines(_ registry: PrometheusRegistry? = nil) -> [String] {
        (registry ?? self.registry).text().split(separator: "\n").map(String.init)
    }

    private func value(_ sample: String) -> String? {
        lines().first { $0.hasPrefix(sample + " ") }.map { String($0.dropFirst(sample.count + 1)) }
    }

    @Test func aCounterEndsInTotalOnceAndNeverGoesDown() {
        let counter = Counter(label: "requests", factory: registry)
        counter.increment(by: 3)
        counter.increment(by: -2)
        Counter(label: "resumes_total", factory: registry).increment()
        #expect(value("requests_total") == "3")
        #expect(value("resumes_total") == "1")
        #expect(lines().contains("# TYPE requests_total counter"))
        counter.reset()
        #expect(value("requests_total") == "0")
    }

    @Test func theSameNameAndLabelsAreTheSameSeriesInWhateverOrder() {
        Counter(label: "calls", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "calls", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        #expect(value(#"calls_total{a="1",b="2"}"#) == "2")
    }

    @Test func fractionsAreCountedExactly() {
        let counter = FloatingPointCounter(label: "seconds", factory: registry)
        counter.increment(by: 0.25)
        counter.increment(by: 0.5)
        counter.increment(by: Double.nan)
        counter.increment(by: -1)
        #expect(value("seconds_total") == "0.75")
    }

    @Test func aMeterAndAGaugeShowTheirLastValue() {
        let meter = Meter(label: "in_flight", factory: registry)
        meter.set(5)
        meter.increment(by: 2)
        meter.decrement(by: 3)
        #expect(value("in_flight") == "4")
        Gauge(label: "temperature", factory: registry).record(-2.5)
        #expect(value("temperature") == "-2.5")
        #expect(lines().contains("# TYPE temperature gauge"))
    }

    @Test(arguments: [(Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300"), (0.1, "0.1")])
    func everyDoubleIsWrittenAsPrometheusReadsIt(_ number: Double, _ text: String) {
        Gauge(label: "g", factory: registry).record(number)
        #expect(value("g") == text)
    }

    @Test func anAggregatingRecorderIsASummary() {
        let recorder = Recorder(label: "sizes", factory: registry)
        recorder.record(10)
        recorder.record(2.5)
        #expect(value("sizes_sum") == "12.5")
        #expect(value("sizes_count") == "2")
        #expect(lines().contains("# TYPE sizes summary"))
    }

    @Test func aTimerIsAHistogramInSecondsWithCumulativeBuckets() {
        let timer = Timer(label: "duration", dimensions: [("m", "x")], factory: registry)
        for nanoseconds in [500_000, 500_001, 3_000_000, 59_000_000_000, 61_000_000_000, -5] as [Int64] {
            timer.recordNanoseconds(nanoseconds)
        }
        let buckets = lines().filter { $0.hasPrefix("duration_seconds_bucket") }
        #expect(buckets.count == 17)
        #expect(value(#"duration_seconds_bucket{m="x",le="0.0005"}"#) == "2")
        #expect(value(#"duration_seconds_bucket{m="x",le="0.001"}"#) == "3")
        #expect(value(#"duration_seconds_bucket{m="x",le="0.0025"}"#) == "3")
        #expect(value(#"duration_seconds_bucket{m="x",le="0.005"}"#) == "4")
        #expect(value(#"duration_seconds_bucket{m="x",le="30"}"#) == "4")
        #expect(value(#"duration_seconds_bucket{m="x",le="60"}"#) == "5")
        #expect(value(#"duration_seconds_bucket{m="x",le="+Inf"}"#) == "6")
        #expect(value(#"duration_seconds_count{m="x"}"#) == "6")
        #expect(value(#"duration_seconds_sum{m="x"}"#).flatMap(Double.init) == 120.004000001)
        let counts = buckets.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        #expect(counts == counts.sorted())
    }

    @Test func namesAndLabelsAreMadeValid() {
        Counter(label: "9 lives.of-é", dimensions: [("a-b", "v"), ("1st", "w")], factory: registry).increment()
        #expect(value(#"_9_lives_of___total{_1st="w",a_b="v"}"#) == "1")
        Timer(label: "t", dimensions: [("le", "mine")], factory: registry).recordNanoseconds(1)
        #expect(value(#"t_seconds_count{le_="mine"}"#) == "1")
    }

    @Test func valuesAndHelpAreEscaped() {
        let registry = PrometheusRegistry(help: ["c_total": "back\\slash\nline \"quoted\""])
        Counter(label: "c", dimensions: [("v", "a\\b\"c\nd")], factory: registry).increment()
        #expect(lines(registry).contains(#"# HELP c_total back\\slash\nline "quoted""#))
        #expect(lines(registry).contains(#"c_total{v="a\\b\"c\nd"} 1"#))
    }

    @Test func theOrderIsStableAndEveryFamilyIsWhole() {
        for name in ["zebra", "ant", "moth"] {
            for value in ["2", "1"] { Counter(label: name, dimensions: [("n", value)], factory: registry).increment() }
        }
        let samples = lines().filter { !$0.hasPrefix("#") }
        #expect(samples == samples.sorted())
        #expect(lines() == lines())
        #expect(lines().filter { $0.hasPrefix("# TYPE") }.count == 4)
        #expect(registry.text().hasSuffix("\n"))
    }

    @Test func tooManySeriesAreRefusedAndCounted() {
        let registry = PrometheusRegistry(maxSeries: 3)
        for value in 0..<10 { Counter(label: "c", dimensions: [("v", "\(value)")], factory: registry).increment() }
        #expect(lines(registry).filter { $0.hasPrefix("c_total{") }.count == 3)
        #expect(lines(registry).contains("holdfast_metrics_series_refused_total 7"))
        // What is known already still counts.
        Counter(label: "c", dimensions: [("v", "0")], factory: registry).increment()
        #expect(lines(registry).contains(#"c_total{v="0"} 2"#))
    }

    @Test func aNameThatAnotherTypeHasIsRefused() {
        Meter(label: "x_total", factory: registry).set(7)
        Counter(label: "x", factory: registry).increment()
        #expect(lines().filter { $0.hasPrefix("x_total") } == ["x_total 7"])
        #expect(value("holdfast_metrics_series_refused_total") == "1")
    }

    @Test func whatIsDestroyedIsForgottenAndMakesRoom() {
        let registry = PrometheusRegistry(maxSeries: 1)
        let first = Counter(label: "first", factory: registry)
        first.increment()
        first.destroy()
        Counter(label: "second", factory: registry).increment()
        #expect(lines(registry).contains("second_total 1"))
        #expect(!lines(registry).contains { $0.contains("first") })
    }

    @Test func concurrentIncrementsAreExact() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { [registry] in
                    let timer = Timer(label: "t", factory: registry)
                    for _ in 0..<2_000 {
                        Counter(label: "c", factory: registry).increment()
                        FloatingPointCounter(label: "f", factory: registry).increment(by: 0.5)
                        Meter(label: "g", factory: registry).increment(by: 1)
                        timer.recordNanoseconds(1_000_000)
                    }
                }
            }
        }
        #expect(value("c_total") == "16000" && value("f_total") == "8000" && value("g") == "16000")
        #expect(value("t_seconds_count") == "16000" && value("t_seconds_sum") == "16")
        #expect(value("holdfast_metrics_series_refused_total") == "0")
    }

    @Test func everyLineIsACommentOrASample() throws {
        Counter(label: "a", dimensions: [("x", "y z{}=\",")], factory: registry).increment()
        Timer(label: "b", factory: registry).recordNanoseconds(5)
        Recorder(label: "c", factory: registry).record(1)
        let sample =
            /[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_]\w*="([^"\\\n]|\\.)*"(,[a-zA-Z_]\w*="([^"\\\n]|\\.)*")*\})? \S+/
        for line in lines() where !line.hasPrefix("# TYPE ") && !line.hasPrefix("# HELP ") {
            #expect(line.wholeMatch(of: sample) != nil, "\(line)")
        }
    }
}
