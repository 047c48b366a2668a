/// An endpoint, `HOST:PORT`: where a host's certificate is checked, or a mail server.
package struct ProbeEndpoint: Hashable, Sendable, Codable, CustomStringConvertible {
    /// A name, or an address; IPv6 without brackets.
    package let host: String
    package let port: Int

    /// Takes `HOST:PORT`, `HOST` for the standard port, and `[ADDRESS]:PORT`.
    package init?(_ text: String, standardPort: Int = 443) {
        let text = text.trimmed
        let bracket = text.hasPrefix("[") ? text.firstIndex(of: "]") : nil
        let end = bracket.map { text.index(after: $0) } ?? text.firstIndex(of: ":") ?? text.endIndex
        let host = bracket.map { String(text[text.index(after: text.startIndex)..<$0]) } ?? String(text[..<end])
        let rest = text[end...]
        guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
        guard let port = rest.isEmpty ? standardPort : Int(rest.dropFirst()), (1...65535).contains(port) else {
            return nil
        }
        let isAddress = IPAddress(host) != nil
        guard bracket == nil ? !host.contains(":") : isAddress else { return nil }
        guard isAddress || Self.isName(host) else { return nil }
        (self.host, self.port) = (host, port)
    }

    /// A container's or service's name may hold underscores.
    private static func isName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count) && !text.hasPrefix("-") && !text.hasPrefix(".") && isPlainWord(text)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
