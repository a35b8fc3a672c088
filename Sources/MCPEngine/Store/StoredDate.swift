package import FoundationEssentials

/// Dates as stores keep them: to the millisecond.
extension Date {
    /// Since 1970, rounded; dates beyond what fits are held at the end.
    package var milliseconds: Int64 {
        let exact = (timeIntervalSince1970 * 1000).rounded()
        return exact >= 9.2e18 ? .max : exact <= -9.2e18 ? .min : Int64(exact)
    }

    package init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }

    /// The same date without anything finer than a millisecond.
    package var wholeMilliseconds: Date { Date(milliseconds: milliseconds) }
}
