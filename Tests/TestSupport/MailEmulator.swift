import Glibc
import Synchronization
import Threads

/// Emulates a mail server (RFC 5321) without encryption, on a loopback socket: it offers AUTH PLAIN to every client, and keeps
/// what it takes.
package final class MailEmulator: Sendable {
    package struct Received: Sendable {
        /// Without the brackets.
        package let from: String
        package let to: [String]
        /// Headers and body, without the dots that were added for the transport.
        package let lines: [String]
        /// The argument of AUTH PLAIN, as it came.
        package let login: String?

        /// The value of a header, its continued lines joined.
        package func header(_ name: String) -> String? {
            guard let start = lines.firstIndex(where: { $0.hasPrefix("\(name): ") }) else { return nil }
            let rest = lines[(start + 1)...].prefix { $0.hasPrefix(" ") }
            return ([String(lines[start].dropFirst(name.count + 2))] + rest).joined()
        }

        package var body: String { lines.drop { !$0.isEmpty }.dropFirst().joined() }
    }

    package let port: UInt16
    private let listener: Int32
    private let state = Mutex((received: [Received](), replies: [String: String](), commands: [String]()))

    package init() throws {
        let socket = try LoopbackSocket()
        listen(socket.descriptor, 8)
        (listener, port) = (socket.descriptor, socket.port)
        try startThread(named: "mail emulator") { [weak self, listener] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                self?.converse(on: connection)
                close(connection)
            }
        }
    }

    deinit { stop() }

    package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    package var received: [Received] { state.withLock(\.received) }

    /// The commands of all connections, without their arguments.
    package var commands: [String] { state.withLock(\.commands) }

    /// From now on answers with `reply` to a command; to the end of a mail's text if it is `.`, to a new connection if it is
    /// empty, where an empty reply hangs up. Any other empty reply is silence.
    package func answer(_ command: String, with reply: String) { state.withLock { $0.replies[command] = reply } }

    private func converse(on connection: Int32) {
        let lines = LineReader(connection)
        var (from, to, login) = ("", [String](), String?.none)
        func reply(_ command: String, _ usual: String) -> Bool {
            let text = state.withLock { state in
                if !command.isEmpty { state.commands.append(command) }
                return state.replies[command] ?? usual
            }
            if !text.isEmpty { write(text + "\r\n", to: connection) }
            return text.hasPrefix("2") || text.hasPrefix("3")
        }
        guard reply("", "220 mail.example.test ESMTP") else { return }
        while let line = lines.next() {
            let command = line.split(separator: " ").first.map { $0.uppercased() } ?? ""
            switch command {
            case "EHLO": _ = reply(command, "250-mail.example.test\r\n250-SIZE 1000000\r\n250 AUTH PLAIN")
            case "AUTH":
                var text = line.split(separator: " ").dropFirst(2).first.map(String.init)
                if text == nil, reply(command, "334 ") { text = lines.next() }
                if reply(command + " PLAIN", "235 2.7.0 accepted") { login = text }
            case "MAIL": if reply(command, "250 2.1.0 OK") { from = address(in: line) }
            case "RCPT": if reply(command, "250 2.1.5 OK") { to.append(address(in: line)) }
            case "DATA":
                guard reply(command, "354 go ahead") else { continue }
                var text: [String] = []
                while let line = lines.next(), line != "." {
                    text.append(line.hasPrefix(".") ? String(line.dropFirst()) : line)
                }
                let mail = Received(from: from, to: to, lines: text, login: login)
                state.withLock { state in
                    if state.replies["."]?.hasPrefix("2") ?? true { state.received.append(mail) }
                }
                _ = reply(".", "250 2.0.0 queued")
            case "QUIT":
                if reply(command, "221 2.0.0 bye") { return }
            default: _ = reply(command, "250 2.0.0 OK")
            }
        }
    }

    private func address(in line: String) -> String { String(line.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }) }
}

/// Reads lines that end with CR LF.
private final class LineReader {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Nil at the end of the connection.
    func next() -> String? {
        while true {
            if let end = buffer.firstRange(of: "\r\n".utf8) {
                defer { buffer.removeSubrange(..<end.upperBound) }
                return String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
            }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = unsafe read(descriptor, &bytes, bytes.count)
            guard count > 0 else { return nil }
            buffer += bytes[..<count]
        }
    }
}
