/// The outcome of one step; logs, reports, metrics and notices use the same four words.
package enum Outcome: Hashable, Sendable {
    case unchanged
    /// What was done, as a clause: "created A 198.51.100.7".
    case changed(String)
    /// Landfall will not: bad input, or a record that it does not own. It stays refused until a person changes something.
    case refused(String)
    /// Landfall could not; the next run tries again.
    case failed(String)

    package var word: String {
        switch self {
        case .unchanged: "unchanged"
        case .changed: "changed"
        case .refused: "refused"
        case .failed: "failed"
        }
    }

    package var detail: String? {
        switch self {
        case .unchanged: nil
        case .changed(let detail), .refused(let detail), .failed(let detail): detail
        }
    }
}

extension Outcome {
    /// The length of a text in a report. How much there would be to say, labels decide.
    package static let textLimit = 1000

    /// With a text for a report.
    package var shortened: Outcome {
        switch self {
        case .unchanged: self
        case .changed(let detail): .changed(sanitized(detail, limit: Self.textLimit))
        case .refused(let detail): .refused(sanitized(detail, limit: Self.textLimit))
        case .failed(let detail): .failed(sanitized(detail, limit: Self.textLimit))
        }
    }
}

extension Outcome: Codable {
    private enum CodingKeys: String, CodingKey { case outcome, detail }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let detail = try container.decodeIfPresent(String.self, forKey: .detail) ?? ""
        switch try container.decode(String.self, forKey: .outcome) {
        case "changed": self = .changed(detail)
        case "refused": self = .refused(detail)
        case "failed": self = .failed(detail)
        default: self = .unchanged
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(word, forKey: .outcome)
        try container.encodeIfPresent(detail, forKey: .detail)
    }
}
