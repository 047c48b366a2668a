import DNS
import Model

/// Whether CAA records let an authority certify a name (RFC 8659 §4, RFC 8657). Pure.
struct CAAPolicy {
    /// The account that would order.
    enum Account: Hashable {
        case registered(uri: String)
        /// There is none yet.
        case none
        /// It cannot be read.
        case unknown
    }

    struct Verdict: Hashable {
        /// Why the authority will refuse, a sentence; nil where it need not.
        var refusal: String?
        /// What in the records may not mean what was meant, a sentence each.
        var warnings: [String] = []
    }

    /// Flags of 1 are a common misreading of the critical bit, which Let's Encrypt takes for it.
    private static let critical: UInt8 = 128 | 1
    private static let knownTags: Set = ["issue", "issuewild", "iodef", "issuemail"]
    private static let method = "dns-01"

    /// By which the authority is known in CAA records (RFC 8555 §9.7.6).
    let identities: [String]
    let account: Account

    func verdict(on name: DomainName, _ set: CAASet) -> Verdict {
        var verdict = Verdict()
        let place = sanitized(set.name, limit: 100)
        if let record = set.records.first(where: { isCritical($0) && !Self.knownTags.contains($0.tag) }) {
            verdict.refusal =
                "the CAA record `\(record)` at \(place) is critical and of a kind that authorities do not know, so none may "
                + "certify \(name); remove it"
            return verdict
        }
        let wild = set.records.filter { $0.tag == "issuewild" }
        let relevant = name.isWildcard && !wild.isEmpty ? wild : set.records.filter { $0.tag == "issue" }
        guard !relevant.isEmpty else { return verdict }
        let judged = relevant.map { ($0, CAAProperty($0.value)) }
        for (record, property) in judged {
            let unknown = (property?.parameters ?? []).map(\.tag).filter { !CAAProperty.knownTags.contains($0) }
            guard !unknown.isEmpty, isOurs(property) else { continue }
            verdict.warnings.append(
                "the CAA record `\(record)` at \(place) has the parameter \(sanitized(unknown[0], limit: 30)), which is none "
                    + "that authorities know and limits nothing"
            )
        }
        let reasons = judged.map { reason(against: $0.1) }
        guard reasons.allSatisfy({ $0 != nil }) else { return verdict }
        let listed = relevant.prefix(3).map { "`\($0)`" }.joined(separator: ", ") + (relevant.count > 3 ? ", …" : "")
        let own = zip(judged, reasons).first { isOurs($0.0.1) }?.1
        let foreign = judged.contains { $0.1 == nil } ? "it is malformed" : "another authority is named, or none"
        let (tag, isOne) = (relevant[0].tag, relevant.count == 1)
        let cure = "add `0 \(tag) \"\(identities[0])\"` there"
        verdict.refusal =
            "the CAA \(isOne ? "record" : "records") \(listed) at \(place) \(isOne ? "does" : "do") not let "
            + "\(identities[0]) certify \(name): \(own ?? foreign); " + (own == nil ? cure : "change it, or \(cure)")
        return verdict
    }

    private func isCritical(_ record: CAARecord) -> Bool { record.flags & Self.critical != 0 }

    private func isOurs(_ property: CAAProperty?) -> Bool {
        property.map { property in identities.contains { $0.lowercased() == property.issuer.lowercased() } } ?? false
    }

    /// Why a property does not let the authority issue, a clause; nil where it does.
    private func reason(against property: CAAProperty?) -> String? {
        guard let property else { return "it is malformed" }
        guard isOurs(property) else { return "another authority is named" }
        let methods = property.values(of: "validationmethods")
        let isAllowed = methods.first?.split(separator: ",").contains { $0.trimmed == Self.method } ?? true
        guard methods.count <= 1, isAllowed else {
            return "its validationmethods lack \(Self.method), by which Landfall proves that it may have a certificate"
        }
        let accounts = property.values(of: "accounturi")
        guard let wanted = accounts.first else { return nil }
        guard accounts.count == 1 else { return "it has several accounturi, which no account meets" }
        switch account {
        case .unknown: return nil
        case .none: return "its accounturi names an account, and Landfall has none at this authority yet"
        case .registered(let uri):
            return uri == wanted
                ? nil : "its accounturi is not that of Landfall's account, \(sanitized(uri, limit: 150))"
        }
    }
}

/// The value of an `issue` or `issuewild` property: `ca.example.net; validationmethods=dns-01`.
struct CAAProperty: Hashable {
    static let knownTags: Set = ["accounturi", "validationmethods"]

    struct Parameter: Hashable {
        /// Lower case.
        let tag: String
        let value: String
    }

    /// Empty where no authority may issue.
    let issuer: String
    let parameters: [Parameter]

    /// Nil where it is malformed: then it lets no authority issue (RFC 8659 §4.2).
    init?(_ value: String) {
        let parts = value.split(separator: ";", omittingEmptySubsequences: false).map(\.trimmed)
        var parameters: [Parameter] = []
        for (place, part) in parts.enumerated().dropFirst() {
            if part.isEmpty, place == parts.count - 1 { continue }
            guard let separator = part.firstIndex(of: "=") else { return nil }
            let tag = part[..<separator].trimmed
            let value = part[part.index(after: separator)...].trimmed
            guard !tag.isEmpty, tag.utf8.allSatisfy(Self.isLetterOrDigit),
                value.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { return nil }
            parameters.append(Parameter(tag: tag.lowercased(), value: String(value)))
        }
        issuer = parts.first.map { String($0) } ?? ""
        self.parameters = parameters
    }

    func values(of tag: String) -> [String] { parameters.filter { $0.tag == tag }.map(\.value) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
