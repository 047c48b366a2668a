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
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    let result = unsafe bind(descriptor, pointer, length)
                    _ = unsafe getsockname(descriptor, pointer, &length)
                    return result
                }
            }
            guard result == 0 else { throw ScratchError(errno) }
            return UInt16(bigEndian: address.sin_port)
        }
    }
}

extension HookRequest {
    init(json bytes: [UInt8]) throws { self = try JSONDecoder().decode(HookRequest.self, from: Data(bytes)) }
}
