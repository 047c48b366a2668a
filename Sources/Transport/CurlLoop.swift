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

    /// Where the body goes. Only the loop's thread uses it, once submitted.
    struct Sink: @unchecked Sendable {
        let body: any ResponseBody
    }

    private struct Inbox {
        var commands: [Command] = []
        var lastID: UInt64 = 0
        /// Why no more commands are accepted.
        var stopReason: String?
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
        let stopReason = inbox.withLock { inbox in
            if inbox.stopReason == nil { inbox.commands.append(command) }
            return inbox.stopReason
        }
        if let stopReason {
            if case .start(_, _, _, let sink) = command { sink.body.finish(.broken(stopReason)) }
        } else {
            multi.wake()
        }
    }

    func start() {
        do {
            try startThread(named: "http") { self.run() }
        } catch {
            inbox.withLock { $0.stopReason = "\(error)" }
        }
    }

    func stop() { submit(.stop) }

    private func run() {
        var transfers: [UInt64: CurlTransfer] = [:]
        while runCommands(on: &transfers) {
            multi.perform()
            for (transfer, code) in multi.finished(of: transfers) {
                transfers[transfer.id] = nil
                multi.remove(transfer)
                transfer.finish(code)
            }
            for transfer in transfers.values where transfer.isHeadOverdue {
                transfers[transfer.id] = nil
                multi.remove(transfer)
                transfer.fail(.timedOut(after: transfer.request.timeLimit))
            }
            multi.wait(upTo: transfers.values.compactMap(\.timeToHead).min())
        }
        for transfer in transfers.values {
            multi.remove(transfer)
            transfer.fail(.cancelled)
        }
    }

    /// Runs the commands in the inbox; returns false after `stop`.
    private func runCommands(on transfers: inout [UInt64: CurlTransfer]) -> Bool {
        let commands = inbox.withLock { inbox in
            let commands = inbox.commands
            inbox.commands = []
            return commands
        }
        for command in commands {
            switch command {
            case .start(let id, let request, let settings, let sink):
                guard let transfer = CurlTransfer(id: id, request: request, settings: settings, body: sink.body) else {
                    sink.body.finish(.broken("the request cannot be put to libcurl"))
                    continue
                }
                transfers[id] = transfer
                multi.add(transfer)
            case .cancel(let id):
                guard let transfer = transfers.removeValue(forKey: id) else { continue }
                multi.remove(transfer)
                transfer.fail(.cancelled)
            case .stop:
                inbox.withLock { $0.stopReason = "the transport was stopped" }
                return false
            }
        }
        return true
    }
}

/// `CURLM *`. Everything except `wake` belongs to the loop's thread.
@safe
private final class MultiHandle: @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer?

    init() { unsafe handle = curl_multi_init() }

    deinit { unsafe curl_multi_cleanup(handle) }

    func wake() { unsafe curl_multi_wakeup(handle) }

    func add(_ transfer: CurlTransfer) { unsafe curl_multi_add_handle(handle, transfer.easy) }

    func remove(_ transfer: CurlTransfer) { unsafe curl_multi_remove_handle(handle, transfer.easy) }

    func perform() {
        var running: Int32 = 0
        unsafe curl_multi_perform(handle, &running)
    }

    /// Sleeps until a socket moves, a curl timer is due, `wake` is called, or `limit` is over.
    func wait(upTo limit: Duration?) {
        let milliseconds = limit.map { Int32(clamping: max(0, $0.milliseconds + 1)) } ?? .max
        unsafe curl_multi_poll(handle, nil, 0, milliseconds, nil)
    }

    func finished(of transfers: [UInt64: CurlTransfer]) -> [(CurlTransfer, CURLcode)] {
        var result: [(CurlTransfer, CURLcode)] = []
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(handle, &left) {
            var code = CURLE_OK
            guard let easy = unsafe landfall_curl_done(message, &code) else { continue }
            if let transfer = transfers.values.first(where: { unsafe $0.easy == easy }) {
                result.append((transfer, code))
            }
        }
        return result
    }
}
