import Model

/// `landfall.dns`: `a`, an address, `cname:TARGET` or `none`.
func dnsTarget(_ text: String, _ names: NameReader) throws(LabelProblem) -> DNSTarget {
    let lower = text.lowercased()
    if lower == "a" { return .publicAddress }
    if lower == "none" { return .none }
    if let address = IPAddress(text) { return .address(address) }
    guard lower.hasPrefix("cname:") else {
        throw LabelProblem(text, "it takes `a`, an address, `cname:target` or `none`")
    }
    let target = try names.name(text.dropFirst("cname:".count).trimmed)
    guard !target.isWildcard else { throw LabelProblem(text, "an alias cannot point at a wildcard") }
    return .alias(target)
}

/// `landfall.dns.proxied`.
func flag(_ text: String) throws(LabelProblem) -> Bool {
    switch text.lowercased() {
    case "true", "yes", "on", "1": true
    case "false", "no", "off", "0": false
    default: throw LabelProblem(text, "it takes `true` or `false`")
    }
}

/// `landfall.dns.ttl`: seconds, within what Cloudflare takes
/// (https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/).
func timeToLive(_ text: String) throws(LabelProblem) -> Int {
    if text.lowercased() == "auto" { return 1 }
    guard let seconds = Int(text), seconds == 1 || (30...86_400).contains(seconds) else {
        throw LabelProblem(text, "it takes seconds from 30 to 86400, or `auto`")
    }
    return seconds
}

/// A name under certbot's `live/`: a single, plain path component that no program could take for an option.
func lineage(_ text: String) throws(LabelProblem) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
    guard isPlain, !text.isEmpty else {
        throw LabelProblem(text, "a certificate's name has letters, digits, `.`, `_` and `-` only")
    }
    guard !text.hasPrefix("."), !text.hasPrefix("-") else {
        throw LabelProblem(text, "a certificate's name begins with a letter, a digit or `_`")
    }
    guard text.utf8.count <= 200 else { throw LabelProblem(text, "a certificate's name has at most 200 characters") }
    // certbot keeps a file of this name in `live/`.
    guard text != "README" else { throw LabelProblem(text, "certbot uses this name itself") }
    return text
}
