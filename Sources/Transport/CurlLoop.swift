import CCurl
import Glibc
import Model
import Ports
import Synchronization
import Threads

/// The thread that owns libcurl's multi handle. Others reach it through an inbox and `curl_multi_wakeup`, the one
/// function of the multi interface that may be called from any thread.
@safe
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
        /// Why no more commands are accepted.
        var stopReason: String?
    }

    private let inbox = Mutex(Inbox())
    private let lastID = Atomic<UInt64>(0)
    /// `CURLM *`. Everything except `curl_multi_wakeup` belongs to the loop's thread.
    private nonisolated(unsafe) let multi: UnsafeMutableRawPointer?

    init() {
        _ = Self.initialised
        unsafe multi = curl_multi_init()
    }

    deinit { unsafe curl_multi_cleanup(multi) }

    static let initialised: Bool = {
        signal(SIGPIPE, SIG_IGN)
        return landfall_curl_global_init() == CURLE_OK
    }()

    func nextID() -> UInt64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

    func submit(_ command: sending Command) {
        let stopReason = inbox.withLock { inbox in
            if inbox.stopReason == nil { inbox.commands.append(command) }
            return inbox.stopReason
        }
        if let stopReason {
            if case .start(_, _, _, let sink) = command { sink.body.finish(.broken(stopReason)) }
        } else {
            unsafe curl_multi_wakeup(multi)
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
        var running: Int32 = 0
        while runCommands(on: &transfers) {
            unsafe curl_multi_perform(multi, &running)
            for (transfer, code) in finished(of: transfers) {
                transfers[transfer.id] = nil
                remove(transfer)
                transfer.finish(code)
            }
            for transfer in transfers.values where transfer.isHeadOverdue {
                transfers[transfer.id] = nil
                remove(transfer)
                transfer.fail(.timedOut(after: transfer.request.timeLimit))
            }
            wait(upTo: transfers.values.compactMap(\.timeToHead).min())
        }
        for transfer in transfers.values {
            remove(transfer)
            transfer.fail(.cancelled)
        }
    }

    /// Runs the commands in the inbox; returns false after `stop`.
    private func runCommands(on transfers: inout [UInt64: CurlTransfer]) -> Bool {
        for command in inbox.withLock({ exchange(&$0.commands, with: []) }) {
            switch command {
            case .start(let id, let request, let settings, let sink):
                guard let transfer = CurlTransfer(id: id, request: request, settings: settings, body: sink.body) else {
                    sink.body.finish(.broken("the request cannot be put to libcurl"))
                    continue
                }
                transfers[id] = transfer
                unsafe curl_multi_add_handle(multi, transfer.easy)
            case .cancel(let id):
                guard let transfer = transfers.removeValue(forKey: id) else { continue }
                remove(transfer)
                transfer.fail(.cancelled)
            case .stop:
                inbox.withLock { $0.stopReason = "the transport was stopped" }
                return false
            }
        }
        return true
    }

    private func remove(_ transfer: CurlTransfer) { unsafe curl_multi_remove_handle(multi, transfer.easy) }

    /// Sleeps until a socket moves, a curl timer is due, a command comes, or `limit` is over.
    private func wait(upTo limit: Duration?) {
        let milliseconds = limit.map { Int32(clamping: max(0, $0.milliseconds + 1)) } ?? .max
        unsafe curl_multi_poll(multi, nil, 0, milliseconds, nil)
    }

    private func finished(of transfers: [UInt64: CurlTransfer]) -> [(CurlTransfer, CURLcode)] {
        var result: [(CurlTransfer, CURLcode)] = []
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            var code = CURLE_OK
            guard let easy = unsafe landfall_curl_done(message, &code) else { continue }
            if let transfer = transfers.values.first(where: { unsafe $0.easy == easy }) {
                result.append((transfer, code))
            }
        }
        return result
    }
}
