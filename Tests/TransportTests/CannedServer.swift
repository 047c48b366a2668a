import Glibc
import Testing
import Threads

/// A server of one connection that answers with given bytes, on a real socket.
struct CannedServer {
    let port: UInt16
    private let listener: Int32

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let result = unsafe bind(listener, pointer, length)
                _ = unsafe getsockname(listener, pointer, &length)
                return result
            }
        }
        try #require(bound == 0)
        listen(listener, 8)
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
    }

    /// Reads a request's head, writes `answer`, and closes unless told to hold the connection open.
    func serveOne(_ answer: String, holdOpen: Bool = false) throws {
        let listener = listener
        try startThread(named: "canned") {
            let connection = accept(listener, nil, nil)
            var buffer = [UInt8](repeating: 0, count: 65536)
            _ = unsafe read(connection, &buffer, buffer.count)
            let bytes = Array(answer.utf8)
            _ = unsafe write(connection, bytes, bytes.count)
            if holdOpen {
                while unsafe read(connection, &buffer, buffer.count) > 0 {}
            }
            close(connection)
        }
    }

    func stop() { close(listener) }

    var url: String { "http://127.0.0.1:\(port)/" }
}
