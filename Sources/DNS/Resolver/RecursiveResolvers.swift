import Model
package import Ports

/// The recursive resolvers of this machine (resolv.conf(5)).
package enum SystemResolvers {
    /// Those of `/etc/resolv.conf`; the local one where the file is missing or names none, as the C library has it.
    package static func read(_ files: any Files) -> [DNSServer] {
        let bytes = try? files.read("/etc/resolv.conf", limit: 64 << 10, for: .run)
        let servers = parse(String(outside: bytes ?? []))
        return servers.isEmpty ? IPAddress("127.0.0.1").map { [DNSServer(address: $0)] } ?? [] : servers
    }

    /// The `nameserver` lines, at most three; an address with a zone identifier (`fe80::1%eth0`) is passed over.
    package static func parse(_ text: String) -> [DNSServer] {
        let servers = text.split(whereSeparator: \.isNewline).compactMap { line -> DNSServer? in
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count >= 2, line.hasPrefix("nameserver"), words[0] == "nameserver" else { return nil }
            return IPAddress(words[1]).map { DNSServer(address: $0) }
        }
        return Array(servers.prefix(3))
    }
}

/// Recursive resolvers, which are asked in order until one answers.
struct RecursiveResolvers: Sendable {
    let client: any DNSClient
    let servers: [DNSServer]

    func ask(_ name: String, _ kind: DNSQuestion.Kind, for scope: Scope) async -> DNSAnswer? {
        let question = DNSQuestion(name, kind, recursionDesired: true)
        for server in servers {
            let answer = try? await client.query(question, at: server, for: scope)
            if let answer, answer.isAboutName { return answer }
        }
        return nil
    }
}

extension DNSAnswer {
    /// RFC 1035 §4.1.1: 0 no error, 3 no such name.
    var isAboutName: Bool { [0, 3].contains(code) }
}
