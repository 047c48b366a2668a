import Configuration
import DNS
import Discovery
import Model
import Ports
import Processes
import Threads
import Timing
import Transport

extension DependencyCheck {
    /// How many zones are tried, with one or two requests each.
    private static let triedZones = 20

    /// Asks each provider whether it would let Landfall write, by requests that change nothing.
    func checkWriting() async -> [Finding] {
        guard configuration.records.isOn || configuration.certificates.isOn else { return [] }
        async let cloudflare = checkCloudflareWriting()
        async let rfc2136 = checkRFC2136Writing()
        let programs =
            [configuration.exec?.program].compactMap(\.self) + configuration.lexicon.map { "lexicon (\($0.provider))" }
        let notTried = programs.map { program in
            Finding(
                "writing by \(program)",
                .notTried,
                "the program can be asked to change something, but not whether it would"
            )
        }
        return await [cloudflare, rfc2136].compactMap(\.self) + notTried
    }

    private func checkCloudflareWriting() async -> Finding? {
        // ReadOnlyTransport lets no DELETE through.
        guard let provider = configuration.cloudflareProvider(CurlTransport.landfall(configuration), SystemClock())
        else { return nil }
        let fix =
            "give the token the permission Zone / DNS / Edit for these zones at https://dash.cloudflare.com/profile/api-tokens"
        return await findingOfWriting(to: provider, fix: fix) { zone throws(ProviderError) in
            try await provider.verifyWriting(in: zone)
        }
    }

    private func checkRFC2136Writing() async -> Finding? {
        guard let provider = configuration.rfc2136Provider(LDNSClient()) else { return nil }
        let fix =
            "let the server's policy allow this key to update these zones, as docs/providers.md shows for BIND and Knot"
        let solvesChallenges = configuration.certificates.isOn && configuration.view(of: "rfc2136") == .public
        return await findingOfWriting(to: provider, fix: fix) { zone throws(ProviderError) in
            let token = SystemRandomness().token(bytes: 6, for: .zone(zone.name.text))
            try await provider.verifyWriting(in: zone, at: "landfall-check-\(token)", challenges: solvesChallenges)
        }
    }

    /// Nil where the zones cannot be listed, which has a finding of its own.
    private func findingOfWriting(
        to provider: some DNSProvider,
        fix: String,
        _ verify: @escaping @Sendable (Zone) async throws(ProviderError) -> Void
    ) async -> Finding? {
        let subject = "writing to \(provider.name)"
        guard let all = try? await provider.zones(), !all.isEmpty else { return nil }
        let allowed = configuration.discovery.allowedZones
        let zones = all.filter { zone in allowed?.contains(zone.name) ?? true }
        guard !zones.isEmpty else { return Finding(subject, .notTried, "none of its zones is in LANDFALL_ZONES") }
        let results = await concurrentMap(Array(zones.prefix(Self.triedZones)), atMost: 4) { zone in
            do throws(ProviderError) {
                try await verify(zone)
                return (zone, ProviderError?.none)
            } catch {
                return (zone, error)
            }
        }
        let rest = zones.count > results.count ? "; \(zones.count - results.count) more zones were not tried" : ""
        let reasons = results.compactMap(\.1)
        guard !reasons.isEmpty else {
            let names = results.map(\.0.name.text).joined(separator: ", ")
            return Finding(subject, .ok, "allowed in \(names), and nothing was changed\(rest)")
        }
        // An outage says nothing about permissions.
        let isDenied = reasons.contains { if case .unavailable = $0 { false } else { true } }
        let text = reasons.map(\.description).joined(separator: "; ")
        return Finding(subject, isDenied ? .failed : .notTried, text + rest, fix: isDenied ? fix : nil)
    }
}
