import Address
import Configuration
import DNS
import Discovery
import Files
import Log
import Model
import Ports
import Processes
import Report
import State
import System
import Threads
import Timing
import Transport

extension DependencyCheck {
    func checkDNS() async -> [Finding] {
        guard configuration.records.isOn else { return [] }
        async let cloudflare = checkCloudflare()
        async let rfc2136 = checkRFC2136()
        async let exec = checkExec()
        async let lexicon = checkLexicon()
        let findings = await cloudflare + [rfc2136, exec].compactMap { $0 } + lexicon
        guard findings.isEmpty else { return findings + checkInternalView() }
        let fix =
            "set CLOUDFLARE_API_TOKEN, RFC2136_SERVER, LANDFALL_LEXICON or LANDFALL_EXEC_PROVIDER; or LANDFALL_DNS=off"
        return [Finding("DNS", .failed, "no provider is configured, so no records are written", fix: fix)]
    }

    /// Which providers serve the internal view, and which address hosts have there.
    private func checkInternalView() -> [Finding] {
        guard let settings = configuration.internal else { return [] }
        let found = settings.address.find(SystemInterfaces())
        let addresses = [found.v4, found.v6].compactMap { $0?.value?.description }
        let text =
            addresses.isEmpty
            ? "only labels give hosts an address" : "hosts have \(addresses.joined(separator: " and "))"
        let servers = settings.providers.sorted().joined(separator: ", ")
        let alone = settings.isAlone ? "; no provider serves the public view, so nothing is written there" : ""
        return [
            Finding(
                "internal view",
                found.v4?.reason == nil ? .ok : .failed,
                "\(servers); \(found.v4?.reason ?? text)\(alone)",
                fix: "set LANDFALL_INTERNAL_ADDRESS to an address, or to interface:NAME of an interface that has one"
            )
        ]
    }

    private func checkCloudflare() async -> [Finding] {
        guard let provider = configuration.cloudflareProvider(transport, SystemClock()) else { return [] }
        let tokens = "https://dash.cloudflare.com/profile/api-tokens"
        let fix =
            "the credentials need Zone:Read and DNS:Edit for your zones; make a token at \(tokens) and set "
            + "CLOUDFLARE_API_TOKEN"
        do {
            let identity = try await provider.verify()
            let zones = try await provider.zones()
            let counted = await concurrentMap(Array(zones.prefix(Self.countedZones)), atMost: 8) { zone in
                (zone, try? await provider.countRecords(in: zone))
            }
            let shown = counted.map { zone, usage in "\(zone.name) (\(usage?.likelyAmount ?? "records not readable"))" }
            let more = zones.count > shown.count ? " and \(zones.count - shown.count) more" : ""
            let text = "\(identity), which can see \(zones.isEmpty ? "no zones" : shown.joined(separator: ", "))\(more)"
            return [Finding(provider.name, .ok, text)] + zones.filter(mayBeTouched).compactMap(Self.unserved)
                + counted.filter { mayBeTouched($0.0) }.compactMap { $0.1.flatMap(Self.full) }
        } catch {
            // A message that names the page says itself what to do there.
            return [Finding(provider.name, .failed, "\(error)", fix: "\(error)".contains(tokens) ? nil : fix)]
        }
    }

    /// Whether names of the zone may be touched at all (`LANDFALL_ZONES`).
    private func mayBeTouched(_ zone: Zone) -> Bool {
        configuration.discovery.allowedZones?.contains { $0.isWithin(zone.name) || zone.name.isWithin($0) } ?? true
    }

    private static func unserved(_ zone: Zone) -> Finding? {
        zone.unservedReason.map {
            Finding(
                "zone \(zone.name)",
                .failed,
                "\($0). Until then its names get no records and no certificates",
                fix: "a zone that Landfall is not to touch is left out by LANDFALL_ZONES"
            )
        }
    }

    private static func full(_ usage: ZoneUsage) -> Finding? {
        guard usage.isFull else { return nil }
        let fix = "delete records there that are no longer needed, or choose a larger plan"
        return Finding(
            "zone \(usage.zone)",
            .failed,
            "it holds \(usage.amount), so it takes neither another record nor the challenge of a certificate",
            fix: fix
        )
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

    private func checkLexicon() async -> [Finding] {
        let providers = configuration.lexiconProviders(SpawnRunner(), SystemFiles())
        return await concurrentMap(providers, atMost: 4) { provider in
            await finding(provider.name, fix: "run lexicon by hand, as shown in docs/providers.md") {
                let zones = try await provider.zones()
                for zone in zones { _ = try await provider.records(in: zone) }
                return "lexicon can read the \(Self.list(zones) ?? "zones")"
            }
        }
    }

    private static func list(_ zones: [Zone]) -> String? {
        zones.isEmpty ? nil : "zones \(zones.map(\.name.text).joined(separator: ", "))"
    }

    /// How many zones have their records counted, with one request each.
    private static let countedZones = 20

    /// Finds the public address as a first run would, with empty state. Nil if no records are written.
    func checkAddress() async -> Finding? {
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
            families.allSatisfy { $0.unconfirmedReason == nil } ? .ok : .failed,
            texts.joined(separator: "; "),
            fix: "let Landfall reach the address services, or set LANDFALL_IP to an address or to interface:NAME"
        )
    }
}
