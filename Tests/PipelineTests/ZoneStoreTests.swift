import DNS
import Model
import Ports
import State
import Testing
@testable import Pipeline

@Suite struct ZoneStoreTests {
    @Test func `what a provider had is known while it cannot be read`() async throws {
        let store = ZoneStore(state: try .inMemory())
        let up = Provider(name: "Up", names: ["example.test"])
        let down = Provider(name: "Down", names: ["dev.example.test"])
        #expect(store.load().isEmpty)
        store.save(await ZoneDirectory.read(from: [up, down], allowed: nil))
        let zones = await ZoneDirectory.read(
            from: [up, Provider(name: "Down", names: nil)],
            allowed: nil,
            remembered: store.load()
        )
        guard case .found(let entry) = zones.find(try DomainName("www.example.test")) else {
            Issue.record("another provider's zone is held up")
            return
        }
        #expect(entry.provider.name == "Up")
        guard case .unavailable = zones.find(try DomainName("www.dev.example.test")) else {
            Issue.record("a hidden zone was overlooked")
            return
        }
        // What could not be read is not forgotten.
        store.save(zones)
        #expect(store.load()["Down"]?.map(\.text) == ["dev.example.test"])
    }

    @Test func `a zone that is gone is missed until another provider has it, or it is let go`() async throws {
        let state = try StateStore.inMemory()
        let name = try DomainName("www.example.org")
        func look(_ providers: Provider..., forgetting: Set<DomainName> = []) async -> ZoneDirectory {
            let store = ZoneStore(state: state)
            let known = store.load().mapValues { $0.subtracting(forgetting) }
            let zones = await ZoneDirectory.read(from: providers, allowed: nil, remembered: known)
            store.save(zones, forgetting: forgetting)
            return zones
        }
        func isGone(_ zones: ZoneDirectory) -> Bool { if case .gone = zones.find(name) { true } else { false } }
        let both = Provider(name: "Up", names: ["example.test", "example.org"])
        let narrowed = Provider(name: "Up", names: ["example.test"])
        #expect(await !isGone(look(both)))
        // The token was narrowed, and later the provider removed altogether.
        for _ in 0..<2 { #expect(await isGone(look(narrowed))) }
        #expect(await isGone(look()))
        #expect(await isGone(look(Provider(name: "Up", names: []))))
        #expect(await !isGone(look(both)))
        // It moved.
        #expect(await !isGone(look(narrowed, Provider(name: "Other", names: ["example.org"]))))
        #expect(await isGone(look(narrowed)))
        let forgotten: Set = [try DomainName("example.org")]
        #expect(await !isGone(look(narrowed, forgetting: forgotten)))
        #expect(await !isGone(look(narrowed)))
    }

    @Test func `a zone that is gone from one view is missed, though the other has one of its name`() async throws {
        let store = ZoneStore(state: try .inMemory())
        let name = try DomainName("www.example.org")
        func look(outside: [String]) async -> ZoneDirectory {
            let (known, insiders) = (store.load(), Set(["In"]))
            let inside = await ZoneDirectory.read(from: [Provider(name: "In", names: ["example.org"])], allowed: nil)
            let zones = await ZoneDirectory.read(
                from: [Provider(name: "Out", names: outside)],
                allowed: nil,
                remembered: known.filter { !insiders.contains($0.key) }
            ) { inside }
            store.save(zones, insiders)
            return zones
        }
        _ = await look(outside: ["example.org"])
        for _ in 0..<2 {
            let zones = await look(outside: [])
            if case .gone = zones.find(name) {} else { Issue.record("the public zone was not missed") }
            if case .found? = zones.internal?.find(name) {} else { Issue.record("the inside has it") }
        }
        #expect(store.load().mapValues { $0.map(\.text) } == ["In": ["example.org"], "Out": ["example.org"]])
    }
}

private struct Provider: DNSProvider {
    let name: String
    /// Nil: it does not answer.
    let names: [String]?

    func zones() async throws(ProviderError) -> [Zone] {
        guard let names else { throw .unavailable("no answer") }
        return names.compactMap { text in (try? DomainName(text)).map { Zone(name: $0, id: text) } }
    }

    func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents { ZoneContents([]) }
    func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] { [] }
    func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {}

    func publishChallenge(_ value: String, at name: String, in zone: Zone) async throws(ProviderError)
        -> ChallengeRecord
    {
        throw .rejected("no challenges here")
    }
}
