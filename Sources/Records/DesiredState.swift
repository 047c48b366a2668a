package import DNS
package import Model
import Ports

/// Everything that the labels request.
package struct DesiredState: Sendable {
    package let view: View
    /// Those of the view, with the names that they are served under.
    package let hosts: [DesiredHost]
    /// Rejected labels. A record that one of them may mean does not count as unreferenced.
    package let refusals: [Refusal]
    /// Why what is requested is not known in full; nil when it is.
    package let unreadReason: String?
    /// Of this machine, as the view has them.
    package let addresses: PublicAddresses
    /// Codes of lists of deletions that a person has confirmed.
    package let confirmations: [String]
    /// Which service had each host first.
    let first: FirstRequesters

    package init(
        _ hosts: [DesiredHost],
        refusals: [Refusal] = [],
        unreadReason: String? = nil,
        addresses: PublicAddresses?,
        confirmations: [String] = [],
        first: FirstRequesters = FirstRequesters(),
        view: View = .public
    ) {
        self.view = view
        (self.hosts, self.refusals, self.confirmations) = (hosts, refusals, confirmations)
        (self.first, self.unreadReason) = (first, unreadReason)
        self.addresses = addresses ?? PublicAddresses(v4: nil, v6: nil)
    }
}

/// The existing records, as one run read them.
package struct ActualRecords: Sendable {
    package let zones: ZoneDirectory
    /// Every zone that was read.
    package let contents: [Zone: Observation<ZoneContents>]
    /// Nil where nothing is ever deleted.
    private(set) var owned: OwnedRecordSnapshot?

    /// Where the zones end that were read, by their names.
    package var cuts: [DomainName: ZoneCuts] {
        Dictionary(contents.compactMap { zone, contents in contents.value.map { (zone.name, $0.cuts) } }) { first, _ in
            first
        }
    }

    /// The zones in which hosts have no record yet.
    package func zonesLackingRecords(of hosts: [DesiredHost]) -> Set<DomainName> {
        let names = Set(contents.values.flatMap { $0.value?.records ?? [] }.map(\.name))
        return hosts.reduce(into: []) { zones, host in
            guard host.target != .none, !names.contains(host.name) else { return }
            if case .found(let entry) = self.zones.find(host.name) { zones.insert(entry.zone.name) }
        }
    }

    /// The records at a name; nil where it is in no zone that Landfall may write.
    package func observed(at name: DomainName) -> Observation<[DNSRecord]>? {
        guard case .found(let entry) = zones.find(name) else { return nil }
        return contents[entry.zone]?.map { $0.records.filter { $0.name == name } }
    }

    /// Why something could not be read; nil when everything was.
    var incompleteReason: String? {
        zones.failures.first ?? zones.entries.lazy.compactMap { contents[$0.zone]?.reason }.first
    }
}
