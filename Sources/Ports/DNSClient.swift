package import Model

/// The port to DNS servers: queries, and zone transfers and updates signed with a key (RFC 2136, RFC 5936, RFC 8945).
package protocol DNSClient: Sendable {
    /// Asks one server one question: over UDP, then over TCP if the answer was truncated.
    func query(_ question: DNSQuestion, at server: DNSServer, for scope: Scope) async throws(DNSQueryError) -> DNSAnswer

    /// All records of a zone that have one of `DNSRecord.Kind`, or an error: never a part of them. Of TXT records, only
    /// those of names that begin with the label.
    func transfer(
        _ zone: DomainName,
        textsBelow label: String,
        from peer: DNSPeer,
        for scope: Scope
    ) async throws(DNSUpdateError) -> [ZoneRecord]

    /// Makes all changes of a message, or none.
    func update(_ update: DNSUpdate, at peer: DNSPeer, for scope: Scope) async throws(DNSUpdateError)
}

package struct DNSQuestion: Hashable, Sendable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case a = "A", aaaa = "AAAA", cname = "CNAME", ns = "NS", soa = "SOA", txt = "TXT", caa = "CAA"
    }

    package let name: String
    package let kind: Kind
    /// Set for a recursive resolver, not for an authoritative server.
    package let recursionDesired: Bool

    package init(_ name: String, _ kind: Kind, recursionDesired: Bool) {
        (self.name, self.kind, self.recursionDesired) = (name, kind, recursionDesired)
    }
}

package struct DNSAnswer: Hashable, Sendable, Codable {
    package struct Record: Hashable, Sendable, Codable {
        /// Owner, lower case, no trailing dot.
        package let name: String
        package let kind: DNSQuestion.Kind
        /// An address; a name (lower case, no trailing dot); for TXT its strings joined; for SOA the primary server's name;
        /// for CAA flags, tag and value, with a space between them.
        package let content: String

        package init(name: String, kind: DNSQuestion.Kind, content: String) {
            (self.name, self.kind, self.content) = (name, kind, content)
        }
    }

    /// RFC 1035 §4.1.1: 0 no error, 3 no such name.
    package let code: Int
    package let authoritative: Bool
    package let answers: [Record]
    package let authority: [Record]
    package let additional: [Record]

    package init(
        code: Int,
        authoritative: Bool,
        answers: [Record],
        authority: [Record] = [],
        additional: [Record] = []
    ) {
        (self.code, self.authoritative) = (code, authoritative)
        (self.answers, self.authority, self.additional) = (answers, authority, additional)
    }
}

/// Why a query has no answer.
package enum DNSQueryError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    case unreachable(DNSServer)
    case malformed(DNSServer)

    package var description: String {
        switch self {
        case .unreachable(let server): "\(server) does not answer"
        case .malformed(let server): "\(server) sent something that is no DNS answer"
        }
    }

    private enum UnreachableCodingKeys: String, CodingKey { case _0 = "server" }
    private enum MalformedCodingKeys: String, CodingKey { case _0 = "server" }
}

/// The address of a DNS server.
package struct DNSServer: Hashable, Sendable, Codable, CustomStringConvertible {
    package let address: IPAddress
    package let port: UInt16

    package init(address: IPAddress, port: UInt16 = 53) { (self.address, self.port) = (address, port) }

    /// Parses `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        if let address = IPAddress(text) {
            self.init(address: address)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            return nil
        }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard let address = IPAddress(isBracketed ? host.dropFirst().dropLast() : host),
            isBracketed == (address.family == .v6)
        else { return nil }
        self.init(address: address, port: port)
    }

    package var description: String { address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}
