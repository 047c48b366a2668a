import DNS
import Model
import Ports

/// Which records somebody asks for, as far as it bears on deleting the others.
struct RequestedNames {
    private struct Name {
        /// Nil: what is asked for at the name is not clear, so any record of it may be meant.
        let kinds: Set<DNSRecord.Kind>?
        let askers: [String]
    }

    /// What a record is to those who ask.
    enum Standing: Hashable {
        /// By whom.
        case asked([String])
        /// Perhaps; a clause that says why.
        case unclear(String)
        case unasked
    }

    private var names: [DomainName: Name] = [:]
    /// Labels that are refused today, by the service that has them.
    private var refused: [String: Refusal] = [:]

    init(_ refusals: [Refusal]) {
        for refusal in refusals where refusal.mayHideAHost {
            refused[refusal.origin.readable] = refused[refusal.origin.readable] ?? refusal
        }
    }

    var isNothing: Bool { names.isEmpty }

    /// - Parameter isClear: whether nothing is refused and nothing waits at the name.
    mutating func note(_ name: DomainName, _ hosts: [DesiredHost], _ reading: DesiredRecords.Reading, isClear: Bool) {
        let askers = hosts.map(\.origin.readable)
        names[name] = Name(kinds: isClear ? reading.kinds : nil, askers: Set(askers).sorted())
    }

    /// - Parameter askers: who is known to have asked for it once.
    func standing(of record: DNSRecord, askers: [String]) -> Standing {
        if let name = names[record.name] {
            return name.kinds?.contains(record.kind) ?? true ? .asked(name.askers) : .unasked
        }
        let suspects = askers.isEmpty ? refused.values.sorted { "\($0)" < "\($1)" } : askers.compactMap { refused[$0] }
        return suspects.first.map { .unclear("a label that is refused may mean it: \($0)") } ?? .unasked
    }
}

extension Refusal {
    /// Whether what is refused decides which records there are.
    fileprivate var mayHideAHost: Bool {
        ![
            "landfall.dns.proxied", "landfall.dns.ttl", "landfall.certificate", "landfall.certificate.name",
            "landfall.signal",
        ].contains(label)
    }
}
