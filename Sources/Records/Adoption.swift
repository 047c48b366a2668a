import DNS
package import Model
import Ports

/// Decides which records that a person or another program created may be changed, because a label requests their names.
struct Adoption {
    /// `LANDFALL_DNS_ADOPT`.
    private let isOn: Bool
    /// Handed over by `landfall once --adopt`, for one run.
    private let names: Set<DomainName>
    let addresses: PublicAddresses

    init(_ desired: DesiredState, _ policy: RecordPolicy, _ zones: ZoneDirectory) {
        (isOn, addresses) = (policy.adopts, desired.addresses)
        names = Set(desired.confirmations.compactMap(AdoptionConfirmation.name).map(zones.place))
    }

    /// Whether `record`, which is unmarked, may become `desired`. One with an address that is or was this machine's follows
    /// its address: it was right until the address changed. But no label may point it anywhere else.
    func allows(_ record: DNSRecord, _ desired: DesiredRecord) -> Bool {
        if isOn || names.contains(desired.name) { return true }
        guard let present = IPAddress(record.content), case .address(let wanted) = desired.target else { return false }
        return addresses.isOrWas(present) && addresses.isCurrent(wanted)
    }

    /// A clause that says how to hand the record over.
    func rejectionReason(of record: DNSRecord, _ desired: DesiredRecord) -> String {
        let change =
            desired.isMet(by: record) ? "its options are not changed" : "it is not changed to \(desired.summary)"
        return
            "\(record.summary) was not made by Landfall, so \(change); `landfall once --adopt \(desired.name)` hands it "
            + "over, and LANDFALL_DNS_ADOPT=yes every such record"
    }
}

/// What a person confirms who hands a record over to Landfall: `adopt:NAME`.
package enum AdoptionConfirmation {
    private static let prefix = "adopt:"

    package static func text(of name: DomainName) -> String { prefix + name.text }

    static func name(in text: String) -> DomainName? {
        text.hasPrefix(prefix) ? try? DomainName(served: text.dropFirst(prefix.count)) : nil
    }
}
