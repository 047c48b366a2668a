import Emulators
import HTTPServer
import Model
import Ports
import Transport

/// An emulator on a real socket.
final class Served: Sendable {
    private let server: HTTPServer
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))

    init(_ emulator: any Emulator) throws {
        server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), handler: emulator.handler)
    }

    deinit { server.stop() }

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        headers: [String: String] = [:],
        _ body: String? = nil,
        timeLimit: Duration = .seconds(15)
    ) async throws -> HTTPResponse {
        let request = HTTPRequest(
            method,
            "http://127.0.0.1:\(server.port)\(path)",
            headers: headers.map { HTTPHeader($0.key, $0.value) },
            body: body.map { Array($0.utf8) },
            timeLimit: timeLimit
        )
        return try await transport.send(request, for: .run)
    }
}
