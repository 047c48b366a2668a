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

/// A certificate's name, as `LineageName` has it.
func lineage(_ text: String) throws(LabelProblem) -> String {
    if let problem = LineageName.problem(with: text) { throw LabelProblem(text, problem) }
    return text
}

/// `landfall.probe`: `HOST:PORT` or `none`.
func probeChoice(_ text: String) throws(LabelProblem) -> ProbeChoice {
    if text.lowercased() == "none" { return .off }
    guard let endpoint = ProbeEndpoint(text) else { throw LabelProblem(text, "it takes `HOST:PORT` or `none`") }
    return .at(endpoint)
}
