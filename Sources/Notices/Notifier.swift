/// A way to people. Each is one file in this room and one line in the wiring.
public protocol Notifier: Sendable {
    /// For logs, and the key of what it was last told: changing it makes the notifier a new one.
    var name: String { get }
    func deliver(_ message: Message) async throws(NotifierError)
}

/// Why a message was not delivered; the description is a clause without addresses or secrets.
public enum NotifierError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It does not answer, or not as it should.
    case unavailable(String)
    /// It will not take it.
    case refused(String)
    /// It wants a pause first.
    case tooSoon(after: Duration)

    public var description: String {
        switch self {
        case .unavailable(let text), .refused(let text): text
        case .tooSoon(let pause): "it wants a pause of \(pause.components.seconds) s"
        }
    }
}
