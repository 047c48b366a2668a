import CCurl
import Glibc
import Model
import Ports
import Synchronization
import Threads

/// The thread that owns libcurl's multi handle. Others reach it through an inbox and `curl_multi_wakeup`, the one
/// function of the multi interface that may be called from any thread.
final class CurlLoop: Sendable {
    enum Command {
        case start(UInt64, HTTPRequest, CurlTransport.Settings, Sink)
        case cancel(UInt64)
        case stop
    }

    /// How the body is delivered. The sinks are touched by the loop's thread only, once submitted.
    enum Sink: @unchecked Sendable {
        case whole(WholeBody)
        case streamed(StreamedBody)

        var body: any ResponseBody {
            switch self {
            case .whole(let body): body
            case .streamed(let body): body
            }
        }
    }

    private struct Inbox {
        var commands: [Command] = []
        var lastID: UInt64 = 0
        /// Why nothing is taken any more.
        var obstacle: String?
    }

    private let inbox = Mutex(Inbox())
    private let multi: MultiHandle

    init() {
        _ = Self.initialised
        multi = MultiHandle()
    }

    private static let initialised: Bool = {
        signal(SIGPIPE, SIG_IGN)
        return landfall_curl_global_init() == CURLE_OK
    }()

    func nextID() -> UInt64 {
        inbox.withLock { inbox in
            inbox.lastID += 1
            return inbox.lastID
        }
    }

    func submit(_ command: sending Command) {
        let obstacle = inbox.withLock { inbox in
            if inbox.obstacle == nil { inbox.commands.append(command) }
            return inbox.obstacle
        }
        if let obstacle {
            if case .start(_, _, _, let sink) = command { sink.body.finish(.broken(obstacle)) }
        } else {
            multi.wake()
        }
    }

    func start() {
        do {
            try startThread(named: "http") { self.run() }
        } catch {
            inbox.withLock { $0.obstacle = "\(error)" }
        }
    }

    func stop() {
        submit(.stop)
    }

    private func run() {
        var exchanges: [UInt64: CurlTransfer] = [:]
        while take(into: &exchanges) {
            multi.perform()
            for (exchange, code) in multi.finished(of: exchanges) {
                exchanges[exchange.id] = nil
                multi.remove(exchange)
                exchange.finish(code)
            }
            for exchange in exchanges.values where exchange.isHeadOverdue {
                exchanges[exchange.id] = nil
                multi.remove(exchange)
                exchange.fail(.timedOut(after: exchange.request.timeLimit))
            }
            multi.wait(upTo: exchanges.values.compactMap(\.timeToHead).min())
        }
        for exchange in exchanges.values {
            multi.remove(exchange)
            exchange.fail(.cancelled)
        }
    }

    /// Carries out what the inbox holds; false after `stop`.
    private func take(into exchanges: inout [UInt64: CurlTransfer]) -> Bool {
        let commands = inbox.withLock { inbox in
            let commands = inbox.commands
            inbox.commands = []
            return commands
        }
        for command in commands {
            switch command {
            case .start(let id, let request, let settings, let sink):
                guard let exchange = CurlTransfer(id: id, request: request, settings: settings, body: sink.body) else {
                    sink.body.finish(.broken("the request cannot be put to libcurl"))
                    continue
                }
                exchanges[id] = exchange
                multi.add(exchange)
            case .cancel(let id):
                guard let exchange = exchanges.removeValue(forKey: id) else { continue }
                multi.remove(exchange)
                exchange.fail(.cancelled)
            case .stop:
                inbox.withLock { $0.obstacle = "the transport was stopped" }
                return false
            }
        }
        return true
    }
}

/// `CURLM *`. All but `wake` belongs to the loop's thread.
@safe
private final class MultiHandle: @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer?

    init() {
        unsafe handle = curl_multi_init()
    }

    deinit {
        unsafe curl_multi_cleanup(handle)
    }

    func wake() {
        unsafe curl_multi_wakeup(handle)
    }

    func add(_ exchange: CurlTransfer) {
        unsafe curl_multi_add_handle(handle, exchange.easy)
    }

    func remove(_ exchange: CurlTransfer) {
        unsafe curl_multi_remove_handle(handle, exchange.easy)
    }

    func perform() {
        var running: Int32 = 0
        unsafe curl_multi_perform(handle, &running)
    }

    /// Sleeps until a socket moves, a curl timer is due, `wake` is called, or `limit` is over.
    func wait(upTo limit: Duration?) {
        let milliseconds = limit.map { Int32(clamping: max(0, $0.milliseconds + 1)) } ?? .max
        unsafe curl_multi_poll(handle, nil, 0, milliseconds, nil)
    }

    func finished(of exchanges: [UInt64: CurlTransfer]) -> [(CurlTransfer, CURLcode)] {
        var result: [(CurlTransfer, CURLcode)] = []
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(handle, &left) {
            var code = CURLE_OK
            guard let easy = unsafe landfall_curl_done(message, &code) else { continue }
            if let exchange = exchanges.values.first(where: { unsafe $0.easy == easy }) {
                result.append((exchange, code))
            }
        }
        return result
    }
}
