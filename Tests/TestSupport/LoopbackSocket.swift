import Glibc

/// A socket at a free port of 127.0.0.1.
package struct LoopbackSocket: Sendable {
    package let descriptor: Int32
    package let port: UInt16

    package init(forDatagrams: Bool = false) throws {
        descriptor = socket(AF_INET, Int32((forDatagrams ? SOCK_DGRAM : SOCK_STREAM).rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let result = unsafe bind(descriptor, pointer, length)
                _ = unsafe getsockname(descriptor, pointer, &length)
                return result
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard result == 0 else {
            let code = errno
            close(descriptor)
            throw NoSocket(path: "127.0.0.1", code: code)
        }
    }
}
