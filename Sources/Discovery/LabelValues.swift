import Model

/// `landfall.dns` and `landfall.dns.internal`: `a`, an address, `cname:TARGET` or `none`.
func dnsTarget(_ text: String, _ names: NameReader) throws(LabelRejection) -> DNSTarget {
    let lower = text.lowercased()
    if lower == "a" { return .publicAddress }
    if lower == "none" { return .none }
    if let address = IPAddress(text) { return .address(address) }
    guard lower.hasPrefix("cname:") else {
        throw LabelRejection(text, "it takes `a`, an address, `cname:target` or `none`")
    }
    let target = try names.name(text.dropFirst("cname:".count).trimmed)
    guard !target.isWildcard else { throw LabelRejection(text, "an alias cannot point at a wildcard") }
    return .alias(target)
}

func flag(_ text: String) throws(LabelRejection) -> Bool {
    switch text.lowercased() {
    case "true", "yes", "on", "1": true
    case "false", "no", "off", "0": false
    default: throw LabelRejection(text, "it takes `true` or `false`")
    }
}

/// `landfall.dns.ttl`: seconds, as Cloudflare accepts them
/// (https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/).
func timeToLive(_ text: String) throws(LabelRejection) -> Int {
    if text.lowercased() == "auto" { return 1 }
    guard let seconds = Int(text), seconds == 1 || (30...86_400).contains(seconds) else {
        throw LabelRejection(text, "it takes seconds from 30 to 86400, or `auto`")
    }
    return seconds
}

/// `landfall.certificate`.
enum CertificateKind: String {
    case each, shared, wildcard, none

    init(label text: String) throws(LabelRejection) {
        let word = text.lowercased()
        guard let kind = CertificateKind(rawValue: word) else {
            throw LabelRejection(word, "it takes `each`, `shared`, `wildcard` or `none`")
        }
        self = kind
    }
}

func lineage(_ text: String) throws(LabelRejection) -> String {
    if let reason = LineageName.rejectionReason(of: text) { throw LabelRejection(text, reason) }
    return text
}

/// `landfall.certificate.profile`: the name of one of the authority's profiles.
func certificateProfile(_ text: String) throws(LabelRejection) -> String? {
    guard !text.isEmpty, text.utf8.count <= 64, isPlainWord(text), !text.hasPrefix("-") else {
        throw LabelRejection(text, "it takes the name of one of the authority's profiles, such as `shortlived`")
    }
    return text
}

/// `landfall.probe`: `HOST:PORT` or `none`.
func probeChoice(_ text: String) throws(LabelRejection) -> ProbeChoice {
    if text.lowercased() == "none" { return .off }
    guard let endpoint = ProbeEndpoint(text) else { throw LabelRejection(text, "it takes `HOST:PORT` or `none`") }
    return .at(endpoint)
}

/// Reads host names as people write them into labels.
struct NameReader {
    let rules: DiscoveryRules

    /// One name; a short one is placed below the default domain.
    func name(_ text: String) throws(LabelRejection) -> DomainName {
        do throws(DomainNameError) {
            let name = try DomainName(text)
            if name.labels.count > 1 { return name }
            if let domain = rules.defaultDomain { return try name.below(domain) }
        } catch {
            throw LabelRejection(text, "\(error)")
        }
        throw LabelRejection(text, "a short name needs DEFAULT_DOMAIN to be set; or write the full name")
    }

    /// A name that a proxy serves: a full one.
    func declaredHost(_ text: String) throws(LabelRejection) -> DomainName {
        let name: DomainName
        do throws(DomainNameError) {
            name = try DomainName(served: text)
        } catch {
            throw LabelRejection(text, "\(error)")
        }
        guard let zones = rules.allowedZones, !zones.contains(where: name.isWithin) else { return name }
        throw LabelRejection(text, outside(zones))
    }

    /// A name that Landfall may serve. One that would be allowed below the default domain passes too: only the zones
    /// can tell.
    func host(_ text: String) throws(LabelRejection) -> DomainName {
        let name = try name(text)
        guard let zones = rules.allowedZones else { return name }
        let below = rules.defaultDomain.flatMap { try? name.below($0) }
        if [name, below].contains(where: { $0.map { zones.contains(where: $0.isWithin) } ?? false }) { return name }
        throw LabelRejection(text, outside(zones))
    }

    private func outside(_ zones: [DomainName]) -> String {
        let list = zones.prefix(10).map(\.text).joined(separator: ", ")
        return "outside the zones in LANDFALL_ZONES (\(zones.isEmpty ? "none" : list))"
    }
}

/// Why a part of a label's value cannot be served.
struct LabelRejection: Error, Hashable {
    /// The part that is wrong.
    let value: String
    /// A clause that follows "refused: ".
    let reason: String

    init(_ value: some StringProtocol, _ reason: String) { (self.value, self.reason) = (String(value), reason) }
}
