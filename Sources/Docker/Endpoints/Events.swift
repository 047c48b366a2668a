public import Model
public import Ports

extension EngineClient {
    /// Opens the engine's event stream: one JSON object per line, chunked anywhere, silent while nothing happens.
    public func events(_ kinds: EventFilter, since: Timestamp) async throws(EngineError) -> HTTPStream {
        let fraction = String(since.nanoseconds % 1_000_000_000 + 1_000_000_000).dropFirst()
        let query = [("since", "\(since.seconds).\(fraction)"), ("filters", kinds.rawValue)]
        return try await stream("/events", query: query)
    }
}

/// What the engine is asked to send; values of one key are alternatives. There is no filter by label among them: it would
/// drop every service event, whose attributes hold no labels.
public enum EventFilter: String, Sendable {
    case services = #"{"type":["service"]}"#
    case containers = #"{"type":["container"],"event":["create","start","die","destroy","rename"]}"#
}
