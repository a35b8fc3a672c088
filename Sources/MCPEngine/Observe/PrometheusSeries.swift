import CoreMetrics
import Synchronization

enum PrometheusType: String {
    case counter, gauge, summary, histogram

    /// The label that the type itself writes.
    var reservedLabel: String? { self == .histogram ? "le" : nil }
}

/// One combination of a name and its labels. Writing to it takes no lock.
protocol PrometheusSeries: AnyObject, Sendable {
    func write(name: String, labels: String, to text: inout PrometheusText)
}

final class PrometheusCounter: CounterHandler, PrometheusSeries {
    private let value = Atomic<UInt64>(0)

    func increment(by amount: Int64) {
        if amount > 0 { value.wrappingAdd(UInt64(amount), ordering: .relaxed) }
    }

    func reset() { value.store(0, ordering: .relaxed) }

    func write(name: String, labels: String, to text: inout PrometheusText) {
        text.sample(name, labels: labels, value.load(ordering: .relaxed))
    }
}

final class PrometheusFractionalCounter: FloatingPointCounterHandler, PrometheusSeries {
    private let value = AtomicDouble()

    func increment(by amount: Double) {
        if amount > 0, amount.isFinite { value.add(amount) }
    }

    func reset() { value.store(0) }

    func write(name: String, labels: String, to text: inout PrometheusText) {
        text.sample(name, labels: labels, value.load())
    }
}

final class PrometheusGauge: MeterHandler, RecorderHandler, PrometheusSeries {
    private let value = AtomicDouble()

    func set(_ value: Int64) { self.value.store(Double(value)) }
    func set(_ value: Double) { self.value.store(value) }
    func increment(by amount: Double) { value.add(amount) }
    func decrement(by amount: Double) { value.add(-amount) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    func write(name: String, labels: String, to text: inout PrometheusText) {
        text.sample(name, labels: labels, value.load())
    }
}

final class PrometheusSummary: RecorderHandler, PrometheusSeries {
    private let count = Atomic<UInt64>(0)
    private let sum = AtomicDouble()

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        count.wrappingAdd(1, ordering: .relaxed)
        sum.add(value)
    }

    func write(name: String, labels: String, to text: inout PrometheusText) {
        text.sample(name + "_sum", labels: labels, sum.load())
        text.sample(name + "_count", labels: labels, count.load(ordering: .relaxed))
    }
}

final class PrometheusHistogram: TimerHandler, PrometheusSeries {
    /// The upper bounds of the buckets in seconds, each inclusive, as text and in nanoseconds; `+Inf` follows.
    static let bounds: [(text: String, nanoseconds: Int64)] = [
        ("0.0005", 500_000), ("0.001", 1_000_000), ("0.0025", 2_500_000), ("0.005", 5_000_000), ("0.01", 10_000_000),
        ("0.025", 25_000_000), ("0.05", 50_000_000), ("0.1", 100_000_000), ("0.25", 250_000_000),
        ("0.5", 500_000_000), ("1", 1_000_000_000), ("2.5", 2_500_000_000), ("5", 5_000_000_000),
        ("10", 10_000_000_000), ("30", 30_000_000_000), ("60", 60_000_000_000),
    ]

    private final class Bucket: Sendable {
        let count = Atomic<UInt64>(0)
    }

    /// One for each bound and one beyond; not yet cumulative.
    private let buckets = (0...PrometheusHistogram.bounds.count).map { _ in Bucket() }
    private let nanoseconds = Atomic<UInt64>(0)

    func recordNanoseconds(_ duration: Int64) {
        let duration = max(0, duration)
        let index = Self.bounds.firstIndex { duration <= $0.nanoseconds } ?? Self.bounds.count
        buckets[index].count.wrappingAdd(1, ordering: .relaxed)
        nanoseconds.wrappingAdd(UInt64(duration), ordering: .relaxed)
    }

    func write(name: String, labels: String, to text: inout PrometheusText) {
        var cumulative: UInt64 = 0
        for (bucket, bound) in zip(buckets, Self.bounds.map(\.text) + ["+Inf"]) {
            cumulative += bucket.count.load(ordering: .relaxed)
            let le = "le=\"\(bound)\""
            text.sample(name + "_bucket", labels: labels.isEmpty ? le : "\(labels),\(le)", cumulative)
        }
        text.sample(name + "_sum", labels: labels, Double(nanoseconds.load(ordering: .relaxed)) / 1e9)
        text.sample(name + "_count", labels: labels, cumulative)
    }
}

/// A double that several threads may add to.
private struct AtomicDouble: ~Copyable, Sendable {
    private let bits = Atomic<UInt64>(0)

    func load() -> Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
    func store(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var known = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: known) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: known, desired: sum, ordering: .relaxed)
            if exchanged { return }
            known = original
        }
    }
}
