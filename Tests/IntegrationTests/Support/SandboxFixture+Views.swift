import Crypto
import Certificates
import Emulators
import Sandbox
import State
import TestSupport

/// What this fixture's names are in the world.
extension SandboxFixture {
    var emulators: EmulatorClient { access.emulators }

    /// The addresses that DNS answers.
    func addresses(of host: String) async throws -> [String] { try await access.sandbox.lookUp(host, "A") }

    /// What is at the provider is in DNS a moment later.
    func awaitAddress(_ address: String = AddressSettings().ipv4, of host: String) async throws {
        try await eventually("\(address) in DNS for \(host)") { try await addresses(of: host) == [address] }
    }

    /// The values of a challenge that still stand.
    func challenges(of host: String) async throws -> [String] {
        try await access.sandbox.lookUp("_acme-challenge.\(host)", "TXT")
    }

    func certificate(_ lineage: String) -> CertificateFile? {
        Disk.certificate("\(certificates)/live/\(lineage)/fullchain.pem")
    }

    func awaitCertificate(_ host: String, limit: Duration = .seconds(40)) async throws -> CertificateFile {
        try await eventually("the certificate of \(host)", within: limit) { certificate(host) }
    }

    /// The record as the zone's owner sees it.
    func record(_ host: String, type: String = "A") async throws -> CloudflareRecord? {
        try await emulators.records(in: Self.zone).first { $0.name == host && $0.type == type }
    }

    /// Messages that speak of something; of those that are on their way, too, as long as Slack takes any.
    func messages(about text: String = "") async throws -> [String] {
        let isTaking = try await emulators.faults(of: .slack).isEmpty
        if isTaking { try? await eventually("the delivery of all", within: .seconds(10)) { undelivered == 0 } }
        return try await delivered(about: text)
    }

    private func delivered(about text: String) async throws -> [String] {
        try await emulators.slackMessages().map(\.text).filter { text.isEmpty || $0.contains(text) }
    }

    @discardableResult
    func awaitMessage(about text: String, limit: Duration = .seconds(40)) async throws -> String {
        try await eventually("a message about \(text)", within: limit) { try await delivered(about: text).first }
    }

    /// How many notices for Slack wait in Landfall's outbox.
    var undelivered: Int {
        let store = try? StateStore.reading(path: "\(state)/state.sqlite")
        return (try? store?.texts(in: "outbox/slack").keys.count { Int($0) != nil }) ?? 0
    }

    /// Requests that would change something at the provider.
    func writes() async throws -> [LoggedRequest] {
        try await emulators.requests(of: .cloudflare).filter { $0.method != "GET" }
    }

    /// Emulators without faults, settings, requests, messages or records of anybody.
    func calmEmulators() async throws {
        for name in EmulatorName.allCases {
            try await emulators.clearFaults(of: name)
            try await emulators.clearRequests(of: name)
        }
        try await emulators.set(CloudflareSettings())
        try await emulators.set(AddressSettings())
        try await emulators.set(SlackSettings())
        try await emulators.clearSlackMessages()
        for zone in Self.zones {
            for record in try await emulators.records(in: zone) { try await emulators.remove(record.id, in: zone) }
        }
    }
}
