/// The subject of an exchange with the outside: which host, certificate or zone it is for.
/// A recording keys every exchange by (port, scope, request, occurrence), never by global order: concurrent work for two
/// hosts replays the same however it was interleaved.
package enum Scope: Hashable, Sendable, CustomStringConvertible {
    case run
    /// The engine, for a run.
    case engine
    /// The engine, for the event stream, which works beside the runs and is counted separately.
    case events
    case address
    case zone(String)
    case host(DomainName)
    case certificate(String)
    /// A look whether an order for the certificate can succeed. Where a recording has none, nothing is known, and the order is
    /// placed as it was then.
    case look(String)
    case target(String)
    /// A notifier, by its name.
    case notifier(String)

    package var description: String {
        switch self {
        case .run: "run"
        case .engine: "engine"
        case .events: "events"
        case .address: "address"
        case .zone(let name): "zone \(name)"
        case .host(let name): "host \(name)"
        case .certificate(let name): "certificate \(name)"
        case .look(let name): "look \(name)"
        case .target(let name): "target \(name)"
        case .notifier(let name): "notifier \(name)"
        }
    }

    /// Whether the exchange may be missing in a recording.
    package var isOptional: Bool { if case .look = self { true } else { false } }

    /// Whether the exchange is with the Docker engine.
    package var isEngine: Bool { self == .engine || self == .events }
}
