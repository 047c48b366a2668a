import Notices
import Synchronization

/// A listener that keeps what it is told.
final class Recorder: NoticeReceiver {
    let name: String
    private let heard = Mutex<[Message]>([])

    init(_ name: String = "recorder") { self.name = name }

    var messages: [Message] { heard.withLock(\.self) }

    func receive(_ message: Message) { heard.withLock { $0.append(message) } }

    /// What it was told since it was last asked.
    func take() -> [Message] {
        heard.withLock { heard in
            defer { heard = [] }
            return heard
        }
    }
}
