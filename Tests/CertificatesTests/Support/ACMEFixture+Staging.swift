import Model
import Ports
import Transport

extension ACMEFixture {
    /// A second authority that uses the same DNS.
    struct Staging {
        let server: String
        fileprivate let log: String
        fileprivate let scratch: Scratch

        /// How many orders it was asked for.
        var orders: Int { get throws { ACMEFixture.orders(in: try scratch.text(log)) } }
    }

    /// How many orders pebble logged.
    static func orders(in log: String) -> Int {
        log.split(separator: "\n").count { $0.contains("POST /order-plz") }
    }

    func withStaging(_ body: (Staging) async throws -> Void) async throws {
        let ports = try FreePorts.take(2)
        let parts = try scratch.text("pebble.json").split(separator: "\n", omittingEmptySubsequences: false)
        let addresses =
            #"  "listenAddress": "127.0.0.1:\#(ports[0])", "managementListenAddress": "127.0.0.1:\#(ports[1])","#
        let lines = parts.map { $0.contains("listenAddress") ? addresses : String($0) }
        try scratch.write(lines.joined(separator: "\n"), to: "staging.json")
        let script = #"exec pebble -config staging.json -strict -dnsserver "$0" >staging.log 2>&1"#
        let pebble = scratch.start(
            "sh",
            "-c",
            script,
            dnsServer,
            environment: ["PEBBLE_VA_NOSLEEP": "1", "PEBBLE_AUTHZREUSE": "0", "PEBBLE_WFE_NONCEREJECT": "0"]
        )
        let staging = Staging(server: "https://localhost:\(ports[0])/dir", log: "staging.log", scratch: scratch)
        let end: () async throws -> Void = {
            pebble.cancel()
            _ = try await pebble.value
        }
        do {
            let transport = CurlTransport(.init(authorities: "\(scratch.path)/ca.pem", userAgent: "landfall-tests"))
            try await Self.awaitAnswer(staging.server, transport)
            try await body(staging)
        } catch {
            try await end()
            throw error
        }
        try await end()
    }
}
