import Certificates
package import Configuration
import DNS
import Docker
import Log
import Model
import Ports
import Processes
import Threads
import Timing
import Transport

/// Checks whether everything that Landfall depends on answers, without changing anything.
package struct DependencyCheck: Sendable {
    package struct Finding: Sendable {
        package let subject: String
        package let isOK: Bool
        package let text: String
        /// What to do about it; nil if nothing is wrong or the text already says it.
        package let fix: String?

        init(_ subject: String, isOK: Bool, _ text: String, fix: String? = nil) {
            (self.subject, self.isOK, self.text) = (subject, isOK, text)
            self.fix = isOK ? nil : fix
        }
    }

    let configuration: Configuration
    let transport: any HTTPTransport

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        transport = ReadOnlyTransport(CurlTransport.landfall(configuration))
    }

    package func all() async -> [Finding] {
        async let engine = checkEngine()
        async let dns = checkDNS()
        async let address = checkAddress()
        async let authority = checkAuthority()
        async let certbot = checkCertbot()
        async let notices = checkNotices()
        async let page = checkStatusPage()
        return await [engine] + dns + [address, authority, certbot].compactMap { $0 } + checkFolders() + notices
            + [page].compactMap { $0 }
    }

    private func checkEngine() async -> Finding {
        await finding("Docker") {
            let engine = EngineClient(configuration.engine, transport: transport)
            let version = try await engine.negotiate()
            let mode = try await engine.mode()
            if let reason = mode.unreadableReason { throw Unusable(reason) }
            return "\(mode), API \(version), at \(configuration.engine)"
        }
    }

    private func checkDNS() async -> [Finding] {
        guard configuration.records.isOn else { return [] }
        async let cloudflare = checkCloudflare()
        async let rfc2136 = checkRFC2136()
        async let exec = checkExec()
        let findings = await [cloudflare, rfc2136, exec].compactMap { $0 }
        guard findings.isEmpty else { return findings }
        let fix = "set CLOUDFLARE_API_TOKEN, RFC2136_SERVER or LANDFALL_EXEC_PROVIDER; or LANDFALL_DNS=off"
        return [Finding("DNS", isOK: false, "no provider is configured, so no records are written", fix: fix)]
    }

    private func checkCloudflare() async -> Finding? {
        guard let provider = configuration.cloudflareProvider(transport, SystemClock()) else { return nil }
        let fix =
            "the credentials need Zone:Read and DNS:Edit for your zones; make a token at "
            + "https://dash.cloudflare.com/profile/api-tokens and set CLOUDFLARE_API_TOKEN"
        return await finding(provider.name, fix: fix) {
            let identity = try await provider.verify()
            let zones = try await provider.zones()
            let shown = await concurrentMap(Array(zones.prefix(Self.countedZones)), atMost: 8) { zone in
                let records = try? await provider.countRecords(in: zone)
                return records.map { "\(zone.name) (\($0) \($0 == 1 ? "record" : "records"))" }
                    ?? "\(zone.name) (records not readable)"
            }
            let more = zones.count > shown.count ? " and \(zones.count - shown.count) more" : ""
            return "\(identity), which can see \(zones.isEmpty ? "no zones" : shown.joined(separator: ", "))\(more)"
        }
    }

    private func checkRFC2136() async -> Finding? {
        guard let provider = configuration.rfc2136Provider(ReadOnlyDNSClient(LDNSClient())) else { return nil }
        let fix =
            "check that RFC2136_KEY_NAME and RFC2136_KEY_SECRET match the server's, and that the server lets this key "
            + "transfer and update RFC2136_ZONES"
        return await finding(provider.name, fix: fix) {
            let zones = try await provider.zones()
            for zone in zones { _ = try await provider.records(in: zone) }
            return "the key is accepted; \(Self.list(zones) ?? "no zones")"
        }
    }

    private func checkExec() async -> Finding? {
        guard let provider = configuration.execProvider(SpawnRunner()) else { return nil }
        return await finding(provider.name, fix: "run it by hand, as shown in docs/providers.md") {
            Self.list(try await provider.zones()) ?? "the program answers but has no zones"
        }
    }

    private static func list(_ zones: [Zone]) -> String? {
        zones.isEmpty ? nil : "zones \(zones.map(\.name.text).joined(separator: ", "))"
    }

    /// How many zones have their records counted, with one request each.
    private static let countedZones = 20

    private func checkAuthority() async -> Finding? {
        guard configuration.certificates.isOn else { return nil }
        let server = configuration.certificates.server
        let fix =
            "check CERTBOT_SERVER and the connection to it; an authority with a private certificate needs LANDFALL_CA_FILE"
        return await finding("ACME", fix: fix) {
            let response = try await transport.send(HTTPRequest(.get, server), for: .run)
            guard response.status == 200, response.text.contains("newOrder") else {
                throw Unusable("\(server) answered \(response.status) and is not an ACME directory")
            }
            let limits = configuration.certificates.limits ?? .standard(of: server)
            return "\(server); rate limits: \(limits)"
        }
    }

    private func checkCertbot() async -> Finding? {
        guard configuration.certificates.isOn else { return nil }
        return await finding("certbot", fix: "install it (`apt install certbot`), or use the image, which includes it")
        {
            let request = ProcessRequest(
                [configuration.certificates.program, "--version"],
                environment: ["PATH": CertbotSettings.searchPath],
                timeLimit: .seconds(30)
            )
            let result = try await SpawnRunner().run(request, for: .run)
            let output = sanitized(
                (result.outputText + result.errorText).split(separator: "\n").last ?? "nothing",
                limit: 100
            )
            guard result.end == .exited(0) else { throw Unusable("it does not run; it prints: \(output)") }
            return output
        }
    }

    func finding(_ subject: String, fix: String? = nil, _ ask: () async throws -> String) async -> Finding {
        do {
            return Finding(subject, isOK: true, try await ask())
        } catch {
            return Finding(subject, isOK: false, "\(error)", fix: fix)
        }
    }

    struct Unusable: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }
}
