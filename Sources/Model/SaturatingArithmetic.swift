/// Arithmetic with numbers from outside: a result that does not fit becomes the nearest that does, and never ends the process.
extension FixedWidthInteger {
    package func saturatingAdding(_ other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    package func saturatingSubtracting(_ other: Self) -> Self {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other > 0 ? .min : .max) : difference
    }

    package func saturatingMultiplied(by factor: Self) -> Self {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? ((self < 0) == (factor < 0) ? .max : .min) : product
    }
}

extension Duration {
    /// To the millisecond; zero for what is no number or too large to be a time.
    package init(inSeconds seconds: Double) {
        self = .milliseconds(Int64(exactly: (seconds * 1000).rounded()) ?? 0)
    }
}
