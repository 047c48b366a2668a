public import Discovery
import Docker
import EventStream
import Ports

/// What of the engine's answers and events may be recorded: the fields and the labels that Landfall reads.
public struct EngineReading: Sendable {
    private let rules: DiscoveryRules

    public init(_ rules: DiscoveryRules) {
        self.rules = rules
    }

    func body(of response: HTTPResponse, to url: String) -> [UInt8] {
        EngineExtract.body(of: response, to: url, isRead: rules.isRead)
    }

    func events() -> EventExtract {
        EventExtract(hostLabels: rules.hostLabels)
    }
}
