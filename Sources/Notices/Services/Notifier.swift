import Model

/// A way to people. Each is one file in this folder and one line in the wiring.
public protocol Notifier: Sendable {
    /// For logs, and the key of what it was last told: changing it makes the notifier a new one.
    var name: String { get }

    /// Delivers a notice. It may be tried again and again, and cancelled when it takes too long.
    ///
    /// - Parameter thread: of an earlier receipt; the notice belongs to what was said there.
    @discardableResult
    func deliver(_ notice: Notice, in thread: String?) async throws(NotifierError) -> Receipt
}

/// That a notice was delivered.
public struct Receipt: Sendable, Hashable {
    /// What later notices may refer to; nil where the service knows no threads.
    public let thread: String?

    public init(thread: String? = nil) {
        self.thread = thread
    }
}

/// Hears what is said at once, and cannot fail or hang: the log.
public protocol NoticeReceiver: Sendable {
    /// The key of what it was last told.
    var name: String { get }
    func hear(_ message: Message)
}

/// Why a notice was not delivered; the description is a clause without addresses or secrets.
public enum NotifierError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It does not answer, or not as it should.
    case unavailable(String)
    /// It takes nothing, as long as nobody changes something there or in the configuration.
    case refused(String)
    /// It will not take this notice, and others perhaps.
    case unacceptable(String)
    /// It wants a pause first.
    case tooSoon(after: Duration)

    public var description: String {
        switch self {
        case .unavailable(let text), .refused(let text), .unacceptable(let text): text
        case .tooSoon(let pause): "it wants a pause of \(pause.components.seconds) s"
        }
    }
}

extension Notifier {
    var scope: Scope { .notifier(name) }
}
