import FoundationEssentials
import Glibc
import Model
import Ports
import Synchronization
import Threads
import Timing

/// Chromium's DevTools protocol over two named pipes: JSON messages, each with a zero byte at its end
/// (https://chromedevtools.github.io/devtools-protocol/).
final class DevToolsPipe: Sendable {
    private struct State {
        var lastID = 0
        var waiting: [Int: CheckedContinuation<JSONValue, any Error>] = [:]
        var isOver = false
    }

    private let input: Int32
    private let output: Int32
    /// Ends the reading.
    private let bell: [Int32]
    private let state = Mutex(State())
    /// What the browser says unasked.
    let events = AsyncCollector<JSONValue>()

    /// Makes the pipes `in` and `out` in a folder.
    init(in folder: String) throws {
        for name in ["in", "out"] where unsafe mkfifo("\(folder)/\(name)", 0o600) != 0 {
            throw BrowserError("mkfifo: \(errno)")
        }
        // Opened for both ways, a pipe waits for nobody at the other end (fifo(7)).
        input = unsafe open("\(folder)/in", O_RDWR | O_CLOEXEC)
        output = unsafe open("\(folder)/out", O_RDWR | O_CLOEXEC)
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw BrowserError("pipe: \(errno)") }
        bell = ends
        try startThread(named: "devtools") { self.read() }
    }

    deinit {
        // Not before: a number that is free again would soon be somebody else's.
        for descriptor in [input, output] + bell { Glibc.close(descriptor) }
    }

    /// What the browser answers to a command.
    func send(_ method: String, _ parameters: JSONValue = [:], session: String? = nil) async throws -> JSONValue {
        let answer = try await withTimeout(.seconds(60).scaledToLoad, of: SystemClock()) { [self] in
            let id = state.withLock { state in
                state.lastID += 1
                return state.lastID
            }
            var message: [String: JSONValue] = [
                "id": .integer(Int64(id)), "method": .string(method), "params": parameters,
            ]
            message["sessionId"] = session.map { .string($0) }
            return try await exchange(.object(message), id)
        }
        guard let answer else { throw BrowserError("\(method): no answer") }
        if let error = answer["error"] { throw BrowserError("\(method): \(error["message"]?.text ?? "refused")") }
        return answer["result"] ?? .null
    }

    private func exchange(_ message: JSONValue, _ id: Int) async throws -> JSONValue {
        let bytes = Array(try JSONEncoder().encode(message)) + [0]
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state in
                    if !state.isOver { state.waiting[id] = continuation }
                    return state.isOver
                }
                guard !isOver else { return continuation.resume(throwing: BrowserError("the browser is gone")) }
                post(bytes, id)
                // The handler may have run before there was anybody to tell.
                if Task.isCancelled { fail(id, CancellationError()) }
            }
        } onCancel: {
            fail(id, CancellationError())
        }
    }

    private func fail(_ id: Int, _ error: any Error) {
        state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: error)
    }

    /// A browser that does not read must hold up no more than a thread of its own.
    private func post(_ bytes: [UInt8], _ id: Int) {
        do {
            try startThread(named: "devtools words") { [self] in write(bytes, to: input) }
        } catch {
            fail(id, error)
        }
    }

    /// Nothing more is read; whoever waits hears so.
    func close() {
        let waiting = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(throwing: BrowserError("the browser is gone")) }
        write([0], to: bell[1])
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    private func read() {
        var message: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            var ends = [output, bell[0]].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            _ = unsafe poll(&ends, nfds_t(ends.count), -1)
            guard ends[1].revents == 0 else { return }
            guard ends[0].revents != 0 else { continue }
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(output, $0.baseAddress, $0.count) }
            for byte in buffer.prefix(max(0, count)) {
                if byte != 0 {
                    message.append(byte)
                } else {
                    take(message)
                    message = []
                }
            }
        }
    }

    private func take(_ bytes: [UInt8]) {
        guard let message = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else { return }
        guard let id = message["id"]?.number else { return events.add(message) }
        state.withLock { $0.waiting.removeValue(forKey: Int(id)) }?.resume(returning: message)
    }
}

package struct BrowserError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
