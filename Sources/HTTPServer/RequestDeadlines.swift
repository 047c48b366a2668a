import CMicroHTTPD
import Glibc
import Ports
import Synchronization

/// Closes connections on which a request is not complete in time, however steadily its bytes arrive.
final class RequestDeadlines: Sendable {
    private struct Connection {
        /// A later connection may have the same address.
        let number: Int
        let descriptor: Int32
        var timer: Task<Void, Never>?
    }

    private struct State {
        var last = 0
        /// By the address of libmicrohttpd's connection.
        var connections: [UInt: Connection] = [:]
    }

    private let limit: Duration
    private let idle: Duration
    private let clock: any Clock
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: for a whole request, from its first byte to its last one.
    ///   - idle: for the wait for a further request on the same connection.
    init(limit: Duration, idle: Duration, clock: any Clock) {
        (self.limit, self.idle, self.clock) = (limit, idle, clock)
    }

    func opened(_ connection: OpaquePointer) {
        let key = UInt(bitPattern: connection)
        let descriptor = unsafe landfall_mhd_descriptor(connection)
        state.withLock { state in
            state.last += 1
            let timer = timer(limit, key, state.last)
            state.connections[key] = Connection(number: state.last, descriptor: descriptor, timer: timer)
        }
    }

    /// A request is complete.
    func arrived(on connection: OpaquePointer) { setTimer(of: UInt(bitPattern: connection), nil) }

    /// A request has been answered; another one may follow.
    func answered(on connection: OpaquePointer) { setTimer(of: UInt(bitPattern: connection), idle + limit) }

    /// The connection's descriptor must not be used any more.
    func closed(_ connection: OpaquePointer) {
        let key = UInt(bitPattern: connection)
        state.withLock { $0.connections.removeValue(forKey: key)?.timer?.cancel() }
    }

    private func setTimer(of key: UInt, _ wait: Duration?) {
        state.withLock { state in
            guard let connection = state.connections[key] else { return }
            connection.timer?.cancel()
            state.connections[key]?.timer = wait.map { timer($0, key, connection.number) }
        }
    }

    private func timer(_ wait: Duration, _ key: UInt, _ number: Int) -> Task<Void, Never> {
        Task { [weak self, clock] in
            guard (try? await clock.sleep(for: wait)) != nil else { return }
            self?.end(key, number)
        }
    }

    /// libmicrohttpd notices the end, and closes the connection itself.
    private func end(_ key: UInt, _ number: Int) {
        state.withLock { state in
            guard let connection = state.connections[key], connection.number == number else { return }
            shutdown(connection.descriptor, Int32(SHUT_RDWR))
        }
    }
}

/// `MHD_NotifyConnectionCallback`: called when a connection begins and when it ends.
func connectionChanged(
    _ context: UnsafeMutableRawPointer?,
    _ handle: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ change: MHD_ConnectionNotificationCode
) {
    guard let context = unsafe context, let handle = unsafe handle else { return }
    let deadlines = unsafe Unmanaged<RequestDispatcher>.fromOpaque(context).takeUnretainedValue().deadlines
    // MHD_CONNECTION_NOTIFY_STARTED is 0, and CLOSED is the only other one.
    if change.rawValue == 0 { unsafe deadlines.opened(handle) } else { unsafe deadlines.closed(handle) }
}
