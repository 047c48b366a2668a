package import Log
import Model

/// A service that delivers notices to people. Each is one file in this folder and one line in the wiring.
package protocol Notifier: Sendable {
    /// For logs, and the key of what was last announced to it: a notifier with another name is a new one.
    var name: String { get }

    /// How long one delivery may take.
    var timeLimit: Duration { get }

    /// Delivers a notice. It may be called again for the same notice, and is cancelled when it takes too long.
    func deliver(_ notice: Notice) async throws(NotifierError)
}

extension Notifier {
    package var timeLimit: Duration { .seconds(20) }
    var scope: Scope { .notifier(name) }
}

/// Takes messages at once, and can neither fail nor hang, as the log.
package protocol NoticeReceiver: Sendable {
    /// The key of what was last announced to it.
    var name: String { get }
    func receive(_ message: Message)
}

/// Why a notice was not delivered; the description is a clause without addresses or secrets.
package enum NotifierError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The service does not answer, or not as it should.
    case unavailable(String)
    /// The service accepts nothing until its settings or the configuration change. The text says what to change.
    case refused(String)
    /// The service does not accept this notice, but may accept others.
    case unacceptable(String)
    /// The service asks for a pause first.
    case tooSoon(after: Duration)

    package var description: String {
        switch self {
        case .unavailable(let text), .refused(let text), .unacceptable(let text): text
        case .tooSoon(let pause): "it asks for a pause of \(pause.components.seconds) s"
        }
    }

    var isRefusal: Bool { if case .refused = self { true } else { false } }

    var outcome: Outcome { isRefusal ? .refused(description) : .failed(description) }
}

/// Writes notices to the log.
package struct LogNotifier: NoticeReceiver {
    package let name = "log"
    private let log: Logger

    package init(_ log: Logger) { self.log = log }

    package func receive(_ message: Message) {
        write(message.level, message.title)
        for line in message.lines { write(line.kind == .problem ? message.level : .info, line.text) }
    }

    private func write(_ level: NoticeLevel, _ text: String) {
        log.log(Logger.Level(rawValue: level.rawValue) ?? .error, "notice", [.notice: .string(text)])
    }
}
