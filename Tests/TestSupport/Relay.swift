import Glibc
import Synchronization
import Threads

/// Stands between clients and a server's Unix socket, and can be cut: to its clients the server is then gone.
package final class Relay: Sendable {
    /// A descriptor is shut down and closed under the lock only: its number may belong to somebody else right after.
    private struct State {
        var listener: Int32?
        var connections: Set<Int32> = []
    }

    package let socketPath: String
    /// The first line of whatever clients send at a time: "GET /v1.41/info HTTP/1.1".
    package let lines = AsyncCollector<String>()
    private let target: String
    private let folder: TemporaryFolder
    private let state = Mutex(State())

    /// Relays at once.
    package init(to target: String) throws {
        folder = try TemporaryFolder()
        (socketPath, self.target) = (folder.path + "/relay.sock", target)
        try mend()
    }

    deinit { cut() }

    /// Breaks all connections, and takes no new ones.
    package func cut() {
        state.withLock { state in
            if let listener = state.listener { shutdown(listener, Int32(SHUT_RDWR)) }
            state.listener = nil
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
            unsafe unlink(socketPath)
        }
    }

    /// Relays again.
    package func mend() throws {
        let listener = try listenOnSocket(at: socketPath)
        state.withLock { $0.listener = listener }
        try startThread(named: "relay") { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                do {
                    try startThread(named: "relay") { [weak self] in self?.serve(client) }
                } catch {
                    close(client)
                }
            }
            close(listener)
        }
    }

    private func serve(_ client: Int32) {
        guard let server = try? connectToSocket(at: target) else {
            close(client)
            return
        }
        state.withLock { $0.connections.formUnion([client, server]) }
        pump(client, server) { [lines] in lines.add(String(decoding: $0.prefix { $0 != 13 }, as: UTF8.self)) }
        state.withLock { state in
            state.connections.subtract([client, server])
            close(client)
            close(server)
        }
    }
}

/// Carries what either side says to the other; returns when one has ended.
/// - Parameter heard: gets what the client says.
func pump(_ client: Int32, _ server: Int32, heard: (ArraySlice<UInt8>) -> Void = { _ in }) {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
        var ready = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        guard unsafe poll(&ready, 2, -1) > 0 else { return }
        for (side, other) in [(0, server), (1, client)] where ready[side].revents != 0 {
            let count = unsafe read(ready[side].fd, &buffer, buffer.count)
            guard count > 0 else { return }
            if side == 0 { heard(buffer[..<count]) }
            write(Array(buffer[..<count]), to: other)
        }
    }
}
