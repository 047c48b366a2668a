import Glibc
import Model
import Ports
import TestSupport
import Testing

/// The examples' scripts and configurations, with the real proxies on addresses of this machine's loopback.
@Suite(
    .serialized,
    .enabled(
        if: SandboxAccess.current != nil && Disk.exists("/usr/sbin/haproxy") && Disk.exists("/usr/sbin/nginx"),
        "needs root, and Debian's haproxy and nginx"
    ),
    .limited(minutes: 2)
)
struct ProxyExampleTests {
    enum Proxy: String, CaseIterable {
        case nginx, haproxy

        fileprivate var address: String { self == .nginx ? "127.53.200.2" : "127.53.200.1" }

        fileprivate func variables(_ folder: String) -> [String: String] {
            [
                "LIVE": "\(folder)/live", "BUNDLES": "\(folder)/bundles", "SCRATCH": folder, "BIND_ADDRESS": address,
                "CONFIGURATION": "\(Checkout.top)/deploy/examples/haproxy/haproxy.cfg",
            ]
        }
    }

    @Test(arguments: Proxy.allCases)
    func `it serves a certificate that came, and another one, after a signal each`(proxy: Proxy) async throws {
        try await withProxy(proxy) { folder, reload in
            try await eventually("a handshake that is refused") {
                try await served("web.example.test", by: proxy) == nil
            }
            for _ in 1...2 {
                let serial = try await makeCertificate("web.example.test", ["web.example.test"], in: folder)
                reload()
                try await eventually("the certificate") { try await served("web.example.test", by: proxy) == serial }
            }
        }
    }

    /// What the labels `landfall.certificate` (each, shared, wildcard, none) and `landfall.certificate.name` lead to.
    @Test(arguments: Proxy.allCases)
    func `it serves each name by the certificate that names it, wherever that lies`(proxy: Proxy) async throws {
        try await withProxy(proxy) { folder, reload in
            let certificates = [
                ("each.other.test", ["each.other.test"]), ("shop", ["a.shop.test", "b.shop.test"]),
                ("wildcard.example.test", ["example.test", "*.example.test"]), ("*.s.other.test", ["*.s.other.test"]),
            ]
            var expected: [(name: String, serial: String)] = []
            for (lineage, names) in certificates {
                let serial = try await makeCertificate(lineage, names, in: folder)
                expected += names.map { ($0.replacing("*", with: "any"), serial) }
            }
            reload()
            for (name, serial) in expected {
                try await eventually("the certificate of \(name)") { try await served(name, by: proxy) == serial }
            }
            // `none`: there is no certificate.
            #expect(try await served("none.other.test", by: proxy) == nil)
        }
    }

    private func withProxy(_ proxy: Proxy, _ body: (String, () -> Void) async throws -> Void) async throws {
        try await withFolder { folder in
            let script = "\(Checkout.top)/deploy/examples/\(proxy.rawValue)/\(proxy.rawValue).sh"
            let number = "\(folder)/pid"
            let start = ["/bin/sh", "-c", #"echo $$ >"$0"; exec /bin/sh "$1""#, number, script]
            let running = Task { try await Checkout.run(start, environment: proxy.variables(folder)) }
            defer { running.cancel() }
            let pid = try await eventually("the script's number") { Disk.text(number).flatMap { pid_t($0.trimmed) } }
            try await eventually("its first answer") { try await served("nothing.test", by: proxy) == nil }
            try await body(folder) { kill(pid, SIGHUP) }
            kill(pid, SIGTERM)
            #expect(try await running.value.end == .exited(0))
        }
    }

    /// The serial number of the certificate that a client gets, nil when it gets none; throws when nothing answers.
    private func served(_ name: String, by proxy: Proxy) async throws -> String? {
        let client = ["openssl", "s_client", "-connect", "\(proxy.address):443", "-servername", name]
        let result = try await Checkout.run(
            ["/bin/sh", "-c", #""$@" </dev/null 2>&1 | openssl x509 -noout -serial 2>&1 || :"#, "ask"] + client
        )
        if result.outputText.hasPrefix("serial=") { return result.outputText }
        let isThere = try await Checkout.run(["/bin/sh", "-c", #""$@" </dev/null 2>&1"#, "ask"] + client)
        guard isThere.outputText.contains("CONNECTED") else { throw ExplainedError(description: isThere.outputText) }
        return nil
    }

    /// - Returns: its serial number, as `openssl x509 -serial` prints it.
    private func makeCertificate(_ lineage: String, _ names: [String], in folder: String) async throws -> String {
        let live = "\(folder)/live/\(lineage)"
        try Disk.makeFolder(live)
        let alternatives = names.map { "DNS:\($0)" }.joined(separator: ",")
        let made = try await Checkout.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
                + ["-subj", "/CN=stub", "-addext", "subjectAltName=\(alternatives)"]
                + ["-keyout", "\(live)/privkey.pem", "-out", "\(live)/fullchain.pem"]
        )
        #expect(made.end == .exited(0), "\(made.errorText)")
        return try await Checkout.run(["openssl", "x509", "-noout", "-serial", "-in", "\(live)/fullchain.pem"])
            .outputText
    }
}
