import Glibc
import Synchronization

/// The body of one event stream, written by a test as it goes; what is sent before the stream is opened waits for it.
package final class EventFeed: Sendable {
    private struct State {
        var connection: Int32?
        var waiting: [UInt8] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    package init() {}

    package func send(_ text: String) { send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) {
        pour(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8))
    }

    /// Ends the body as HTTP has it.
    package func end() {
        pour(Array("0\r\n\r\n".utf8))
        cut()
    }

    /// Breaks off in the middle, as a killed daemon does.
    package func cut() {
        state.withLock { state in
            state.isClosed = true
            if let connection = state.connection { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    private func pour(_ bytes: [UInt8]) {
        state.withLock { state in
            if let connection = state.connection {
                write(bytes, to: connection)
            } else {
                state.waiting += bytes
            }
        }
    }

    func attach(to connection: Int32) {
        state.withLock { state in
            write(state.waiting, to: connection)
            state.waiting = []
            state.connection = connection
            if state.isClosed { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    func detach() { state.withLock { $0.connection = nil } }
}
