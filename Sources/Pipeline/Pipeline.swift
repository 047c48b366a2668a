package import Address
package import Certificates
package import DNS
package import Delivery
package import Discovery
package import Model
package import Notices
package import Ports
package import Records
import Report
package import State

/// The stages of one run, in their order. Every step compares two states, so a run may be repeated or interrupted.
package struct Pipeline: Sendable {
    package let discovery: Discovery
    package let address: AddressStage
    /// Of the public view.
    package let providers: [any DNSProvider]
    /// Nil without providers that serve it.
    package let inside: InternalView?
    /// Nil: every zone that the providers see may be touched.
    package let allowedZones: [DomainName]?
    /// What a name that lies in no zone is placed below.
    package let defaultDomain: DomainName?
    package let qualification: Qualification
    package let records: RecordStage
    package let certificates: CertificateStage
    package let signals: SignalStage
    package let secrets: SecretStage
    package let serving: ServingStage
    package let notices: NoticeStage
    package let state: StateStore
    package let switches: Switches
    package let clock: any Clock
    let memory = RunMemory()
    let requesters: RequesterStore

    /// The internal view: its providers, and this machine's address there.
    package struct InternalView: Sendable {
        package let providers: [any DNSProvider]
        package let address: InternalAddress
        package let interfaces: any Interfaces
        package let records: RecordStage

        package init(
            providers: [any DNSProvider],
            address: InternalAddress,
            interfaces: any Interfaces,
            records: RecordStage
        ) {
            (self.providers, self.address, self.interfaces, self.records) = (providers, address, interfaces, records)
        }
    }

    /// Which stages may write. What is off is not even read.
    package struct Switches: Sendable {
        package let records: Bool
        package let certificates: Bool
        package let signals: Bool
        /// Everything is read and decided, nothing is done.
        package let isDryRun: Bool

        package init(records: Bool, certificates: Bool, signals: Bool, isDryRun: Bool) {
            (self.records, self.certificates, self.signals) = (records, certificates, signals)
            self.isDryRun = isDryRun
        }
    }

    package init(
        discovery: Discovery,
        address: AddressStage,
        providers: [any DNSProvider],
        inside: InternalView? = nil,
        allowedZones: [DomainName]?,
        defaultDomain: DomainName? = nil,
        qualification: Qualification = .short,
        records: RecordStage,
        certificates: CertificateStage,
        signals: SignalStage,
        secrets: SecretStage,
        serving: ServingStage,
        notices: NoticeStage,
        state: StateStore,
        switches: Switches,
        clock: any Clock
    ) {
        (self.discovery, self.address, self.providers) = (discovery, address, providers)
        self.inside = inside
        (self.allowedZones, self.defaultDomain, self.qualification) = (allowedZones, defaultDomain, qualification)
        (self.records, self.certificates, self.signals) = (records, certificates, signals)
        (self.secrets, self.serving, self.notices) = (secrets, serving, notices)
        (self.state, self.switches, self.clock) = (state, switches, clock)
        requesters = RequesterStore(state: state)
    }
}

extension Pipeline {
    /// How many of the requests that the providers allow are used up by now.
    package var budgets: [RequestBudget] { allProviders.compactMap(\.budget) }

    private var allProviders: [any DNSProvider] { providers + (inside?.providers ?? []) }

    /// What mounts keep from containers, of the certificates that there are or will be.
    func hints(on mounts: [PartialMount], _ reports: [CertificateReport]) -> [Hint] {
        let hosts = Dictionary(grouping: reports) { $0.servedBy ?? $0.lineage }.mapValues { Set($0.flatMap(\.hosts)) }
        let all = Set(reports.flatMap(\.hosts))
        let folder = certificates.folder.split(separator: "/").last
        return mounts.compactMap { mount in
            let own = mount.lineage.map { hosts[$0] } ?? (mount.folder.split(separator: "/").last == folder ? all : nil)
            return own.map { Hint(mount.text, about: $0) }
        }
    }

    /// What the labels ask for, with a hint where no provider is configured to write records.
    ///
    /// - Parameter withholds: whether the hosts of sources that are not accepted are left out, and those of others noted.
    func discover(withholds: Bool = false) async -> Observation<Discovered> {
        let (store, sources) = (SourceStore(state: state), discovery.sources)
        return await discovery.discover().map { discovered in
            if withholds { store.note(discovered, among: sources) }
            var discovered = discovered.showing(store.held(among: sources), withholds: withholds)
            guard switches.records else { return discovered }
            if inside == nil { discovered.hints += Self.hintsWithoutInternalView(discovered.hosts) }
            guard discovered.hosts.contains(where: { $0.target != .none }), allProviders.isEmpty else {
                return discovered
            }
            let text = "no DNS provider's credentials are set, so no record is written; set CLOUDFLARE_API_TOKEN"
            discovered.hints.insert(Hint(text, about: nil), at: 0)
            return discovered
        }
    }

    private static func hintsWithoutInternalView(_ hosts: [DesiredHost]) -> [Hint] {
        let names = Dictionary(grouping: hosts.filter { $0.internalTarget != nil }, by: \.origin).mapValues {
            $0.map(\.name)
        }
        return names.sorted { "\($0.key)" < "\($1.key)" }.map { origin, names in
            let text = "landfall.dns.internal does nothing, because LANDFALL_INTERNAL_PROVIDERS names no provider"
            return Hint("\(origin): \(text)", about: Set(names))
        }
    }

    /// - Parameter forgotten: zones that were there, and that a person lets go.
    func readZones(for discovered: Discovered, forgetting forgotten: Set<DomainName> = []) async -> ZoneDirectory {
        // A rejected label may mean a certificate, which is then renewed.
        let areNeeded =
            discovered.hosts.contains {
                switches.records && ($0.target != .none || inside != nil && $0.inInternalView.target != .none)
                    || switches.certificates && $0.certificate != .none
            }
            || switches.certificates && (discovered.refusals + discovered.waiting).contains(where: \.mayMeanCertificate)
                && !certificates.ordered.isEmpty
        return areNeeded
            ? await zonesOfAllProviders(forgetting: forgotten) : ZoneDirectory(entries: [], allowed: allowedZones)
    }

    func zonesOfAllProviders(forgetting forgotten: Set<DomainName> = []) async -> ZoneDirectory {
        let remembered = ZoneStore(state: state).load().mapValues { $0.subtracting(forgotten) }
        return await read(.public, providers, remembered.filter { !insiders.contains($0.key) }) {
            guard let inside else { return nil }
            return await read(.internal, inside.providers, remembered.filter { insiders.contains($0.key) })
        }
    }

    /// The names of the providers that serve the internal view.
    var insiders: Set<String> { Set(inside?.providers.map(\.name) ?? []) }

    private func read(
        _ view: View,
        _ providers: [any DNSProvider],
        _ remembered: [String: Set<DomainName>],
        beside zonesInside: @Sendable () async -> ZoneDirectory? = { nil }
    ) async -> ZoneDirectory {
        await .read(
            from: providers,
            allowed: allowedZones,
            defaultDomain: defaultDomain,
            qualification: qualification,
            remembered: remembered,
            full: FullZoneStore(state: state, of: view).load(at: clock.now),
            beside: zonesInside
        )
    }

    /// Which service had each host first, of those that request it now.
    ///
    /// - Parameter saves: whether the services that came and went are remembered. They are not while a provider cannot be
    ///   read, because a name may then stand for another one.
    func firstRequesters(_ hosts: [DesiredHost], _ zones: ZoneDirectory, saves: Bool) -> FirstRequesters {
        requesters.firsts(hosts, saves: saves && zones.allFailures.isEmpty, at: clock.now)
    }

    /// The records of the internal view; nil where none are written there.
    func readInternalRecords(
        _ hosts: [DesiredHost],
        _ zones: ZoneDirectory,
        including name: DomainName? = nil
    ) async -> ActualRecords? {
        guard let inside, let zonesInside = zones.internal, switches.records else { return nil }
        let hosts = zones.hosts(hosts, in: .internal) + [name].compactMap(\.self).map { Self.asked(zones.place($0)) }
        return await inside.records.read(for: hosts, zonesInside)
    }

    /// A name that is looked at, though no label may request it.
    private static func asked(_ name: DomainName) -> DesiredHost {
        DesiredHost(name: name, origin: Origin(kind: .service, id: "", name: ""))
    }

    /// Nil where no records are written.
    ///
    /// - Parameter name: a name whose zone is read as well, though no label may request it.
    func readRecords(
        _ hosts: [DesiredHost],
        _ zones: ZoneDirectory,
        including name: DomainName? = nil
    ) async -> ActualRecords? {
        let others = name.map { [Self.asked(zones.place($0))] }
        return writesRecords || name != nil ? await records.read(for: hosts + (others ?? []), zones) : nil
    }

    var writesRecords: Bool { switches.records && !providers.isEmpty }

    func planCertificates(
        _ hosts: [DesiredHost],
        _ zones: ZoneDirectory,
        _ known: KnownRecords = KnownRecords(),
        first: FirstRequesters,
        refusals: [Refusal],
        asksAuthority: Bool = false,
        confirmations: [String] = [],
        isByHand: Bool = false
    ) async -> CertificatePlan {
        guard switches.certificates else { return CertificatePlan(steps: []) }
        return await certificates.plan(
            hosts,
            zones: zones,
            asksAuthority: asksAuthority,
            knownRecords: known,
            confirmations: confirmations,
            first: first,
            isByHand: isByHand,
            refusals: refusals
        )
    }

    /// What certificates have to know of the records that were read, and of those that this run creates.
    func knownRecords(_ actual: ActualRecords?, wanted hosts: [DesiredHost]) -> KnownRecords {
        guard let actual else { return KnownRecords() }
        let contents = actual.contents.compactMapValues(\.value)
        var names = contents.reduce(into: [DomainName: [DomainName]]()) { names, zone in
            names[zone.key.name, default: []] += zone.value.records.map(\.name)
        }
        for host in hosts where host.target != .none {
            if case .found(let entry) = actual.zones.find(host.name) { names[entry.zone.name]?.append(host.name) }
        }
        return KnownRecords(names: names, cuts: actual.cuts) {
            contents.values.contains { $0.records.contains { records.owner(of: $0)?.isOurs ?? false } }
        }
    }
}

extension [DesiredHost] {
    /// Whether any of them is to have the public address of this machine.
    var needAddress: Bool { contains { $0.target == .publicAddress } }
}
