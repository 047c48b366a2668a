import Certificates
import FoundationEssentials
import Glibc
import Model
import Ports
import Processes
import TestSupport

extension Scratch {
    /// Starts a program here that runs until its task is cancelled; the task's value is what it printed.
    func start(_ arguments: String..., environment: [String: String] = [:]) -> Task<String, any Error> {
        let request = ProcessRequest(
            arguments,
            environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 },
            directory: path,
            timeLimit: .seconds(600).scaledToLoad
        )
        return Task {
            let result = try await SpawnRunner().run(request, for: .run)
            return result.outputText + result.errorText
        }
    }

    /// A CA of our own, pebble's server certificate, and pebble's configuration with `configuration` as further fields.
    func makeAuthority(ports: [UInt16], configuration further: String = "") async throws {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try await run(["openssl", "req", "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA"] + key)
        try await run(
            ["openssl", "req", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"] + key
        )
        try write("subjectAltName=DNS:localhost\n", to: "server.ext")
        try await run([
            "openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", "server.pem", "-extfile", "server.ext",
        ])
        let configuration = """
            {"pebble": {
              "listenAddress": "127.0.0.1:\(ports[2])", "managementListenAddress": "127.0.0.1:\(ports[3])",
              "certificate": "server.pem", "privateKey": "server.key",
              "httpPort": 1, "tlsPort": 1, "ocspResponderURL": "" \(further.isEmpty ? "" : ", " + further)
            }}
            """
        try write(configuration, to: "pebble.json")
    }
}

/// Ports that are free at the moment.
enum FreePorts {
    static func take(_ count: Int) throws -> [UInt16] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let socket = try LoopbackSocket()
            sockets.append(socket.descriptor)
            return socket.port
        }
    }
}

extension HookRequest {
    init(json bytes: [UInt8]) throws { self = try JSONDecoder().decode(HookRequest.self, from: Data(bytes)) }
}
