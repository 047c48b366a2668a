import FoundationEssentials
import Glibc
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
    private let state = Mutex(State())
    /// What the browser says unasked.
    let events = Gathering<JSONValue>()

    /// Makes the pipes `in` and `out` in a folder.
    init(in folder: String) throws {
        for name in ["in", "out"] where unsafe mkfifo("\(folder)/\(name)", 0o600) != 0 {
            throw BrowserError("mkfifo: \(errno)")
        }
        // Opened for both ways, a pipe waits for nobody at the other end (fifo(7)).
        input = unsafe open("\(folder)/in", O_RDWR | O_CLOEXEC)
        output = unsafe open("\(folder)/out", O_RDWR | O_CLOEXEC)
        try startThread(named: "devtools") { self.read() }
    }

    /// What the browser answers to a command.
    func send(_ method: String, _ parameters: JSONValue = [:], session: String? = nil) async throws -> JSONValue {
        let answer = try await within(.seconds(60), of: SystemClock()) { [self] in
            try await withCheckedThrowingContinuation { post(method, parameters, session, $0) }
        }
        guard let answer else { throw BrowserError("\(method): no answer") }
        if let error = answer["error"] { throw BrowserError("\(method): \(error["message"]?.text ?? "refused")") }
        return answer["result"] ?? .null
    }

    private func post(
        _ method: String,
        _ parameters: JSONValue,
        _ session: String?,
        _ continuation: CheckedContinuation<JSONValue, any Error>
    ) {
        let id: Int? = state.withLock { state in
            guard !state.isOver else { return nil }
            state.lastID += 1
            state.waiting[state.lastID] = continuation
            return state.lastID
        }
        guard let id else { return continuation.resume(throwing: BrowserError("the browser is gone")) }
        var message: [String: JSONValue] = [
            "id": .number(Double(id)), "method": .string(method), "params": parameters,
        ]
        message["sessionId"] = session.map { .string($0) }
        let bytes = ((try? JSONEncoder().encode(JSONValue.object(message))) ?? Data()) + [0]
        write(Array(bytes), to: input)
    }

    /// Nothing more is read; whoever waits hears so.
    func close() {
        let waiting = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(throwing: BrowserError("the browser is gone")) }
        // Wakes the reader.
        write([0], to: output)
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
        while !state.withLock(\.isOver) {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(output, $0.baseAddress, $0.count) }
            guard count > 0 else { continue }
            for byte in buffer.prefix(count) {
                if byte != 0 { message.append(byte) } else { take(message); message = [] }
            }
        }
        for descriptor in [input, output] { Glibc.close(descriptor) }
    }

    private func take(_ bytes: [UInt8]) {
        guard let message = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else { return }
        guard let id = message["id"]?.number else { return events.add(message) }
        state.withLock { $0.waiting.removeValue(forKey: Int(id)) }?.resume(returning: message)
    }
}

public struct BrowserError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
