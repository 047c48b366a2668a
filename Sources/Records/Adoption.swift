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
    private let view: View

    init(_ desired: DesiredState, _ policy: RecordPolicy, _ zones: ZoneDirectory) {
        (isOn, addresses, view) = (policy.adopts, desired.addresses, desired.view)
        let confirmed = desired.confirmations.compactMap(AdoptionConfirmation.init).filter { $0.view == desired.view }
        names = Set(confirmed.map { zones.place($0.name) })
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
        let name = AdoptionConfirmation(name: desired.name, view: view)
        return
            "\(record.summary) was not made by Landfall, so \(change); `landfall once --adopt \(name)` hands it "
            + "over, and LANDFALL_DNS_ADOPT=yes every such record"
    }
}

/// What a person confirms who hands a record over to Landfall: `adopt:NAME`, or `adopt:internal:NAME` in the internal view.
package struct AdoptionConfirmation: CustomStringConvertible {
    private static let (prefix, viewPrefix) = ("adopt:", "internal:")

    package let name: DomainName
    package let view: View

    package init(name: DomainName, view: View) { (self.name, self.view) = (name, view) }

    /// Splits `internal:NAME`; without a view a name is of the public one.
    package static func parts(of text: some StringProtocol) -> (name: String, view: View) {
        text.hasPrefix(viewPrefix)
            ? (String(text.dropFirst(viewPrefix.count)), .internal) : (String(text), .public)
    }

    fileprivate init?(_ confirmation: String) {
        guard confirmation.hasPrefix(Self.prefix) else { return nil }
        let (text, view) = Self.parts(of: confirmation.dropFirst(Self.prefix.count))
        guard let name = try? DomainName(served: text) else { return nil }
        self.init(name: name, view: view)
    }

    /// As a person types it.
    package var description: String { view == .internal ? Self.viewPrefix + name.text : name.text }

    /// As a run gets it.
    package var text: String { "\(Self.prefix)\(self)" }
}
