import Glibc
import Model
import Threads

/// A TCP client that sends what it is told to.
package struct RawClient: Sendable {
    private let descriptor: Int32

    /// Connects to a port of this machine.
    ///
    /// - Parameter source: the address of the client: `127.0.0.2` is another one than `127.0.0.1`.
    package init(port: UInt16, from source: String = "127.0.0.1") throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard unsafe Self.call(bind, descriptor, source, port: 0),
            unsafe Self.call(connect, descriptor, "127.0.0.1", port: port)
        else {
            let code = errno
            close()
            throw NoSocket(path: "127.0.0.1:\(port)", code: code)
        }
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32,
        _ descriptor: Int32,
        _ text: String,
        port: UInt16
    ) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        unsafe inet_pton(AF_INET, text, &address.sin_addr)
        address.sin_port = port.bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe function(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// What the server does not take is dropped.
    package func send(_ text: String) { write(text, to: descriptor) }

    /// What comes until the server ends the connection.
    package func readToEnd() async throws -> String {
        let descriptor = descriptor
        return try await blocking(named: "reader") {
            var text: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = unsafe read(descriptor, &buffer, buffer.count)
                guard count > 0 else { return String(outside: text) }
                text += buffer.prefix(count)
            }
        }
    }

    package func close() { _ = Glibc.close(descriptor) }
}
