import DNS
import Glibc
import Model
import Ports
import TestSupport
import Testing
import Threads

/// A server that answers each datagram with what a test makes of it, or says nothing.
struct DatagramStub: Sendable {
    let server: DNSServer
    private let descriptor: Int32

    init(_ answers: @escaping @Sendable ([UInt8]) -> [[UInt8]]) throws {
        let socket = try LoopbackSocket(forDatagrams: true)
        let descriptor = socket.descriptor
        let loopback = try #require(IPAddress("127.0.0.1"))
        server = DNSServer(address: loopback, port: socket.port)
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
