import FoundationEssentials
public import Report

/// What `landfall signal` says of one container: a line of JSON. Two Landfalls may differ in version, so it only ever grows.
public struct DeliveryLine: Sendable, Codable, Hashable {
    public let container: String
    public let result: SignalReport.Delivery
    public let reason: String?

    public init(_ container: String, _ delivery: SignalDelivery) {
        self.container = container
        result = delivery.word
        reason =
            switch delivery {
            case .signalled, .gone, .notRunning: nil
            case .refused(let why), .owed(let why): why
            }
    }

    /// Nil for what is no such line.
    init?(_ text: String) {
        guard let line = try? JSONDecoder().decode(DeliveryLine.self, from: Data(text.utf8)) else { return nil }
        self = line
    }

    public var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    var delivery: SignalDelivery {
        switch result {
        case .signalled: .signalled
        case .gone: .gone
        case .notRunning: .notRunning
        case .refused: .refused(reason ?? "the engine would not")
        case .owed: .owed(reason ?? "it was not reached")
        }
    }
}

/// `CONTAINER=SIGNAL`: what `landfall signal` takes.
public struct SignalOrder: Sendable, Hashable, CustomStringConvertible {
    public let container: String
    public let signal: SignalName

    init(_ target: SignalTarget) {
        (container, signal) = (target.container, target.signal)
    }

    public init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let signal = SignalName(parts[1]),
            parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) })
        else { return nil }
        (container, self.signal) = (String(parts[0]), signal)
    }

    public var description: String { "\(container)=\(signal)" }
}
