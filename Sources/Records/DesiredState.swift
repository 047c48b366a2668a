package import DNS
package import Model
import Ports

/// Everything that the labels request.
package struct DesiredState: Sendable {
    /// With the names that they are served under.
    package let hosts: [DesiredHost]
    /// Rejected labels. A record that one of them may mean does not count as unreferenced.
    package let refusals: [Refusal]
    package let addresses: PublicAddresses
    /// Codes of lists of deletions that a person has confirmed.
    package let confirmations: [String]
    /// Which service had each host first.
    let first: FirstRequesters

    package init(
        _ hosts: [DesiredHost],
        refusals: [Refusal] = [],
        addresses: PublicAddresses?,
        confirmations: [String] = [],
        first: FirstRequesters = FirstRequesters()
    ) {
        (self.hosts, self.refusals, self.confirmations) = (hosts, refusals, confirmations)
        self.first = first
        self.addresses = addresses ?? PublicAddresses(v4: nil, v6: nil)
    }
}

/// The existing records, as one run read them.
package struct ActualRecords: Sendable {
    package let zones: ZoneDirectory
    /// The records of every zone that was read.
    package let records: [Zone: Observation<[DNSRecord]>]
    /// Nil where nothing is ever deleted.
    private(set) var owned: OwnedRecordSnapshot?

    /// The records at a name; nil where it is in no zone that Landfall may write.
    package func observed(at name: DomainName) -> Observation<[DNSRecord]>? {
        guard case .found(let entry) = zones.find(name) else { return nil }
        return records[entry.zone]?.map { $0.filter { $0.name == name } }
    }

    /// Why something could not be read; nil when everything was.
    var incompleteReason: String? {
        zones.failures.first ?? zones.entries.lazy.compactMap { records[$0.zone]?.reason }.first
    }
}
