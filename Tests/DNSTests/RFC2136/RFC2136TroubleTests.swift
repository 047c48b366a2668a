import DNS
import Model
import Ports
import TestSupport
import Testing

/// What goes wrong between the provider and its server, and how it is told.
@Suite(.limited(minutes: 2)) struct RFC2136TroubleTests {
    private static let programs = Primary.Program.allCases

    private func create(_ provider: RFC2136Provider, _ name: String = "www.example.test") async throws -> ProviderError?
    {
        let record = DNSRecord(name: try DomainName(name), kind: .a, content: "192.0.2.1")
        let zone = try Primary.zone()
        return await failure { () throws(ProviderError) in try await provider.create(record, in: zone) }
    }

    private func read(_ provider: RFC2136Provider, _ zone: String = "example.test") async throws -> ProviderError? {
        let zone = try Primary.zone(zone)
        return await failure { () throws(ProviderError) in try await provider.records(in: zone) }
    }

    @Test(arguments: programs) func `keys that are not right`(program: Primary.Program) async throws {
        let primary = try Primary(program)
        try await primary.run { [primary] in
            let good = Primary.keys[0]
            let wrong = TSIGKey(name: good.name, algorithm: .sha256, secret: Primary.keys[2].secret)
            let unknown = TSIGKey(name: "nobody", algorithm: .sha256, secret: good.secret)
            let other = TSIGKey(name: good.name, algorithm: .sha512, secret: good.secret)
            for (key, clause) in [
                (wrong, "has another secret for the key landfall: check RFC2136_KEY_SECRET"),
                (unknown, "knows no key nobody with hmac-sha256, or none"),
                (other, "knows no key landfall with hmac-sha512, or none"),
            ] {
                let provider = try primary.provider(key)
                for error in [try await create(provider), try await read(provider)] {
                    guard case .unauthorized(let text) = error else {
                        Issue.record("\(program): \(String(describing: error))")
                        continue
                    }
                    #expect(text.contains(clause))
                    #expect(!text.contains(key.secret.revealed))
                }
            }
        }
    }

    @Test(arguments: programs) func `a key that may only read`(program: Primary.Program) async throws {
        let primary = try Primary(program)
        try await primary.run { [primary] in
            let provider = try primary.provider(Primary.keys[2])
            #expect(try await provider.records(in: try Primary.zone()).count == 1)
            guard case .unauthorized(let text) = try await create(provider) else {
                Issue.record("it may write")
                return
            }
            #expect(text.contains("example.test") && text.contains("reader"))
        }
    }

    @Test(arguments: programs) func `a zone of somebody else's`(program: Primary.Program) async throws {
        let primary = try Primary(program)
        try await primary.run { [primary] in
            let provider = try primary.provider(zones: ["example.test", "example.org"])
            #expect(try await provider.zones().map(\.name.text) == ["example.test", "example.org"])
            let error = try await read(provider, "example.org")
            #expect(error?.description.contains("example.org") == true)
            #expect(try await provider.records(in: try Primary.zone()).count == 1)
            #expect(try await create(provider, "www.example.org")?.description.contains("example.test") == true)
        }
    }

    @Test func `nothing listens on the port`() async throws {
        let primary = try Primary(.bind)
        let provider = try primary.provider()
        for error in [try await create(provider), try await read(provider)] {
            guard case .unavailable(let text) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(text.contains("cannot be reached: Connection refused"))
        }
    }

    @Test(arguments: programs) func `an answer that is lost is made up for by a look`(
        program: Primary.Program
    ) async throws {
        let primary = try Primary(program)
        try await primary.run { [primary] in
            let middleman = try Middleman(before: primary.server) { $0 ? .answerLost : .passed }
            defer { middleman.stop() }
            let provider = try Primary.provider(at: middleman.server)
            let record = DNSRecord(name: try DomainName("www.example.test"), kind: .a, content: "192.0.2.1")
            let made = try await provider.create(record, in: try Primary.zone())
            #expect(made.content == "192.0.2.1")
            try await provider.delete(made, in: try Primary.zone())
            #expect(try await primary.answers("www.example.test", .a).isEmpty)
        }
    }

    @Test func `what cannot be confirmed is said to be so`() async throws {
        let primary = try Primary(.bind)
        try await primary.run { [primary] in
            let lost = try Middleman(before: primary.server) { $0 ? .swallowed : .passed }
            defer { lost.stop() }
            let text = try await create(try Primary.provider(at: lost.server))?.description
            #expect(text?.hasPrefix("the zone does not contain what was written") == true)
            let cut = try Middleman(before: primary.server) { _ in .swallowed }
            defer { cut.stop() }
            let blind = try await create(try Primary.provider(at: cut.server))?.description
            #expect(blind?.hasPrefix("could not confirm what was written: cannot edit the zone") == true)
        }
    }

    @Test(arguments: programs) func `a zone that is cut off, or changed on its way, is none`(
        program: Primary.Program
    ) async throws {
        let text = (0..<450).map { "h\($0) A 192.0.2.\($0 % 250)\n" }.joined()
        let primary = try Primary(program, ["example.test": text])
        try await primary.run { [primary] in
            for limit in [1, 100, 5000] {
                let middleman = try Middleman(before: primary.server) { _ in .cut(after: limit) }
                defer { middleman.stop() }
                let error = try await read(try Primary.provider(at: middleman.server))
                #expect(error?.description.hasSuffix("did not answer in time") == true)
            }
            // Within the signature, at the very end.
            let middleman = try Middleman(before: primary.server) { _ in .changed(beforeEnd: 10) }
            defer { middleman.stop() }
            let error = try await read(try Primary.provider(at: middleman.server))
            #expect(error?.description.contains("is not signed with the key landfall") == true)
        }
    }

    @Test(arguments: [
        [UInt8](),
        [1, 2, 3],
        // Nine answers are announced, none is there.
        [0, 0, 0x80, 0, 0, 0, 0, 9, 0, 0, 0, 0],
        // A name whose compression points to itself (RFC 1035 §4.1.4).
        [0, 0, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 0x0C, 0, 1, 0, 1],
    ])
    func `what is no answer is an error`(answer: [UInt8]) async throws {
        let nobody = DNSServer(address: NameServer.freeAddress())
        let middleman = try Middleman(before: nobody) { _ in
            .answered { message in Array(message[..<min(2, answer.count)]) + answer.dropFirst(2) }
        }
        defer { middleman.stop() }
        let provider = try Primary.provider(at: middleman.server)
        #expect(try await read(provider)?.description.hasSuffix("sent something that is no answer to it") == true)
        #expect(try await create(provider)?.description.hasPrefix("could not confirm what was written") == true)
    }

    @Test func `an answer without the key does not count`() async throws {
        let nobody = DNSServer(address: NameServer.freeAddress())
        let middleman = try Middleman(before: nobody) { _ in
            // The message's own header with the bit of an answer, and nothing else.
            .answered { message in Array(message[..<2]) + [message[2] | 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0] }
        }
        defer { middleman.stop() }
        let provider = try Primary.provider(at: middleman.server)
        #expect(try await read(provider)?.description.contains("is not signed with the key landfall") == true)
        #expect(try await create(provider)?.description.hasPrefix("could not confirm what was written") == true)
    }

    @Test func `a server that says nothing has its time`() async throws {
        let nobody = DNSServer(address: NameServer.freeAddress())
        let middleman = try Middleman(before: nobody) { _ in .held }
        defer { middleman.stop() }
        let updater = LDNSClient(updateLimit: .milliseconds(200))
        let provider = try Primary.provider(at: middleman.server, updater: updater)
        #expect(try await read(provider)?.description.hasSuffix("did not answer in time") == true)
    }
}
