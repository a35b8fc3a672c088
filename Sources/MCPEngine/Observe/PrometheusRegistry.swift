package import CoreMetrics
import Synchronization

/// A swift-metrics backend that is read as Prometheus text.
///
/// - Counters get the suffix `_total` unless they have it; those that take fractions too.
/// - Meters, and recorders that do not aggregate, are gauges.
/// - Recorders that aggregate are summaries without quantiles: `_sum` and `_count`.
/// - Timers get the suffix `_seconds` unless they have it, and are histograms with ``PrometheusHistogram/bounds``.
///
/// Whatever a name may not hold becomes `_`. Asking twice for the same name and labels gives the same series. Series are
/// bounded: one that would be too many, or whose name is taken by another type, counts nothing, and is counted itself in
/// `holdfast_metrics_series_refused_total`.
package final class PrometheusRegistry: MetricsFactory, Sendable {
    /// The `Content-Type` of ``text()``.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct Family {
        let type: PrometheusType
        var series: [String: any PrometheusSeries] = [:]
    }

    private struct Contents {
        var families: [String: Family] = [:]
        var count = 0
    }

    private let maxSeries: Int
    private let help: [String: String]
    private let contents = Mutex(Contents())
    private let refused = PrometheusCounter()

    /// - Parameters:
    ///   - maxSeries: The most combinations of a name and its labels.
    ///   - help: What a metric means, by its full name as exposed.
    package init(maxSeries: Int = 2_000, help: [String: String] = [:]) {
        self.maxSeries = maxSeries
        self.help = help
    }

    // MARK: Reading

    /// Every series in the Prometheus text format 0.0.4, sorted by name and labels.
    package func text() -> String {
        let families = contents.withLock { $0.families }
        var text = PrometheusText()
        let overflow = Family(type: .counter, series: ["": refused])
        for (name, family) in (families.map { ($0.key, $0.value) } + [(Self.refusedName, overflow)])
            .sorted(by: { $0.0 < $1.0 })
        {
            text.begin(name, type: family.type, help: name == Self.refusedName ? Self.refusedHelp : help[name])
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name: name, labels: labels, to: &text)
            }
        }
        return text.text
    }

    private static let refusedName = "holdfast_metrics_series_refused_total"
    private static let refusedHelp = "Series that were not kept because there were too many or their name was taken."

    // MARK: Making

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, suffix: "_total", .counter, dimensions) { PrometheusCounter() }
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, suffix: "_total", .counter, dimensions) { PrometheusFractionalCounter() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, suffix: "", .gauge, dimensions) { PrometheusGauge() }
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate
            ? series(label, suffix: "", .summary, dimensions) { PrometheusSummary() }
            : series(label, suffix: "", .gauge, dimensions) { PrometheusGauge() }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, suffix: "_seconds", .histogram, dimensions) { PrometheusHistogram() }
    }

    private func series<Series: PrometheusSeries>(
        _ label: String, suffix: String, _ type: PrometheusType, _ dimensions: [(String, String)],
        make: () -> Series
    ) -> Series {
        let name = PrometheusText.name(label, suffix: suffix)
        let labels = PrometheusText.labels(dimensions, reserved: type.reservedLabel)
        let found: Series? = contents.withLock { contents in
            var family = contents.families[name] ?? Family(type: type)
            if let known = family.series[labels] { return known as? Series }
            guard family.type == type, contents.count < maxSeries, name != Self.refusedName else { return nil }
            let series = make()
            family.series[labels] = series
            contents.families[name] = family
            contents.count += 1
            return series
        }
        if let found { return found }
        refused.increment(by: 1)
        return make()
    }

    // MARK: Forgetting

    package func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    private func forget(_ handler: AnyObject) {
        contents.withLock { contents in
            for (name, family) in contents.families {
                guard let labels = family.series.first(where: { $0.value === handler })?.key else { continue }
                contents.families[name]?.series[labels] = nil
                if contents.families[name]?.series.isEmpty == true { contents.families[name] = nil }
                contents.count -= 1
                return
            }
        }
    }
}
