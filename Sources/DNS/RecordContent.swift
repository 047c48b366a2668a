public import Model

extension DNSRecord {
    /// Whether both point to the same place: addresses are compared as addresses, names without case and final dot.
    public func hasContent(of other: DNSRecord) -> Bool {
        guard kind == other.kind else { return false }
        return content == other.content || Self.canonical(content, kind) == Self.canonical(other.content, kind)
    }

    private static func canonical(_ content: String, _ kind: Kind) -> String {
        switch kind {
        case .a, .aaaa: IPAddress(content)?.description ?? content
        case .cname: (try? DomainName(content))?.text ?? content.lowercased()
        case .txt: content
        }
    }
}
