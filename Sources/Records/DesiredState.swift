public import DNS
public import Model
import Ports

/// What the labels ask for.
public struct DesiredState: Sendable {
    /// Under the names that are served.
    public let hosts: [DesiredHost]
    /// What the labels ask for in vain. A record that one of them may mean is not taken for one that nobody wants.
    public let refusals: [Refusal]
    public let addresses: PublicAddresses
    /// The code of a list of deletions, from a person who has seen it.
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

    /// The part of it that is about one name.
    func about(_ name: DomainName) -> DesiredState {
        DesiredState(hosts.filter { $0.name == name }, refusals: refusals, addresses: addresses)
    }
}

/// What stands, as one run read it.
public struct ActualRecords: Sendable {
    public let zones: ZoneDirectory
    /// Of every zone that was read.
    public let records: [Zone: Observation<[DNSRecord]>]
    /// Nil where nothing is ever deleted.
    let memory: OwnedRecordSnapshot?

    public init(zones: ZoneDirectory, records: [Zone: Observation<[DNSRecord]>]) {
        self.init(zones: zones, records: records, memory: nil)
    }

    init(zones: ZoneDirectory, records: [Zone: Observation<[DNSRecord]>], memory: OwnedRecordSnapshot?) {
        (self.zones, self.records, self.memory) = (zones, records, memory)
    }

    /// Why something of it could not be seen; nil when all was.
    var obstacle: String? {
        zones.failures.first ?? zones.entries.lazy.compactMap { records[$0.zone]?.reason }.first
    }
}
