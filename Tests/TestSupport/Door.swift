import System
import Glibc
import Synchronization
import Threads

/// A server of this machine, to be reached in another network namespace as well.
///
/// A socket belongs to the namespace in which it was made, whoever uses it then: so one thread goes there to make it, and
/// what comes in is carried to the server from here.
package final class Door: Sendable {
    package enum Kind: Sendable {
        case stream, datagrams

        fileprivate var number: Int32 {
            switch self {
            case .stream: Int32(SOCK_STREAM.rawValue)
            case .datagrams: Int32(SOCK_DGRAM.rawValue)
            }
        }
    }

    private let kind: Kind
    private let target: SocketAddress
    private let socket: Int32
    private let open = Mutex<Set<Int32>>([])

    /// - Parameters:
    ///   - target: an IPv4 address and a port of this machine's.
    ///   - entrance: where it is reached in the other namespace; the same unless said.
    ///   - namespace: a file of the other network namespace.
    package init(
        to target: SocketAddress,
        at entrance: SocketAddress? = nil,
        in namespace: String,
        _ kind: Kind = .stream
    ) throws {
        (self.kind, self.target) = (kind, target)
        socket = try listening(at: entrance ?? target, in: namespace, kind)
        try startThread(named: "door") { [weak self, socket] in
            while self?.serveNext(socket) ?? false {}
        }
    }

    /// Breaks its connections, and takes no new ones.
    package func close() {
        shutdown(socket, Int32(SHUT_RDWR))
        open.withLock { for descriptor in $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    deinit {
        close()
        Glibc.close(socket)
    }

    /// - Returns: whether there may be a next one.
    private func serveNext(_ socket: Int32) -> Bool {
        switch kind {
        case .stream:
            let client = accept(socket, nil, nil)
            guard client >= 0 else { return false }
            startOrClose(client) { $0.carry(client) }
        case .datagrams:
            var (buffer, sender) = ([UInt8](repeating: 0, count: 65536), sockaddr_in())
            let count = receive(&buffer, from: &sender, socket)
            guard count > 0 else { return false }
            answer(Array(buffer[..<count]), to: sender)
        }
        return true
    }

    private func startOrClose(_ client: Int32, _ body: @escaping @Sendable (Door) -> Void) {
        do {
            try startThread(named: "door") { [weak self] in self.map(body) }
        } catch {
            Glibc.close(client)
        }
    }

    private func carry(_ client: Int32) {
        guard let server = target.connected(kind.number) else {
            Glibc.close(client)
            return
        }
        open.withLock { $0.formUnion([client, server]) }
        pump(client, server)
        open.withLock { open in
            open.subtract([client, server])
            Glibc.close(client)
            Glibc.close(server)
        }
    }

    /// One answer at most; who asks waits for its own, and asks again.
    private func answer(_ question: [UInt8], to sender: sockaddr_in) {
        guard let server = target.connected(kind.number) else { return }
        try? startThread(named: "door") { [socket] in
            defer { Glibc.close(server) }
            write(question, to: server)
            var waiting = pollfd(fd: server, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&waiting, 1, 5000) > 0 else { return }
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = unsafe read(server, &buffer, buffer.count)
            guard count > 0 else { return }
            unsafe SocketAddress(sender).withPointer { address, size in
                unsafe _ = sendto(socket, buffer, count, Int32(MSG_NOSIGNAL), address, size)
            }
        }
    }
}

private func receive(_ buffer: inout [UInt8], from sender: inout sockaddr_in, _ socket: Int32) -> Int {
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return unsafe withUnsafeMutablePointer(to: &sender) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            unsafe recvfrom(socket, &buffer, buffer.count, 0, pointer, &size)
        }
    }
}

/// An IPv4 address with a port.
package struct SocketAddress: Sendable, Hashable {
    private let address: in_addr_t
    private let port: UInt16

    /// - Parameter text: `127.0.0.1:53`.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
        var binary = in_addr()
        guard unsafe inet_pton(AF_INET, String(parts[0]), &binary) == 1 else { return nil }
        (address, self.port) = (binary.s_addr, port)
    }

    fileprivate init(_ address: sockaddr_in) {
        (self.address, port) = (address.sin_addr.s_addr, UInt16(bigEndian: address.sin_port))
    }

    fileprivate func withPointer<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        var socketAddress = sockaddr_in()
        socketAddress.sin_family = sa_family_t(AF_INET)
        socketAddress.sin_addr.s_addr = address
        socketAddress.sin_port = port.bigEndian
        return unsafe withUnsafePointer(to: &socketAddress) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe body(pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Nil when nobody is there.
    fileprivate func connected(_ kind: Int32) -> Int32? {
        let descriptor = socket(AF_INET, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        guard unsafe withPointer({ unsafe connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    fileprivate func bound(_ kind: Door.Kind) -> Int32? {
        let descriptor = socket(AF_INET, kind.number | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let isBound = unsafe withPointer { unsafe bind(descriptor, $0, $1) } == 0
        guard isBound, kind == .datagrams || listen(descriptor, 64) == 0 else {
            let code = errno
            close(descriptor)
            errno = code
            return nil
        }
        return descriptor
    }
}

/// A namespace that cannot be entered, or an address that is taken in it.
struct NoDoor: Error {
    let namespace: String
    let code: Int32
}

private func listening(at address: SocketAddress, in namespace: String, _ kind: Door.Kind) throws -> Int32 {
    let made = Mutex<(socket: Int32, code: Int32)>((-1, 0))
    let bell = try Wakeup()
    // The thread ends there, and with it its being elsewhere.
    try startThread(named: "door") {
        let file = unsafe open(namespace, O_RDONLY | O_CLOEXEC)
        var socket: Int32 = -1
        if file >= 0, CurrentProcess.enterNetwork(file) { socket = address.bound(kind) ?? -1 }
        let result = (socket, errno)
        if file >= 0 { close(file) }
        made.withLock { $0 = result }
        bell.wake()
    }
    bell.wait()
    let result = made.withLock(\.self)
    guard result.socket >= 0 else { throw NoDoor(namespace: namespace, code: result.code) }
    return result.socket
}
