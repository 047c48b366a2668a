import DNS
import Glibc
import Model
import Ports
import Testing
import Threads

/// A server that answers each datagram with what a test makes of it, or says nothing.
struct DatagramStub: Sendable {
    let server: DNSServer
    private let descriptor: Int32

    init(_ answers: @escaping @Sendable ([UInt8]) -> [[UInt8]]) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let result = unsafe bind(descriptor, pointer, length)
                _ = unsafe getsockname(descriptor, pointer, &length)
                return result
            }
        }
        try #require(bound == 0)
        let loopback = try #require(IPAddress("127.0.0.1"))
        server = DNSServer(address: loopback, port: UInt16(bigEndian: address.sin_port))
        self.descriptor = descriptor
        try startThread(named: "datagrams") { Self.serve(descriptor, answers) }
    }

    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private static func serve(_ descriptor: Int32, _ answers: ([UInt8]) -> [[UInt8]]) {
        var buffer = [UInt8](repeating: 0, count: 2048)
        while true {
            var peer = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = unsafe withUnsafeMutablePointer(to: &peer) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    unsafe recvfrom(descriptor, &buffer, buffer.count, 0, pointer, &length)
                }
            }
            guard count > 0 else { break }
            for answer in answers(Array(buffer[..<count])) {
                _ = unsafe withUnsafePointer(to: &peer) { pointer in
                    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                        unsafe sendto(descriptor, answer, answer.count, 0, pointer, length)
                    }
                }
            }
        }
        close(descriptor)
    }
}
