import Glibc
import Model
import Ports
import TestSupport
import Testing

/// The example's script and configuration, with a real HAProxy on an address of this machine's loopback.
@Suite(
    .enabled(if: SandboxAccess.current != nil && Disk.exists("/usr/sbin/haproxy"), "needs root and Debian's haproxy"),
    .limited(minutes: 2)
)
struct HAProxyTests {
    private static let address = "127.53.200.1"

    @Test func `it serves a certificate that came, and another one, after a signal each`() async throws {
        try await withFolder { folder in
            let script = "\(Checkout.top)/deploy/examples/haproxy/haproxy.sh"
            let variables = [
                "LIVE": "\(folder)/live", "BUNDLES": "\(folder)/bundles", "BIND_ADDRESS": Self.address,
                "CONFIGURATION": "\(Checkout.top)/deploy/examples/haproxy/haproxy.cfg",
            ]
            let number = "\(folder)/pid"
            let start = ["/bin/sh", "-c", #"echo $$ >"$0"; exec /bin/sh "$1""#, number, script]
            let proxy = Task { try await Checkout.run(start, environment: variables) }
            defer { proxy.cancel() }
            let pid = try await eventually("the script's number") { Disk.text(number).flatMap { pid_t($0.trimmed) } }
            try await eventually("a handshake that is refused") { try await served() == nil }
            var last: String?
            for _ in 1...2 {
                try await makeCertificate(in: "\(folder)/live/web.example.test")
                kill(pid, SIGHUP)
                last = try await eventually("another certificate") {
                    try await served().flatMap { $0 == last ? nil : $0 }
                }
            }
            kill(pid, SIGTERM)
            #expect(try await proxy.value.end == .exited(0))
        }
    }

    /// The serial number of the certificate that a client gets, nil when it gets none; throws when nobody is there.
    private func served() async throws -> String? {
        let client = ["openssl", "s_client", "-connect", "\(Self.address):443", "-servername", "web.example.test"]
        let result = try await Checkout.run(
            ["/bin/sh", "-c", #""$@" </dev/null 2>&1 | openssl x509 -noout -serial 2>&1 || :"#, "ask"] + client
        )
        if result.outputText.hasPrefix("serial=") { return result.outputText }
        let isThere = try await Checkout.run(["/bin/sh", "-c", #""$@" </dev/null 2>&1"#, "ask"] + client)
        guard isThere.outputText.contains("CONNECTED") else { throw ExplainedError(description: isThere.outputText) }
        return nil
    }

    private func makeCertificate(in folder: String) async throws {
        try Disk.makeFolder(folder)
        let result = try await Checkout.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
                + ["-subj", "/CN=web.example.test", "-addext", "subjectAltName=DNS:web.example.test"]
                + ["-keyout", "\(folder)/privkey.pem", "-out", "\(folder)/fullchain.pem"]
        )
        #expect(result.end == .exited(0))
    }
}
