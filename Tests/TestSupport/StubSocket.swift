import Glibc

func listenOnSocket(at path: String) throws -> Int32 {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let bound = unsafe withSocketAddress(path) { unsafe bind(listener, $0, $1) }
    guard bound == 0, listen(listener, 64) == 0 else { throw NoSocket(path: path, code: errno) }
    return listener
}

package func connectToSocket(at path: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard unsafe withSocketAddress(path, { unsafe connect(descriptor, $0, $1) }) == 0 else {
        let code = errno
        close(descriptor)
        throw NoSocket(path: path, code: code)
    }
    return descriptor
}

private func withSocketAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            unsafe body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}

struct NoSocket: Error {
    let path: String
    let code: Int32
}

func readRequest(from connection: Int32) -> StubEngine.Request? {
    var head: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: head, as: UTF8.self).contains("\r\n\r\n") {
        let count = unsafe read(connection, &buffer, buffer.count)
        guard count > 0 else { return nil }
        head += buffer[..<count]
    }
    let text = String(decoding: head, as: UTF8.self)
    let words = text.split(separator: " ", maxSplits: 2)
    guard words.count == 3, let end = text.firstRange(of: "\r\n\r\n") else { return nil }
    let length = text[..<end.lowerBound].split(separator: "\r\n").compactMap { line in
        line.lowercased().hasPrefix("content-length:") ? Int(line.drop { $0 != ":" }.dropFirst(2)) : nil
    }
    var body = Array(text[end.upperBound...].utf8)
    while body.count < length.first ?? 0 {
        let count = unsafe read(connection, &buffer, buffer.count)
        guard count > 0 else { return nil }
        body += buffer[..<count]
    }
    return StubEngine.Request(
        method: String(words[0]),
        target: String(words[1]),
        head: String(text[..<end.lowerBound]),
        body: String(decoding: body, as: UTF8.self)
    )
}

func write(_ text: String, to connection: Int32) { write(Array(text.utf8), to: connection) }

func write(_ bytes: [UInt8], to connection: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes {
            unsafe send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

func waitForEnd(of connection: Int32) {
    var buffer = [UInt8](repeating: 0, count: 256)
    while unsafe read(connection, &buffer, buffer.count) > 0 {}
}
