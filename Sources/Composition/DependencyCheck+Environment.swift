import Ports
import Address
import Configuration
import Glibc
import HTTPServer
import Log
import Model
import Notices
import Report
import State
import System
import Timing
import Transport

extension DependencyCheck {
    /// Finds the public address as a first run would, with empty state. Nil if no records are written.
    func checkAddress() async -> Finding? {
        guard configuration.records.isOn, let emptyStore = try? StateStore.inMemory() else { return nil }
        let stage = AddressStage(
            v4: configuration.records.addressV4,
            v6: configuration.records.addressV6,
            transport: transport,
            interfaces: SystemInterfaces(),
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
}

extension DependencyCheck {
    /// Verifies the Slack token. For the other notifiers only a real notice could tell whether they work.
    func checkNotices() async -> [Finding] {
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
}

extension DependencyCheck {
    /// Checks that Landfall may write to its folders, without creating anything.
    func checkFolders() -> [Finding] {
        var findings = [Self.folder("state folder", configuration.stateFolder, "LANDFALL_STATE_DIR")]
        if configuration.certificates.isOn {
            findings.append(Self.folder("certificates folder", configuration.certificates.folder, "CERTBOT_CONFIG_DIR"))
        }
        return findings
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
    func checkStatusPage() async -> Finding? {
        guard case .tcp(let address, let port) = configuration.listen.kind else { return nil }
        let place = configuration.listen.description
        let socket = Peer.unixSocket(path: StatePaths(folder: configuration.stateFolder).socket)
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
