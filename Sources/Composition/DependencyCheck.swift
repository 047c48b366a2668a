import Address
import Certificates
package import Configuration
import DNS
import Docker
import Files
import Glibc
import HTTPServer
import Log
import Model
import Notices
import Ports
import Processes
import Report
import State
import System
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

    private let configuration: Configuration
    private let transport: any HTTPTransport

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
            if let reason = mode.unreadableReason { throw UserFacingError(reason) }
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
                throw UserFacingError("\(server) answered \(response.status) and is not an ACME directory")
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
            guard result.end == .exited(0) else { throw UserFacingError("it does not run; it prints: \(output)") }
            return output
        }
    }

    private func finding(_ subject: String, fix: String? = nil, _ ask: () async throws -> String) async -> Finding {
        do {
            return Finding(subject, isOK: true, try await ask())
        } catch {
            return Finding(subject, isOK: false, "\(error)", fix: fix)
        }
    }

    /// Finds the public address as a first run would, with empty state. Nil if no records are written.
    private func checkAddress() async -> Finding? {
        guard configuration.records.isOn, let emptyStore = try? StateStore.inMemory() else { return nil }
        let stage = AddressStage(
            v4: configuration.records.addressV4,
            v6: configuration.records.addressV6,
            transport: transport,
            interfaces: SystemInterfaces(),
            proxies: configuration.proxies,
            state: emptyStore,
            clock: SystemClock(),
            log: .silent
        )
        let families = await stage.find().families
        let texts = families.map { finding in
            let witnesses = stage.confirmed.first { $0.family == finding.family }?.sources ?? []
            let source = witnesses.isEmpty ? "as configured" : "by \(witnesses.joined(separator: " and "))"
            return finding.unconfirmedReason ?? "\(finding.address.value?.description ?? ""), \(source)"
        }
        return Finding(
            "public address",
            isOK: families.allSatisfy { $0.unconfirmedReason == nil },
            texts.joined(separator: "; "),
            fix: "let Landfall reach the address services, or set LANDFALL_IP to an address or to interface:NAME"
        )
    }

    /// Verifies the Slack token. For the other notifiers only a real notice could tell whether they work.
    private func checkNotices() async -> [Finding] {
        let notices = configuration.notices
        let others = [
            ("webhook", notices.webhook != nil), ("ntfy", notices.ntfy != nil), ("Discord", notices.discord != nil),
            ("Gotify", notices.gotify != nil), ("notify command", notices.command != nil),
            ("heartbeat", notices.heartbeat != nil),
        ]
        return await [checkSlack()].compactMap(\.self)
            + others.filter(\.1).map { Finding($0.0, isOK: true, "configured") }
    }

    private func checkSlack() async -> Finding? {
        guard let slack = configuration.notices.slack else { return nil }
        let fix =
            "create a bot token with chat:write at https://api.slack.com/apps, set SLACK_TOKEN, and invite the bot to the channel"
        return await finding("Slack", fix: fix) { try await SlackNotifier(slack, transport: transport).verify() }
    }

    /// Checks that Landfall may write to its folders, without creating anything.
    private func checkFolders() -> [Finding] {
        var findings = [Self.folder("state folder", configuration.stateFolder, "LANDFALL_STATE_DIR"), checkStore()]
        if configuration.certificates.isOn {
            let folder = configuration.certificates.folder
            findings.append(Self.folder("certificates folder", folder, "CERTBOT_CONFIG_DIR"))
            findings += CertificateFolder.faults(in: folder, files: SystemFiles(), clock: SystemClock())
                .map { Finding("certificates folder", isOK: false, $0) }
        }
        return findings
    }

    private func checkStore() -> Finding {
        let fix = "let the user that Landfall runs as read \(configuration.storePath), or restore a backup of it"
        do throws(StateError) {
            let now = SystemClock().now
            let notice = try StateStore.inspecting(path: configuration.storePath, at: now).damageNotice(at: now)
            return Finding("state store", isOK: notice == nil, notice ?? "can be read")
        } catch {
            return Finding("state store", isOK: false, error.description, fix: fix)
        }
    }

    private static func folder(_ subject: String, _ path: String, _ variable: String) -> Finding {
        var nearest = path
        while !canAccess(nearest, F_OK), nearest != "/" { nearest = parent(of: nearest) }
        guard canAccess(nearest, W_OK | X_OK) else {
            return Finding(
                subject,
                isOK: false,
                "\(nearest) is not writable: \(systemErrorText(errno))",
                fix: "make it writable for the user that Landfall runs as, or set \(variable) to another folder"
            )
        }
        return Finding(subject, isOK: true, nearest == path ? path : "\(path), which will be created")
    }

    private static func parent(of path: String) -> String {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    /// Checks that the status page's port is free. Nil if the page is off or on a Unix socket, which a try would create.
    private func checkStatusPage() async -> Finding? {
        guard case .tcp(let address, let port) = configuration.listen.kind else { return nil }
        let place = configuration.listen.description
        let socket = Peer.unixSocket(path: configuration.socketPath)
        let health = try? await transport.send(HTTPRequest(.get, "http://landfall/healthz", peer: socket), for: .run)
        if health?.status == 200 {
            return Finding("status page", isOK: true, "\(place), configured for the running daemon")
        }
        return await finding("status page", fix: "set LANDFALL_LISTEN to a free address and port, or to off") {
            // It listens for a moment only and answers nothing.
            try HTTPServer(listening: .tcp(address: address, port: port)) { _ in .hangUp }.stop()
            return "\(place) is free"
        }
    }
}
