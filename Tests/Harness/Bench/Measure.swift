/// One line of the table: what was measured, several times.
struct Measure {
    enum Target {
        case atMost(Double)
        case atLeast(Double)
        case exactly(Double)

        func isMet(by value: Double) -> Bool {
            switch self {
            case .atMost(let limit): value <= limit
            case .atLeast(let limit): value >= limit
            case .exactly(let wanted): value == wanted
            }
        }
    }

    let name: String
    let unit: Unit
    let values: [Double]
    var target: Target?

    init(_ name: String, _ unit: Unit, _ values: [Double], _ target: Target? = nil) {
        (self.name, self.unit, self.values, self.target) = (name, unit, values.sorted(), target)
    }

    /// Of an even number of values, the mean of the middle two.
    var median: Double {
        guard !values.isEmpty else { return .nan }
        let middle = values.count / 2
        return values.count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
    }

    var isMet: Bool? { target.map { $0.isMet(by: median) } }

    enum Unit: String {
        case count = ""
        case times = "×"
        case seconds = "s"
        case milliseconds = "ms"
        case megabytes = "MB"
        case ticksPerSecond = "ticks/s"

        /// With as many digits as mean something.
        func text(_ value: Double) -> String {
            let decimals =
                switch self {
                case .count: 0
                case .megabytes: 1
                case .times, .seconds, .milliseconds, .ticksPerSecond: 2
                }
            return fixed(value, decimals) + (self == .count ? "" : " \(rawValue)")
        }
    }
}

/// `value` with `decimals` digits after its point.
private func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = Int((value * scale).rounded())
    guard decimals > 0 else { return String(scaled) }
    let digits = String(scaled.magnitude)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return "\(scaled < 0 ? "-" : "")\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
}
