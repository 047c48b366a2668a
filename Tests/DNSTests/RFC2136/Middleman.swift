import DNS
import Glibc
import Model
import Ports
import TestSupport
import Testing
import Threads

/// Stands between the provider and a server, on TCP, and does to what passes what a network may do.
struct Middleman: Sendable {
    enum Fate: Sendable {
        case passed
        /// Asked, and its answer gone.
        case answerLost
        /// Never asked.
        case swallowed
        /// Never answered, for as long as whoever asked waits.
        case held
        /// The answer ends after so many bytes.
        case cut(after: Int)
        /// So many bytes before its end, one of the answer is another.
        case changed(beforeEnd: Int)
        /// Answered by somebody else, with what is made of the message.
        case answered(@Sendable ([UInt8]) -> [UInt8])
    }

    let server: DNSServer
    private let listener: Int32

    /// - Parameter fate: of a message, by whether it is an update.
    init(before upstream: DNSServer, _ fate: @escaping @Sendable (_ isUpdate: Bool) -> Fate) throws {
        let socket = try LoopbackSocket()
        let listener = socket.descriptor
        try #require(listen(listener, 16) == 0)
        server = DNSServer(address: try #require(IPAddress("127.0.0.1")), port: socket.port)
        self.listener = listener
        try startThread(named: "middleman") {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                try? startThread(named: "middleman") { Self.serve(client, upstream, fate) }
            }
            close(listener)
        }
    }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func serve(_ client: Int32, _ upstream: DNSServer, _ fate: (Bool) -> Fate) {
        defer { close(client) }
        guard let message = message(from: client) else { return }
        // RFC 1035 §4.1.1: the opcode; 5 is UPDATE.
        let fate = fate((message[2] >> 3) & 0xF == 5)
        switch fate {
        case .swallowed: return
        case .held: _ = bytes(1, from: client)
        case .answered(let make): send(framed(make(message)), to: client)
        case .passed, .answerLost, .cut, .changed: forward(message, client, upstream, fate)
        }
    }

    private static func forward(_ message: [UInt8], _ client: Int32, _ upstream: DNSServer, _ fate: Fate) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(server) }
        let isConnected = unsafe withAddress(upstream.address.description, upstream.port) {
            unsafe connect(server, $0, $1) == 0
        }
        guard isConnected else { return }
        send(framed(message), to: server)
        var passed = 0
        // A transfer has several; the client closes when it has them all.
        while var answer = self.message(from: server, whileOpen: client) {
            if case .answerLost = fate { return }
            if case .changed(let place) = fate { answer[answer.count - place] ^= 0x01 }
            var bytes = framed(answer)
            if case .cut(let limit) = fate { bytes = Array(bytes.prefix(limit - passed)) }
            send(bytes, to: client)
            passed += bytes.count
            if case .cut(let limit) = fate, passed >= limit { return }
        }
    }

    private static func framed(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) {
        _ = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Nil when there is none any more, or `peer` has closed.
    private static func message(from descriptor: Int32, whileOpen peer: Int32? = nil) -> [UInt8]? {
        var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        if let peer { descriptors.append(pollfd(fd: peer, events: Int16(POLLIN), revents: 0)) }
        _ = unsafe poll(&descriptors, nfds_t(descriptors.count), -1)
        guard descriptors[0].revents != 0, let prefix = bytes(2, from: descriptor) else { return nil }
        return bytes(Int(prefix[0]) << 8 | Int(prefix[1]), from: descriptor)
    }

    private static func bytes(_ count: Int, from descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: count)
        return unsafe recv(descriptor, &buffer, count, Int32(MSG_WAITALL)) == count ? buffer : nil
    }

    private static func withAddress<Value>(
        _ address: String,
        _ port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        unsafe inet_pton(AF_INET, address, &name.sin_addr)
        return unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
