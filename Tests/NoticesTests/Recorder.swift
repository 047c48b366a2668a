import Notices
import Synchronization

/// A notifier that keeps what it is told, or fails as told.
final class Recorder: Notifier {
    let name: String
    private let state = Mutex<(messages: [Message], failure: NotifierError?)>(([], nil))

    init(_ name: String = "recorder") {
        self.name = name
    }

    var messages: [Message] { state.withLock(\.messages) }

    var failure: NotifierError? {
        get { state.withLock(\.failure) }
        set { state.withLock { $0.failure = newValue } }
    }

    func deliver(_ message: Message) async throws(NotifierError) {
        let failure = state.withLock { state in
            if state.failure == nil { state.messages.append(message) }
            return state.failure
        }
        if let failure { throw failure }
    }

    /// What it was told since it was last asked.
    func take() -> [Message] {
        state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }
}
