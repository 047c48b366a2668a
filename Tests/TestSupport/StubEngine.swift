import Glibc
import Synchronization
import Threads

/// Plays a Docker engine on a real Unix socket, one answer per connection: what an engine, a proxy in between, or a daemon
/// that hangs would do.
package final class StubEngine: Sendable {
    package struct Request: Sendable, Hashable, CustomStringConvertible {
        package let method: String
        /// As it came, still encoded: `/v1.41/events?since=…`.
        package let target: String
        /// The request's first line and its headers.
        package let head: String
        package let body: String

        package init(method: String, target: String, head: String = "", body: String = "") {
            (self.method, self.target, self.head, self.body) = (method, target, head, body)
        }

        /// Without version and query: `/events`.
        package var path: String {
            let path = target.prefix { $0 != "?" }
            let parts = path.split(separator: "/", maxSplits: 1)
            return path.hasPrefix("/v1.") && parts.count == 2 ? "/" + parts[1] : String(path)
        }

        package var description: String { "\(method) \(target)" }
    }

    package enum Answer: Sendable {
        /// The answer to `/_ping`.
        case pong(String)
        case reply(Int, String, type: String = "application/json")
        /// The bytes of a whole answer, its head included.
        case raw(String)
        /// 200 and a body that a test writes as it goes.
        case stream(EventFeed)
        /// The request is read, and nothing ever comes.
        case silence
        /// The connection is closed without a word.
        case hangUp
    }

    /// A descriptor is shut down and closed under the lock only: its number may belong to somebody else right after.
    private struct State {
        var connections: Set<Int32> = []
        var isStopped = false
    }

    package let socketPath: String
    package let requests = AsyncCollector<Request>()
    private let folder: TemporaryFolder
    private let listener: Int32
    private let state = Mutex(State())
    private let answer: @Sendable (Request) -> Answer

    /// - Parameters:
    ///   - version: what `/_ping` says; nil leaves `/_ping` to `answer` as well.
    ///   - answer: asked for everything else.
    package init(version: String? = "1.41", _ answer: @escaping @Sendable (Request) -> Answer) throws {
        folder = try TemporaryFolder()
        socketPath = folder.path + "/engine.sock"
        listener = try listenOnSocket(at: socketPath)
        self.answer = { request in
            guard let version, request.path == "/_ping" else { return answer(request) }
            return .pong(version)
        }
        try startThread(named: "stub engine") { [self] in accept() }
    }

    /// Refuses new connections and breaks those that are open.
    package func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else { break }
            state.withLock { _ = $0.connections.insert(connection) }
            do {
                try startThread(named: "stub engine") { [self] in serve(connection) }
            } catch {
                break
            }
        }
        state.withLock { state in
            state.isStopped = true
            close(listener)
        }
        unsafe unlink(socketPath)
    }

    private func serve(_ connection: Int32) {
        defer {
            state.withLock { state in
                state.connections.remove(connection)
                close(connection)
            }
        }
        guard let request = readRequest(from: connection) else { return }
        // Before it is answered: whoever has seen the answer's effects finds the request too.
        requests.add(request)
        let answer = answer(request)
        switch answer {
        case .pong(let version): reply(200, "OK", ["Api-Version: \(version)"], to: connection)
        case .reply(let status, let body, let type): reply(status, body, ["Content-Type: \(type)"], to: connection)
        case .raw(let text): write(text, to: connection)
        case .stream(let feed):
            write(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
                to: connection
            )
            feed.attach(to: connection)
            waitForEnd(of: connection)
            feed.detach()
        case .silence: waitForEnd(of: connection)
        case .hangUp: break
        }
    }

    private func reply(_ status: Int, _ body: String, _ headers: [String], to connection: Int32) {
        let all = headers + ["Content-Length: \(body.utf8.count)", "Connection: close"]
        write("HTTP/1.1 \(status) X\r\n\(all.joined(separator: "\r\n"))\r\n\r\n\(body)", to: connection)
    }
}
