/// A point in wall-clock time: nanoseconds since 1970-01-01T00:00:00Z, leap seconds ignored. What lies before 1677 or after
/// 2262 becomes the first or last time there is.
package struct Timestamp: Hashable, Sendable, Comparable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package init(seconds: Int64) { self.init(nanoseconds: seconds.saturatingMultiplied(by: 1_000_000_000)) }

    package var seconds: Int64 { nanoseconds / 1_000_000_000 }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

    package static func + (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(nanoseconds: left.nanoseconds.saturatingAdding(right.nanoseconds))
    }

    package static func - (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(nanoseconds: left.nanoseconds.saturatingSubtracting(right.nanoseconds))
    }

    package static func - (left: Timestamp, right: Timestamp) -> Duration {
        .nanoseconds(left.nanoseconds.saturatingSubtracting(right.nanoseconds))
    }
}

extension Duration {
    /// Whole nanoseconds; about ±292 years fit, and what is longer becomes that.
    package var nanoseconds: Int64 {
        // `components` traps where the seconds alone do not fit, and a recording may hold any duration.
        let (seconds, attoseconds) = min(max(self, Self.shortest), Self.longest).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    private static let shortest: Duration = .nanoseconds(Int64.min)
    private static let longest: Duration = .nanoseconds(Int64.max)

    package var milliseconds: Int64 { nanoseconds / 1_000_000 }

    /// As a person writes it: `0.42 s`, `12 s`, `3 min`.
    package var readable: String {
        let milliseconds = milliseconds
        switch milliseconds {
        case ..<10_000:
            let hundredths = (milliseconds + 5) / 10
            return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) s"
        case ..<120_000: return "\(milliseconds / 1000) s"
        default: return "\(milliseconds / 60_000) min"
        }
    }
}

extension Timestamp: CustomStringConvertible, Codable {
    /// ISO 8601 in UTC with milliseconds: `2026-11-24T03:37:00.000Z`.
    package var description: String { text(fractionDigits: 3) }

    private func text(fractionDigits: Int) -> String {
        let (days, secondOfDay) = seconds.quotientAndRemainder(flooringBy: 86_400)
        let (year, month, day) = Self.civil(daysSinceEpoch: days)
        let fraction = Self.padded(((nanoseconds % 1_000_000_000) + 1_000_000_000) % 1_000_000_000, 9)
        let date = "\(year)-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        let clock = [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map { Self.padded($0, 2) }
        return "\(date)T\(clock.joined(separator: ":")).\(fraction.prefix(fractionDigits))Z"
    }

    /// The UTC day: `2026-11-24`.
    package var day: String { String(description.prefix(10)) }

    /// Howard Hinnant's `civil_from_days` (https://howardhinnant.github.io/date_algorithms.html).
    private static func civil(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (daysSinceEpoch + 719_468).quotientAndRemainder(flooringBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Of a civil date: `days_from_civil` (https://howardhinnant.github.io/date_algorithms.html).
    package static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = year.quotientAndRemainder(flooringBy: 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Whole milliseconds as `description` writes them, anything finer with nine digits: nothing is lost.
    private var exactText: String { text(fractionDigits: nanoseconds % 1_000_000 == 0 ? 3 : 9) }

    /// Parses what `description` or `exactText` writes; nil for any other form.
    package init?(_ text: String) {
        guard let time = Timestamp(rfc3339: text), [3, 9].contains(where: { time.text(fractionDigits: $0) == text })
        else {
            return nil
        }
        self = time
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let time = Timestamp(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no timestamp"))
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(exactText)
    }
}

extension Int64 {
    fileprivate func quotientAndRemainder(flooringBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
