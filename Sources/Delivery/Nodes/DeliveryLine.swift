import Model
package import Report

/// The result for one container that `landfall signal` prints, as a line of JSON. Members are only ever added: the two
/// Landfalls may differ in version.
package struct DeliveryLine: Sendable, Codable, Hashable {
    package let container: String
    package let result: SignalReport.Delivery
    package let reason: String?

    package init(_ container: String, _ delivery: SignalDelivery) {
        (self.container, result, reason) = (container, delivery.result, delivery.reason)
    }

    /// Nil when `text` is no such line.
    init?(_ text: String) {
        guard let line = try? decodeJSON(DeliveryLine.self, from: Array(text.utf8)) else { return nil }
        self = line
    }

    package var text: String { (try? encodeJSON(self)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    var delivery: SignalDelivery { SignalDelivery(result: result, reason: reason.map { sanitized($0) }) }
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
