import Emulators
import HTTPServer

/// A service on a port of its own, and so of an operator of its own, which says what a test wants.
final class Service: Sendable {
    let emulator = AddressEmulator()
    private let server: HTTPServer
    private let path: String

    init(_ path: String = "/") throws {
        self.path = path
        server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), handler: emulator.handler)
    }

    static func several(_ count: Int) throws -> [Service] { try (0..<count).map { _ in try Service() } }

    var url: String { "http://127.0.0.1:\(server.port)\(path)" }
    var name: String { "127.0.0.1:\(server.port)" }
    var asked: Int { emulator.log.requests.count }

    /// From now on, in place of what it said before.
    func says(_ text: String) { does(.text(text)) }

    func does(_ effect: Fault.Effect) {
        emulator.faults.clear()
        emulator.faults.add(Fault(effect))
    }
}
