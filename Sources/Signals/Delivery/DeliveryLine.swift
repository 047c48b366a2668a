import FoundationEssentials
package import Report

/// The result for one container that `landfall signal` prints: a line of JSON. The two Landfalls may differ in version, so
/// members are only ever added.
package struct DeliveryLine: Sendable, Codable, Hashable {
    package let container: String
    package let result: SignalReport.Delivery
    package let reason: String?

    package init(_ container: String, _ delivery: SignalDelivery) {
        self.container = container
        result = delivery.word
        reason =
            switch delivery {
            case .signalled, .gone, .notRunning: nil
            case .refused(let reason), .pending(let reason): reason
            }
    }

    /// Nil when `text` is no such line.
    init?(_ text: String) {
        guard let line = try? JSONDecoder().decode(DeliveryLine.self, from: Data(text.utf8)) else { return nil }
        self = line
    }

    package var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    var delivery: SignalDelivery {
        switch result {
        case .signalled: .signalled
        case .gone: .gone
        case .notRunning: .notRunning
        case .refused: .refused(reason ?? "Docker refused")
        case .owed: .pending(reason ?? "it was not reached")
        }
    }
}

/// An argument of `landfall signal`: `CONTAINER=SIGNAL`.
package struct SignalOrder: Sendable, Hashable, CustomStringConvertible {
    package let container: String
    package let signal: SignalName

    init(_ target: SignalTarget) { (container, signal) = (target.container, target.signal) }

    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let signal = SignalName(parts[1]),
            parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) })
        else { return nil }
        (container, self.signal) = (String(parts[0]), signal)
    }

    package var description: String { "\(container)=\(signal)" }
}
