public import DNS
public import Model
import Ports

/// Everything that the labels request.
public struct DesiredState: Sendable {
    /// With the names that they are served under.
    public let hosts: [DesiredHost]
    /// Rejected labels. A record that one of them may mean does not count as unreferenced.
    public let refusals: [Refusal]
    public let addresses: PublicAddresses
    /// Codes of lists of deletions that a person has confirmed.
    public let confirmations: [String]

    public init(
        _ hosts: [DesiredHost],
        refusals: [Refusal] = [],
        addresses: PublicAddresses,
        confirmations: [String] = []
    ) {
        (self.hosts, self.refusals, self.addresses) = (hosts, refusals, addresses)
        self.confirmations = confirmations
    }

    /// The part of it that concerns one name.
    func about(_ name: DomainName) -> DesiredState {
        DesiredState(hosts.filter { $0.name == name }, refusals: refusals, addresses: addresses)
    }
}

/// The existing records, as one run read them.
public struct ActualRecords: Sendable {
    public let zones: ZoneDirectory
    /// The records of every zone that was read.
    public let records: [Zone: Observation<[DNSRecord]>]
    /// Nil where nothing is ever deleted.
    let owned: OwnedRecordSnapshot?

    public init(zones: ZoneDirectory, records: [Zone: Observation<[DNSRecord]>]) {
        self.init(zones: zones, records: records, owned: nil)
    }

    init(zones: ZoneDirectory, records: [Zone: Observation<[DNSRecord]>], owned: OwnedRecordSnapshot?) {
        (self.zones, self.records, self.owned) = (zones, records, owned)
    }

    /// Why something could not be read; nil when everything was.
    var incompleteReason: String? {
        zones.failures.first ?? zones.entries.lazy.compactMap { records[$0.zone]?.reason }.first
    }
}
