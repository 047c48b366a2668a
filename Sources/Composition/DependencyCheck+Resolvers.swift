import Certificates
import Configuration
import DNS
import Discovery
import Files
import Model
import Ports
import Processes
import Threads
import Timing

extension DependencyCheck {
    /// How many zones are looked at.
    private static let inspectedZones = 20

    /// Which resolvers lead to the name servers, and whether those answer: orders wait for them.
    func checkResolvers() async -> [Finding] {
        guard configuration.certificates.isOn, !configuration.certificates.authenticator.isPlugin else { return [] }
        let list = ResolverList(configuration.resolvers, files: SystemFiles())
        let inspection = ZoneInspection(resolver: LDNSClient(), recursive: list)
        let all = await entries()
        let directory = ZoneDirectory(entries: Array(all.prefix(Self.inspectedZones)))
        let zones = directory.entries.map(\.zone)
        let resolvers = await checkResolvers(list, inspection, asking: zones.first?.name)
        guard resolvers.result != .failed else {
            let reason = "no resolver answers, so no name server could be found"
            return [resolvers] + zones.map { Finding("zone \($0.name)", .notTried, reason) }
        }
        let findings = await concurrentMap(zones, atMost: 8) { zone in
            if let doubt = doubt(of: zone) { return doubt }
            return Self.finding(on: zone, await inspection.inspect(zone))
        }
        let left = all.count - zones.count
        return await [resolvers] + findings + checkCAA(directory, list)
            + (left > 0 ? [Finding("zones", .notTried, "the name servers of \(left) more zones")] : [])
    }

    /// Of all providers of the public view that can be read; a provider's own finding says why one cannot.
    private func entries() async -> [ZoneDirectory.Entry] {
        let (dns, allowed) = (ReadOnlyDNSClient(LDNSClient()), configuration.discovery.allowedZones)
        func providers(in view: View) -> [any DNSProvider] {
            configuration.providers(in: view, transport, dns, SpawnRunner(), SystemFiles(), SystemClock())
        }
        let inside = providers(in: .internal)
        let read = await ZoneDirectory.read(from: providers(in: .public), allowed: allowed) {
            await .read(from: inside, allowed: allowed)
        }
        return read.entries.filter { read.allows($0.zone.name) }
    }

    /// That nothing tells which view the system's resolvers show of a zone.
    private func doubt(of zone: Zone) -> Finding? {
        guard zone.internalServers != nil, zone.nameServers.isEmpty, configuration.resolvers.isEmpty else { return nil }
        let text =
            "the internal view has this zone too, and its provider names no servers of its own, so the system's resolvers may show "
            + "the inside; set LANDFALL_RESOLVERS to resolvers that show the Internet"
        return Finding("zone \(zone.name)", .notTried, text)
    }

    /// Zones whose CAA records forbid the authority's certificates.
    private func checkCAA(_ zones: ZoneDirectory, _ list: ResolverList) async -> [Finding] {
        let request = HTTPRequest(.get, configuration.certificates.server)
        guard let response = try? await transport.send(request, for: .run), response.status == 200 else { return [] }
        let lookup = CAALookup(resolver: LDNSClient(), recursive: list)
        let refusals = await CAAInspection.refusals(in: zones, directory: response.body, lookup: lookup)
        return refusals.sorted { $0.key < $1.key }.map { Finding("CAA of \($0.key)", .failed, $0.value) }
    }

    private func checkResolvers(_ list: ResolverList, _ inspection: ZoneInspection, asking zone: DomainName?) async
        -> Finding
    {
        let system = list.system
        let source =
            system.map { $0.servers.isEmpty ? "default, because \(ResolverList.file) names none" : ResolverList.file }
            ?? "LANDFALL_RESOLVERS"
        let servers = list.servers
        let used = "\(servers.map(\.description).joined(separator: ", ")), by \(source)"
        let passedOver = system?.passedOver ?? []
        let left = passedOver.isEmpty ? "" : "; passed over: \(passedOver.joined(separator: ", "))"
        guard let zone else { return Finding("resolvers", .ok, "\(used)\(left)") }
        let faults = await inspection.resolverFaults(asking: zone.text)
        let reasons = faults.isEmpty ? "" : "; \(faults.map(\.reason).joined(separator: "; "))"
        return Finding(
            "resolvers",
            faults.count < servers.count ? .ok : .failed,
            "\(used)\(left)\(reasons)",
            fix: "set LANDFALL_RESOLVERS to resolvers that this machine may ask, such as the network's"
        )
    }

    private static func finding(on zone: Zone, _ result: ZoneInspection.Result) -> Finding {
        let (subject, servers) = ("zone \(zone.name)", result.servers)
        let names = servers.first.map(servers.text).joined(separator: ", ")
        guard !servers.isEmpty else {
            let fix =
                "let the domain's registrar delegate it to its provider, or set LANDFALL_RESOLVERS to resolvers that know it"
            return Finding(subject, .failed, "no name server of it can be found", fix: fix)
        }
        guard !result.answering.isEmpty else {
            let fix =
                "let this machine ask name servers on port 53; else each order waits a fixed time and may come too early"
            return Finding(subject, .failed, "no name server of it answers: \(names)", fix: fix)
        }
        let primaries = result.primaries.map {
            "; the SOA names \(sanitized($0.own, limit: 100)) there and \(sanitized($0.shown, limit: 100)) here"
        }
        guard let contrast = servers.contrast else {
            guard result.faults.isEmpty else {
                let fix = "mend that server, or remove it from the zone's NS records"
                return Finding(subject, .failed, result.faults.joined(separator: "; "), fix: fix)
            }
            let verb = result.answering.count == 1 ? "answers" : "answer"
            return Finding(subject, .ok, "\(names) \(verb)\(primaries ?? "")")
        }
        let (own, shown) = (ZoneServers.list(contrast.own), ZoneServers.list(contrast.shown))
        if zone.internalServers != nil, servers.isOwn, result.faults.isEmpty {
            return Finding(
                subject,
                .ok,
                "the provider's own name servers are asked, \(own); the resolver shows the internal view"
            )
        }
        guard servers.isOwn else {
            let text = "the provider's own name servers, \(own), cannot be found, so they were not compared with"
            return Finding(subject, .notTried, "\(text) \(names), which the resolver shows")
        }
        let fix =
            "if the resolver shows an inside view of the zone, set LANDFALL_RESOLVERS to one that shows the Internet; else "
            + "let the domain's registrar delegate it to the provider's name servers"
        let text = "the resolver shows the name servers \(shown), the provider names \(own), which are asked"
        return Finding(subject, .failed, ([text] + result.faults).joined(separator: "; ") + (primaries ?? ""), fix: fix)
    }
}
