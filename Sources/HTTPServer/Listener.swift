import Glibc
import Model

/// The address that a server listens on.
package enum Listening: Sendable, Hashable, CustomStringConvertible {
    /// Port 0 takes any free one.
    case tcp(address: String, port: UInt16)
    /// A stale socket file is replaced, a live one is an error. The file never has wider permissions than `mode`.
    /// A path that begins with `@` is a name outside of the file system (unix(7), abstract sockets). Whoever knows it may
    /// connect; only this process' user and root get answers.
    case unix(path: String, mode: UInt32)

    package var description: String {
        switch self {
        case .tcp(let address, let port): address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        case .unix(let path, _): path
        }
    }
}

/// A bound and listening socket.
struct Listener {
    let descriptor: Int32
    /// 0 for a Unix socket.
    let port: UInt16

    init(_ listening: Listening) throws(HTTPServerError) {
        switch listening {
        case .tcp(let address, let port): try self.init(address: address, port: port, place: listening.description)
        case .unix(let path, let mode): try self.init(path: path, mode: mode)
        }
    }

    private static func makeSocket(_ family: Int32, for place: String) throws(HTTPServerError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw .refused(place, reason: systemErrorText(errno)) }
        return descriptor
    }

    /// Closes a socket that cannot listen, and returns the reason.
    private static func close(_ descriptor: Int32, at place: String) -> HTTPServerError {
        let code = errno
        Glibc.close(descriptor)
        return code == EADDRINUSE ? .inUse(place) : .refused(place, reason: systemErrorText(code))
    }

    private init(address text: String, port: UInt16, place: String) throws(HTTPServerError) {
        guard let address = IPAddress(text) else { throw .notAnAddress(text) }
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(address.description, "\(port)", &hints, &found) == 0, let name = unsafe found else {
            throw .notAnAddress(text)
        }
        defer { unsafe freeaddrinfo(name) }
        descriptor = try Self.makeSocket(unsafe name.pointee.ai_family, for: place)
        var one: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard unsafe bind(descriptor, name.pointee.ai_addr, name.pointee.ai_addrlen) == 0,
            listen(descriptor, SOMAXCONN) == 0
        else { throw Self.close(descriptor, at: place) }
        self.port = Self.boundPort(of: descriptor)
    }

    private static func boundPort(of descriptor: Int32) -> UInt16 {
        var name = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = unsafe getsockname(descriptor, pointer, &length)
            }
        }
        // sockaddr_in has its port at the same offset.
        return UInt16(bigEndian: name.sin6_port)
    }

    private init(path: String, mode: UInt32) throws(HTTPServerError) {
        guard var name = Self.name(of: path) else { throw .pathTooLong(path, limit: Self.longestPath) }
        if path.isAbstractSocket {
            descriptor = try Self.makeSocket(AF_UNIX, for: path)
            port = 0
            let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + path.utf8.count } ?? 0
            guard unsafe Self.call(Glibc.bind, descriptor, &name, length) == 0, listen(descriptor, SOMAXCONN) == 0
            else { throw Self.close(descriptor, at: path) }
            return
        }
        try Self.clear(path, &name)
        descriptor = try Self.makeSocket(AF_UNIX, for: path)
        port = 0
        // On Linux bind(2) gives the file the socket's own mode less the umask, so it is never wider than asked. The bits
        // that the umask removed are restored before anything can connect.
        guard fchmod(descriptor, mode) == 0, unsafe Self.call(Glibc.bind, descriptor, &name) == 0 else {
            throw Self.close(descriptor, at: path)
        }
        guard unsafe chmod(path, mode) == 0, listen(descriptor, SOMAXCONN) == 0 else {
            defer { unsafe unlink(path) }
            throw Self.close(descriptor, at: path)
        }
    }

    /// The size of `sun_path` less its final zero (unix(7)).
    private static let longestPath = 107

    private static func name(of path: String) -> sockaddr_un? {
        guard path.utf8.count <= longestPath else { return nil }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let bytes = path.isAbstractSocket ? [0] + Array(path.utf8.dropFirst()) : Array(path.utf8)
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return name
    }

    /// Removes the socket file of a process that has ended.
    private static func clear(_ path: String, _ name: inout sockaddr_un) throws(HTTPServerError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }
        let probe = try makeSocket(AF_UNIX, for: path)
        defer { Glibc.close(probe) }
        let isRefused = unsafe call(connect, probe, &name) != 0 && errno == ECONNREFUSED
        guard isRefused else { throw .inUse(path) }
        unsafe unlink(path)
    }

    /// Calls `bind` or `connect` with the address type of any family.
    private static func call<Name>(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32,
        _ descriptor: Int32,
        _ name: inout Name,
        _ length: Int = MemoryLayout<Name>.size
    ) -> Int32 {
        unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe function(descriptor, pointer, socklen_t(length))
            }
        }
    }
}

extension String {
    /// Whether it names a socket outside of the file system.
    var isAbstractSocket: Bool { hasPrefix("@") }
}

/// Why a server cannot listen, as a sentence for a person.
package enum HTTPServerError: Error, Hashable, Sendable, CustomStringConvertible {
    case notAnAddress(String)
    case pathTooLong(String, limit: Int)
    /// Another process answers at the socket.
    case inUse(String)
    /// The path names an existing file that is not a socket.
    case notASocket(String)
    case refused(String, reason: String)

    package var description: String {
        switch self {
        case .notAnAddress(let text): "\(text) is not an IP address to listen on"
        case .pathTooLong(let path, let limit): "the socket's path \(path) is longer than \(limit) bytes"
        case .inUse(let place): "another process already listens on \(place)"
        case .notASocket(let path): "\(path) exists and is not a socket"
        case .refused(let place, let reason): "cannot listen on \(place): \(reason)"
        }
    }
}
