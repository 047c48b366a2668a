/// For whom an exchange with the outside is made.
///
/// A recording keys every exchange by (port, scope, request, occurrence), never by global order: what runs side by side
/// for two hosts replays the same however it was interleaved.
public enum Scope: Hashable, Sendable {
    case run
    /// The engine, asked by a run.
    case engine
    /// The engine, followed beside the runs: what the one asks must not be counted with what the other does.
    case events
    case address
    case zone(String)
    case host(DomainName)
    case certificate(String)
    case target(String)
    /// A way to people, by its name.
    case notifier(String)
}

extension Scope: CustomStringConvertible {
    public var description: String {
        switch self {
        case .run: "run"
        case .engine: "engine"
        case .events: "events"
        case .address: "address"
        case .zone(let name): "zone \(name)"
        case .host(let name): "host \(name)"
        case .certificate(let name): "certificate \(name)"
        case .target(let name): "target \(name)"
        case .notifier(let name): "notifier \(name)"
        }
    }
}

extension Scope {
    /// Whether it is the Docker engine that is spoken to.
    public var isEngine: Bool { self == .engine || self == .events }
}
