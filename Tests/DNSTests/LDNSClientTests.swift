import DNS
import Glibc
import Model
import Ports
import Synchronization
import TestSupport
import Testing

@Suite struct LDNSClientTests {
    private let resolver = LDNSClient()

    private func ask(_ name: String, _ kind: DNSQuestion.Kind, at server: DNSServer) async throws -> DNSAnswer {
        try await resolver.query(DNSQuestion(name, kind, recursionDesired: false), at: server, for: .run)
    }

    @Test func `every kind of record comes back as text`() async throws {
        let bind = try NameServer([
            "example.test": """
            @ NS NS1
            NS1 A 192.0.2.1
            NS1 AAAA 2001:DB8:0:0::1
            www CNAME Other.Example.NET.
            txt TXT "one " "two" ; two strings of one record
            txt TXT "qu\\"ote"
            """
        ])
        try await bind.run { [bind] in
            let addresses = try await ask("NS1.example.test", .a, at: bind.server)
            #expect(addresses.code == 0 && addresses.authoritative)
            #expect(addresses.answers == [.init(name: "ns1.example.test", kind: .a, content: "192.0.2.1")])
            #expect(try await ask("ns1.example.test", .aaaa, at: bind.server).answers.map(\.content) == ["2001:db8::1"])
            #expect(
                try await ask("www.example.test", .a, at: bind.server).answers.map(\.content) == ["other.example.net"]
            )
            #expect(try await ask("example.test", .ns, at: bind.server).answers.map(\.content) == ["ns1.example.test"])
            #expect(try await ask("example.test", .soa, at: bind.server).answers.map(\.content) == ["ns1.example.test"])
            let texts = try await ask("txt.example.test", .txt, at: bind.server).answers.map(\.content)
            #expect(Set(texts) == ["one two", "qu\"ote"])
        }
    }

    @Test func `a name that does not exist is an answer, with the zone's SOA`() async throws {
        let bind = try NameServer(["example.test": "@ NS ns1\nns1 A 192.0.2.1"])
        try await bind.run { [bind] in
            let answer = try await ask("nothing.example.test", .a, at: bind.server)
            #expect(answer.code == 3 && answer.answers.isEmpty)
            #expect(answer.authority.map(\.name) == ["example.test"])
            #expect(try await ask("example.org", .a, at: bind.server).code == 5)
        }
    }

    @Test func `an answer that does not fit a datagram is read whole`() async throws {
        let values = (0..<40).map { "\($0)-" + String(repeating: "x", count: 100) }
        let records = values.map { "big TXT \"\($0)\"\n" }.joined()
        let bind = try NameServer(["example.test": "@ NS ns1\nns1 A 192.0.2.1\n\(records)"])
        try await bind.run { [bind] in
            let answer = try await ask("big.example.test", .txt, at: bind.server)
            #expect(Set(answer.answers.map(\.content)) == Set(values))
        }
    }

    @Test func `a closed port is unreachable`() async throws {
        let server = DNSServer(address: NameServer.freeAddress())
        await #expect(throws: DNSQueryError.unreachable(server)) { try await ask("example.test", .a, at: server) }
    }

    @Test func `a silent server is asked twice and no more`() async throws {
        let asked = Mutex(0)
        let stub = try DatagramStub { _ in
            asked.withLock { $0 += 1 }
            return []
        }
        defer { stub.stop() }
        await #expect(throws: DNSQueryError.unreachable(stub.server)) {
            try await LDNSClient(queryLimit: .milliseconds(200)).query(
                DNSQuestion("example.test", .a, recursionDesired: false),
                at: stub.server,
                for: .run
            )
        }
        #expect(asked.withLock { $0 } == 2)
    }

    @Test func `a datagram that is lost is made up for`() async throws {
        let asked = Mutex(0)
        let stub = try DatagramStub { query in
            let number = asked.withLock { asked in
                asked += 1
                return asked
            }
            return number == 1 ? [] : [query.answered]
        }
        defer { stub.stop() }
        let resolver = LDNSClient(queryLimit: .milliseconds(400))
        let question = DNSQuestion("example.test", .a, recursionDesired: false)
        #expect(try await resolver.query(question, at: stub.server, for: .run).code == 0)
    }

    @Test func `an answer to another query is passed over`() async throws {
        let stub = try DatagramStub { query in
            var stray = query.answered
            stray[0] ^= 0xFF
            stray[3] = 5
            return [stray, [1, 2, 3], query.answered]
        }
        defer { stub.stop() }
        #expect(try await ask("example.test", .a, at: stub.server).code == 0)
    }

    @Test(arguments: [
        [UInt8]([0x80, 0, 0, 1, 0, 9, 0, 0, 0, 0]),
        // Nine answers are announced, none is there.
        [0x80, 0, 0, 0, 0, 9, 0, 0, 0, 0],
        // A name whose compression points to itself (RFC 1035 §4.1.4).
        [0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 0x0C, 0, 1, 0, 1],
        // No response at all: the QR bit is not set.
        [0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ])
    func `what is no answer is malformed`(rest: [UInt8]) async throws {
        let stub = try DatagramStub { query in [Array(query[..<2]) + rest] }
        defer { stub.stop() }
        await #expect(throws: DNSQueryError.malformed(stub.server)) {
            try await ask("example.test", .a, at: stub.server)
        }
    }

    @Test func `an answer about another name is malformed`() async throws {
        let stub = try DatagramStub { query in
            var answer = query.answered
            answer[13] = UInt8(ascii: "z")
            return [answer]
        }
        defer { stub.stop() }
        await #expect(throws: DNSQueryError.malformed(stub.server)) {
            try await ask("example.test", .a, at: stub.server)
        }
    }

    @Test func `fifty queries side by side`() async throws {
        let stub = try DatagramStub { [$0.answered] }
        defer { stub.stop() }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                group.addTask { try await ask("h\(number).example.test", .a, at: stub.server).code }
            }
            for try await code in group { #expect(code == 0) }
        }
    }

    @Test func `many queries side by side take few threads`() async {
        await #expect(processExitsWith: .success) {
            let stub = try DatagramStub { [asked = Asked()] in asked.isRepeated($0) ? [$0.answered] : [] }
            let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
            // Each query waits out its first try, all at once if nothing held them back; and not so many threads can be.
            var limit = rlimit()
            unsafe getrlimit(Int32(__RLIMIT_NPROC.rawValue), &limit)
            limit.rlim_cur = rlim_t(48 + cores)
            unsafe setrlimit(Int32(__RLIMIT_NPROC.rawValue), &limit)
            // A user who has no other processes; root is bound by no such limit.
            try #require(setuid(64_321) == 0)
            let resolver = LDNSClient(queryLimit: .seconds(1).scaledToLoad)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<(64 + 2 * cores) {
                    let question = DNSQuestion("h\(number).example.test", .a, recursionDesired: false)
                    group.addTask { try await resolver.query(question, at: stub.server, for: .run).code }
                }
                for try await code in group { #expect(code == 0) }
            }
        }
    }
}

extension [UInt8] {
    /// A query turned into its own empty answer: the QR bit (RFC 1035 §4.1.1).
    fileprivate var answered: [UInt8] {
        var answer = self
        answer[2] |= 0x80
        return answer
    }
}

/// Which queries came already.
private final class Asked: Sendable {
    private let queries = Mutex<Set<[UInt8]>>([])

    func isRepeated(_ query: [UInt8]) -> Bool { queries.withLock { !$0.insert(query).inserted } }
}
