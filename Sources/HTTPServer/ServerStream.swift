import CMicroHTTPD
import Glibc
import Synchronization

/// A response body that is written over time, until its client disconnects. If more bytes than the limit wait for the
/// client, the stream and its connection end, so a client that does not read blocks nothing and costs little memory.
package final class ServerStream: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isOver = false
        /// The connection, while it is suspended until there is something to send.
        var suspended: SuspendedConnection?
        var onEnd: (@Sendable () -> Void)?
    }

    /// `MHD_Connection *`
    @safe
    private struct SuspendedConnection: @unchecked Sendable {
        let connection: OpaquePointer

        init(_ connection: OpaquePointer) { unsafe self.connection = unsafe connection }

        func resume() { unsafe MHD_resume_connection(connection) }
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: how many bytes may wait for the client.
    package init(limit: Int = 256 << 10) { self.limit = limit }

    /// Returns false if the client has disconnected or is too slow.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            guard !state.isOver else { return false }
            if state.waiting.count + bytes.count > limit {
                (state.waiting, state.isOver) = ([], true)
            } else {
                state.waiting += bytes
            }
            state.suspended.take()?.resume()
            return !state.isOver
        }
    }

    /// Ends the body after the bytes that are waiting.
    package func end() {
        state.withLock { state in
            state.isOver = true
            state.suspended.take()?.resume()
        }
    }

    /// Calls `act` once the client has disconnected or the server has stopped, or right away if that has happened.
    package func onDisconnect(_ act: @escaping @Sendable () -> Void) {
        let isGone = state.withLock { state in
            guard !(state.isOver && state.waiting.isEmpty) else { return true }
            state.onEnd = act
            return false
        }
        if isGone { act() }
    }

    /// Fills `space` on the server's thread and returns how many bytes were written: 0 if the connection waits for more, -1
    /// at the end (`MHD_CONTENT_READER_END_OF_STREAM`).
    func fill(_ space: UnsafeMutableRawBufferPointer, of connection: OpaquePointer) -> Int {
        state.withLock { state in
            let count = min(space.count, state.waiting.count)
            guard count == 0 else {
                unsafe space.copyBytes(from: state.waiting.prefix(count))
                state.waiting.removeFirst(count)
                return count
            }
            if state.isOver { return -1 }
            unsafe MHD_suspend_connection(connection)
            state.suspended = unsafe SuspendedConnection(connection)
            return 0
        }
    }

    /// Forgets the connection, which has ended and must not be used any more.
    func detach() {
        let act = state.withLock { state in
            (state.waiting, state.isOver, state.suspended) = ([], true, nil)
            return state.onEnd.take()
        }
        act?()
    }
}
