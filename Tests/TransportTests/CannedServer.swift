import Glibc
import TestSupport
import Testing
import Threads

/// A server of one connection that answers with given bytes, on a real socket.
struct CannedServer {
    let port: UInt16
    private let listener: Int32

    init() throws {
        let socket = try LoopbackSocket()
        listen(socket.descriptor, 8)
        (listener, port) = (socket.descriptor, socket.port)
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
