import Model
package import Ports
import Synchronization

/// The recursive resolvers of this machine (resolv.conf(5)).
package struct SystemResolvers: Sendable {
    /// No more are used, as the C library has it.
    private static let limit = 3

    package private(set) var servers: [DNSServer] = []
    /// The `nameserver` lines that are not used, a clause each that says why.
    package private(set) var passedOver: [String] = []

    /// The `nameserver` lines, at most three; an address with a zone identifier (`fe80::1%eth0`) is passed over.
    package init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count >= 2, line.hasPrefix("nameserver"), words[0] == "nameserver" else { continue }
            let shown = sanitized(words[1], limit: 60)
            guard let address = IPAddress(words[1]) else {
                let isScoped = words[1].split(separator: "%").first.flatMap { IPAddress($0) } != nil
                passedOver.append("\(shown) \(isScoped ? "has a zone identifier" : "is no address")")
                continue
            }
            guard servers.count < Self.limit else {
                passedOver.append("\(shown) comes after the first three")
                continue
            }
            servers.append(DNSServer(address: address))
        }
    }
}

/// The recursive resolvers to ask: configured ones, or the system's as of now.
package final class ResolverList: Sendable, ExpressibleByArrayLiteral {
    package static let file = "/etc/resolv.conf"

    private let configured: [DNSServer]
    /// Where the system's are read; nil where they are configured.
    private let files: (any Files)?
    private let last = Mutex(SystemResolvers(""))

    /// - Parameter configured: those that are asked whatever the system has; none: the system's.
    package init(_ configured: [DNSServer], files: any Files) {
        (self.configured, self.files) = (configured, configured.isEmpty ? files : nil)
        _ = system
    }

    package init(arrayLiteral servers: DNSServer...) { (configured, files) = (servers, nil) }

    /// The local one where the system names none, as the C library has it.
    package var servers: [DNSServer] {
        guard let servers = system?.servers else { return configured }
        return servers.isEmpty ? IPAddress("127.0.0.1").map { [DNSServer(address: $0)] } ?? [] : servers
    }

    /// The system's; nil where they are configured. `/etc/resolv.conf` may change at any time, in place or by another file in
    /// its place; while it cannot be read, what it held last counts.
    package var system: SystemResolvers? {
        guard let files else { return nil }
        let bytes = try? files.read(Self.file, limit: 64 << 10, for: .run)
        return last.withLock { last in
            if let bytes { last = SystemResolvers(String(outside: bytes)) }
            return last
        }
    }
}

/// Recursive resolvers, which are asked in order until one answers.
struct RecursiveResolvers: Sendable {
    let client: any DNSClient
    let servers: [DNSServer]

    /// Those that the list has now.
    init(client: any DNSClient, list: ResolverList) { (self.client, servers) = (client, list.servers) }

    func ask(_ name: String, _ kind: DNSQuestion.Kind, for scope: Scope) async -> DNSAnswer? {
        let question = DNSQuestion(name, kind, recursionDesired: true)
        for server in servers {
            let answer = try? await client.query(question, at: server, for: scope)
            if let answer, answer.isAboutName { return answer }
        }
        return nil
    }

    /// `the resolver 192.0.2.53:53`
    var description: String {
        let shown = servers.map(\.description).joined(separator: ", ")
        return servers.count == 1 ? "the resolver \(shown)" : "the resolvers \(shown)"
    }
}

extension DNSAnswer {
    /// RFC 1035 §4.1.1: 0 no error, 3 no such name.
    var isAboutName: Bool { [0, 3].contains(code) }
}
