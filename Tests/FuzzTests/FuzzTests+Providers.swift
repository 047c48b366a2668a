import CLDNS
@testable import DNS
import Model
import Ports
import TestSupport
import Testing

/// What providers of zones answer: Cloudflare, a user's program, and name servers.
extension FuzzTests {
    private static func zone() throws -> Zone { Zone(name: try DomainName("example.test"), id: "z") }

    private static func record(_ content: String = "192.0.2.1") throws -> DNSRecord {
        DNSRecord(id: "r1", name: try DomainName("www.example.test"), kind: .a, content: content, ttl: 300)
    }

    private static func check(_ error: ProviderError) throws { try requireLine(error.description, "the error") }

    /// What a provider returns; nil if it throws an error, which must be one short line.
    private static func answer<Value>(_ ask: () async throws -> Value) async throws -> Value? {
        do {
            return try await ask()
        } catch let error as ProviderError {
            try check(error)
            return nil
        }
    }

    private static func list(_ items: String, total: Int = 1) -> String {
        """
        {"success": true, "errors": [], "messages": [], "result": [\(items)], "result_info": {"page": 1, "per_page": 50, \
        "count": \(total), "total_count": \(total), "total_pages": 1}}
        """
    }

    private static let recordJSON = """
        {"id": "r1", "name": "www.example.test", "type": "A", "content": "192.0.2.1", "ttl": 300, "proxied": false, \
        "comment": "landfall:default", "meta": {"read_only": false}}
        """
}

/// Cloudflare's API.
extension FuzzTests {
    private static func cloudflare(_ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse) -> CloudflareProvider {
        let transport = AnsweringTransport(answer)
        return CloudflareProvider(.token(Secret("token")), transport: transport, clock: LeapingClock())
    }

    /// Feeds answers of one kind to whatever a provider is asked.
    private func fuzzCloudflare(
        _ kind: String,
        _ seeds: [[UInt8]],
        statuses: [Int] = [200],
        _ ask: (CloudflareProvider) async throws -> Bool
    ) async throws {
        try await fuzz("Cloudflare \(kind)", seeds) { input in
            var chance = input.chance
            let status = input.isSeed ? statuses[0] : chance.one(of: statuses)
            let requests = AsyncCollector<String>()
            let provider = Self.cloudflare { request in
                requests.add(request.url)
                return HTTPResponse(status: status, body: input.bytes)
            }
            let isAccepted = try await ask(provider)
            // Four readings of two hundred pages, for each of the questions.
            try require(requests.all.count <= 2 * 4 * 200, "\(requests.all.count) requests")
            return isAccepted
        }
    }

    @Test func `whatever Cloudflare lists as zones is read or rejected`() async throws {
        let seeds =
            Corpus.answers("GET") { $0.contains("/client/v4/zones?") }
            + Corpus.bytes(Self.list(#"{"id": "0a1b", "name": "example.test", "status": "active"}"#))
        try await fuzzCloudflare("zones", seeds) { provider in
            let zones = try await Self.answer { try await provider.zones() }
            for zone in zones ?? [] {
                try require(zone.id.isSafeInPath, "\(zone.id) goes into a URL")
                try require(try DomainName(zone.name.text) == zone.name, "\(zone.name) is no name")
            }
            return zones != nil
        }
    }

    @Test func `whatever Cloudflare lists as records is read or rejected`() async throws {
        let seeds =
            Corpus.answers("GET") { $0.contains("/dns_records?page=") } + Corpus.bytes(Self.list(Self.recordJSON))
        let zone = try Self.zone()
        try await fuzzCloudflare("records", seeds) { provider in
            let records = try await Self.answer { try await provider.records(in: zone) }
            for record in records ?? [] {
                try require(record.id?.isSafeInPath ?? false, "\(record.id ?? "") goes into a URL")
                try requireLine(record.summary, "the summary")
            }
            return records != nil
        }
    }

    @Test func `whatever Cloudflare answers to a change is confirmed or told`() async throws {
        let seeds =
            Corpus.answers("POST") { $0.contains("/dns_records") } + Corpus.answers("DELETE") { _ in true }
            + Corpus.bytes(
                #"{"success": true, "result": \#(Self.recordJSON)}"#,
                #"{"success": true, "result": {"posts": [\#(Self.recordJSON)], "deletes": [], "patches": [], "puts": []}}"#
            )
        let (zone, record) = (try Self.zone(), try Self.record())
        try await fuzzCloudflare("changes", seeds) { provider in
            let changes: [RecordChange] = [
                .create(record), .update(record, to: try Self.record("192.0.2.2")), .delete(record),
            ]
            for changes in [changes, [changes[0]]] {
                let results = await provider.apply(changes, in: zone)
                try require(results.count == changes.count, "\(results.count) results of \(changes.count)")
                for (change, result) in zip(changes, results) {
                    switch (change, result) {
                    case (_, .failure(let error)): try Self.check(error)
                    case (.create(let wanted), .success(let made?)):
                        try require(made.shows(wanted), "another record is taken for the one that was made")
                    default: break
                    }
                }
            }
            return true
        }
    }

    @Test func `whatever Cloudflare answers to a challenge is confirmed or told`() async throws {
        let text = """
            {"id": "c1", "name": "_acme-challenge.example.test", "type": "TXT", "content": "\\"value\\"", "ttl": 60}
            """
        let seeds = Corpus.bytes(#"{"success": true, "result": \#(text)}"#, Self.list(text), Self.list(""))
        let zone = try Self.zone()
        try await fuzzCloudflare("challenges", seeds) { provider in
            let name = "_acme-challenge.example.test"
            let made = try await Self.answer { try await provider.publishChallenge("value", at: name, in: zone) }
            let record = made ?? ChallengeRecord(id: "", name: name, value: "value")
            _ = try await Self.answer { try await provider.removeChallenge(record, in: zone) }
            return true
        }
    }

    @Test func `whatever Cloudflare gives as its reason becomes one short line`() async throws {
        let seeds = Corpus.bytes(
            #"{"success": false, "errors": [{"code": 9109, "message": "Invalid access token"}]}"#,
            """
            {"success": false, "errors": [{"code": 1004, "message": "DNS Validation Error", "error_chain": [{"code": 9005, \
            "message": "Content for A record must be a valid IPv4 address."}]}], "messages": [], "result": null}
            """,
            "<html>522</html>"
        )
        let zone = try Self.zone()
        try await fuzzCloudflare("errors", seeds, statuses: [400, 200, 301, 403, 404, 429, 500, 522]) { provider in
            if let text = try await Self.answer({ try await provider.verify() }) {
                try requireLine(text, "whose it is")
            }
            _ = try await Self.answer { try await provider.countRecords(in: zone) }
            return true
        }
    }

    @Test func `whatever Cloudflare says of its limits, no pause is longer than ten minutes`() async throws {
        let seeds = Corpus.bytes(
            "\"default\";r=1150;t=240\n\"default\";q=1200;w=300\n7",
            "\"x\";r=0;t=1\n\"y\";q=1;w=300, \"x\";q=5;w=300\n"
        )
        let body = Array(Self.list("", total: 0).utf8)
        try await fuzz("Cloudflare limits", seeds) { input in
            var chance = input.chance
            let parts = input.text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false).map(
                String.init
            )
            let names = ["ratelimit", "ratelimit-policy", "retry-after"]
            let headers = Dictionary(zip(names, parts)) { first, _ in first }
            let status = chance.one(of: [200, 429, 503])
            let clock = LeapingClock()
            let transport = AnsweringTransport { _ in HTTPResponse(status: status, headers: headers, body: body) }
            let provider = CloudflareProvider(.token(Secret("token")), transport: transport, clock: clock)
            for _ in 0..<2 { _ = try await Self.answer { try await provider.zones() } }
            try require(clock.sleeps.allSatisfy { $0 <= .seconds(2) }, "it sleeps \(clock.sleeps)")
            let rest = provider.budget?.restsUntil.map { $0 - clock.now } ?? .zero
            try require(rest <= .seconds(600), "it rests for \(rest)")
            try require(provider.budget.map { $0.used >= 0 } ?? false, "negative use")
            return true
        }
    }
}

/// A user's program.
extension FuzzTests {
    @Test func `whatever a user's program writes is read or told`() async throws {
        let seeds = Corpus.bytes(
            #"{"zones": [{"id": "1", "name": "example.test"}, {"name": "example.net"}]}"#,
            #"{"records": [\#(Self.recordJSON)]}"#,
            #"{"results": [{"record": \#(Self.recordJSON)}]}"#,
            #"{"results": [{"error": "no such zone", "kind": "rejected"}]}"#,
            #"{"id": "1"}"#,
            #"{"error": "the key is wrong", "kind": "unauthorized"}"#
        )
        let (zone, record) = (try Self.zone(), try Self.record())
        try await fuzz("exec provider", seeds) { input in
            let processes = AnsweringProcesses(output: input.bytes)
            let provider = ExecProvider("/program", environment: [:], processes: processes)
            _ = try await Self.answer { try await provider.zones() }
            _ = try await Self.answer { try await provider.records(in: zone) }
            let results = await provider.apply([.create(record)], in: zone)
            try require(results.count == 1, "\(results.count) results of 1")
            if case .failure(let error)? = results.first { try Self.check(error) }
            let failing = AnsweringProcesses(end: .exited(1), error: input.bytes)
            let failed = ExecProvider("/program", environment: [:], processes: failing)
            _ = try await Self.answer { try await failed.zones() }
            return true
        }
    }
}

/// lexicon.
extension FuzzTests {
    @Test func `whatever lexicon writes is read or told`() async throws {
        let record = #"{"id":"7","type":"A","name":"www.example.test","content":"192.0.2.1","ttl":300}"#
        let seeds = Corpus.bytes(
            "[\(record)]",
            #"[{"id":7,"type":"TXT","name":"@.example.test","content":"\"v=spf1 -all\"","ttl":"60"}]"#,
            "true",
            "a line of a log\n[]",
            "requests.exceptions.HTTPError: 422 Client Error: Unprocessable Entity for url: https://x.test/?key=k"
        )
        let (zone, wanted) = (try Self.zone(), try Self.record())
        try await fuzz("lexicon", seeds) { input in
            var isRead = input.isSeed
            for end in [ProcessResult.End.exited(0), .exited(1)] {
                let settings = LexiconProvider.Settings(
                    program: "lexicon",
                    provider: "hetzner",
                    zones: [zone.name],
                    environment: [:],
                    secrets: [Secret("secret")],
                    usualTTL: 300
                )
                let processes = AnsweringProcesses(end: end, output: input.bytes, error: input.bytes)
                let provider = LexiconProvider(settings, processes: processes)
                let records = try await Self.answer { try await provider.records(in: zone) }
                for record in records ?? [] {
                    try require(record.name.isWithin(zone.name), "\(record.name) is no name of the zone")
                }
                isRead = isRead || records != nil
                let changes: [RecordChange] = [
                    .create(wanted), .update(wanted, to: try Self.record("192.0.2.2")), .delete(wanted),
                ]
                let results = await provider.apply(changes, in: zone)
                try require(results.count == changes.count, "\(results.count) results of \(changes.count)")
                for (change, result) in zip(changes, results) {
                    switch (change, result) {
                    case (_, .failure(let error)): try Self.check(error)
                    case (.create(let wanted), .success(let made?)):
                        // A TTL may be unknown.
                        let isThat = made.name == wanted.name && made.hasContent(of: wanted)
                        try require(isThat, "another record is taken for the one that was made")
                    default: break
                    }
                }
            }
            return isRead
        }
    }
}

/// Name servers.
extension FuzzTests {
    /// A message (RFC 1035 §4.1) that answers a question about `example.test`.
    private static func message(_ type: UInt16, _ records: [[UInt8]], code: UInt8 = 0, id: [UInt8] = [0, 1]) -> [UInt8]
    {
        let header = id + [0x84, code, 0, 1, 0, UInt8(records.count), 0, 0, 0, 0]
        return header + name("example.test") + [UInt8(type >> 8), UInt8(type & 0xFF), 0, 1] + records.flatMap(\.self)
    }

    private static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    /// The owner's name is that of the question.
    private static func record(_ type: UInt8, _ data: [UInt8], owner: [UInt8] = [0xC0, 0x0C]) -> [UInt8] {
        owner + [0, type, 0, 1, 0, 0, 1, 0x2C, UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
    }

    private static let address = record(1, [192, 0, 2, 1])
    private static let address6 = record(28, [0x20, 0x01] + [UInt8](repeating: 0, count: 13) + [1])
    private static let alias = record(5, name("other.example.test"))
    private static let server = record(2, name("ns.example.test"))
    private static let text = record(16, [3] + Array("abc".utf8) + [0], owner: name("_landfall.example.test"))
    private static let start = record(
        6,
        name("ns.example.test") + name("hostmaster.example.test") + [0, 0, 0, 7] + [UInt8](repeating: 1, count: 16)
    )

    @Test func `whatever a name server answers is read or rejected`() async throws {
        let seeds = [
            Self.message(1, [Self.address, Self.alias]), Self.message(1, [Self.address6, Self.server, Self.text]),
            Self.message(1, [Self.start]), Self.message(1, [], code: 3),
        ]
        let question = DNSQuestion("example.test", .a, recursionDesired: true)
        try await fuzz("DNS answers", seeds) { input in
            guard let answer = Packet.decode(input.bytes, answering: question) else { return false }
            for record in answer.answers + answer.authority + answer.additional {
                try require(record.name.utf8.count <= 1024, "a name of \(record.name.utf8.count) bytes")
                try require(
                    record.content.utf8.count <= 3 * Int(UInt16.max),
                    "a record of \(record.content.utf8.count) bytes"
                )
                try require(record.name == record.name.lowercased(), "\(record.name) is not in lower case")
            }
            try require(decodeJSON(DNSAnswer.self, from: encodeJSON(answer)) == answer, "it is recorded as another one")
            return true
        }
    }

    @Test func `whatever a primary server transfers is read or rejected`() async throws {
        let key = TSIGKey(
            name: "landfall",
            algorithm: .sha256,
            secret: Secret("bGFuZGZhbGwgdGVzdHMgc2hhMjU2IGtleSAwMDAwMDE=")
        )
        let zone = try DomainName("example.test")
        let seeds = [
            Self.message(252, [Self.start, Self.address, Self.text, Self.start]),
            Self.message(252, [Self.start, Self.address6, Self.alias, Self.server]),
            Self.message(252, [Self.start, Self.start]),
        ]
        try await fuzz("zone transfers", seeds) { input in
            guard let packet = unsafe UpdatePacket.transfer(of: zone),
                let message = unsafe SignedMessage(packet, key: key)
            else { return false }
            var bytes = input.bytes
            // What answers another message is not read.
            if bytes.count > 2 { bytes.replaceSubrange(0..<2, with: message.bytes[0..<2]) }
            var transfer = ZoneTransfer(textsBelow: "_landfall")
            let isWhole = unsafe message.read(bytes, key: key, after: nil) { packet, signature in
                Result { () throws(DNSUpdateError) in
                    guard signature == nil else { return false }
                    return try unsafe transfer.read(packet)
                }
            }
            _ = try isWhole?.get()
            // A record takes eleven bytes at least.
            try require(transfer.records.count <= bytes.count / 11, "\(transfer.records.count) records")
            _ = TXTOwnershipRegistry.read(transfer.records)
            return isWhole != nil
        }
    }

    @Test func `whatever resolv.conf holds, three servers are asked at most`() async throws {
        let seeds = Corpus.bytes(
            "# made by hand\nsearch example.test\nnameserver 192.0.2.53\nnameserver 2001:db8::53\noptions ndots:1\n",
            "nameserver\t127.0.0.53\n",
            "nameserver fe80::1%eth0\nnameserver 192.0.2.1 # first\n"
        )
        try await fuzz("resolv.conf", seeds) { input in
            let servers = SystemResolvers(String(outside: input.bytes)).servers
            try require(servers.count <= 3, "\(servers.count) servers")
            for server in servers { try require(DNSServer(server.description) == server, "\(server) is another one") }
            return !servers.isEmpty
        }
    }
}
