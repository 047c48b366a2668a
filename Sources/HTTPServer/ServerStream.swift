import CMicroHTTPD
import Glibc
import Synchronization

/// A body that is written over time, for as long as its client listens.
///
/// What a client has not taken yet is kept, but no more of it than a limit: then the stream is over, and with it the
/// connection. So a client that does not read costs a known amount of memory and holds nobody up.
public final class ServerStream: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isOver = false
        /// Taken off the server's thread until there is something to read.
        var suspended: Suspended?
        var onEnd: (@Sendable () -> Void)?
    }

    /// `MHD_Connection *`
    @safe
    private struct Suspended: @unchecked Sendable {
        let connection: OpaquePointer

        init(_ connection: OpaquePointer) {
            unsafe self.connection = unsafe connection
        }

        func resume() { unsafe MHD_resume_connection(connection) }
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: of bytes that wait for the client.
    public init(limit: Int = 256 << 10) {
        self.limit = limit
    }

    /// False when nobody listens any more, or the client is too slow.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool {
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

    /// No more comes; what waits is still sent.
    public func end() {
        state.withLock { state in
            state.isOver = true
            state.suspended.take()?.resume()
        }
    }

    /// Calls `act` once when the client is gone, or the server stops; at once when that was before.
    public func whenGone(_ act: @escaping @Sendable () -> Void) {
        let isGone = state.withLock { state in
            guard !(state.isOver && state.waiting.isEmpty) else { return true }
            state.onEnd = act
            return false
        }
        if isGone { act() }
    }

    /// On the server's thread: how many bytes were put into `space`; 0 when the connection waits for more, -1 at the end
    /// (`MHD_CONTENT_READER_END_OF_STREAM`).
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
            state.suspended = unsafe Suspended(connection)
            return 0
        }
    }

    /// The connection is over, and must not be touched again.
    func detach() {
        let act = state.withLock { state in
            (state.waiting, state.isOver, state.suspended) = ([], true, nil)
            return state.onEnd.take()
        }
        act?()
    }
}
