import Model
import State
import Testing

@testable import Pipeline

/// Who had a host first.
@Suite struct RequesterStoreTests {
    private let state: StateStore
    private let start = Timestamp(seconds: 1_795_485_783)

    init() throws { state = try .inMemory() }

    private func host(_ name: String, by service: String, _ certificate: CertificateChoice = .each) throws
        -> DesiredHost
    {
        // A service that is deployed anew has another ID.
        DesiredHost(
            name: try DomainName(name),
            origin: Origin(kind: .service, id: "\(Int.random(in: 0..<1_000_000))", name: service),
            certificate: certificate
        )
    }

    /// The first requester of `www.example.test`, as a process knows it that has just begun.
    private func first(_ services: String..., after time: Duration = .zero, saves: Bool = true) throws -> String? {
        let hosts = try services.map { try host("www.example.test", by: $0) }
        let firsts = RequesterStore(state: state).firsts(hosts, saves: saves, at: start + time)
        return firsts.first(of: try DomainName("www.example.test"))
    }

    @Test func `the one who came first stays first, whatever the names and however often the process begins`() throws {
        #expect(try first("web") == "service web")
        for minutes in 1...5 { #expect(try first("aaa", "web", after: .seconds(60 * minutes)) == "service web") }
        #expect(try first("aaa", after: .seconds(360)) == "service aaa")
    }

    @Test func `of several that come at once none is first, until all but one are gone`() throws {
        #expect(try first("web", "shop") == nil)
        #expect(try first("web", "shop", after: .seconds(60)) == nil)
        #expect(try first("web", "late", after: .seconds(120)) == "service web")
    }

    @Test func `one that is away for an hour keeps its place, and no longer`() throws {
        _ = try first("web")
        #expect(try first("late", after: .seconds(60)) == "service late")
        #expect(try first("late", "web", after: .seconds(3600)) == "service web")
        #expect(try first("late", after: .seconds(3700)) == "service late")
        #expect(try first("late", "web", after: .seconds(7400)) == "service late")
    }

    @Test func `one that no service requests is forgotten in the end`() throws {
        _ = try first("web")
        _ = try first(after: .seconds(60))
        #expect(try !state.texts(in: "requesters").isEmpty)
        _ = try first(after: .seconds(3700))
        #expect(try state.texts(in: "requesters").isEmpty)
    }

    @Test func `a clock that is set back keeps none for ever`() throws {
        _ = try first("web", after: .seconds(90_000))
        _ = try first("late", after: .seconds(90_060))
        _ = try first("late", after: .zero)
        #expect(try first("late", "web", after: .seconds(60)) == "service late")
    }

    @Test func `a plan remembers nothing`() throws {
        _ = try first("web", saves: false)
        #expect(try state.texts(in: "requesters").isEmpty)
        #expect(try first("web", "aaa") == nil)
    }

    @Test func `nothing is written while nothing changes`() throws {
        let store = RequesterStore(state: state)
        let hosts = [try host("www.example.test", by: "web")]
        _ = store.firsts(hosts, saves: true, at: start)
        let before = try state.texts(in: "requesters")
        _ = store.firsts(hosts, saves: true, at: start + .seconds(60))
        #expect(try state.texts(in: "requesters") == before)
    }

    @Test func `names of shared certificates have a first as well`() throws {
        let store = RequesterStore(state: state)
        let web = try host("a.example.test", by: "web", .shared(lineage: "shop"))
        let late = try host("b.example.test", by: "late", .shared(lineage: "shop"))
        _ = store.firsts([web], saves: true, at: start)
        #expect(store.firsts([late, web], saves: true, at: start).first(ofCertificate: "shop") == "service web")
    }

    @Test func `a stored rank may be any number`() throws {
        let key = FirstRequesters.key(of: try DomainName("www.example.test"))
        for rank in [Int.min, -1, .max] {
            try state.commit(["requesters": [key: #"[{"name":"service web","rank":\#(rank)}]"#]])
            _ = try first("late", "web", saves: false)
        }
    }

    @Test func `while the first one is away, its host belongs to no service for an hour`() throws {
        let store = RequesterStore(state: state)
        let (web, late) = (try host("www.example.test", by: "web"), try host("www.example.test", by: "late"))
        func own(_ hosts: [DesiredHost], after seconds: Int) -> [Origin: Set<DomainName>] {
            store.firsts(hosts, saves: true, at: start + .seconds(seconds)).ownHosts(among: hosts)
        }
        #expect(own([web], after: 0) == [web.origin: [web.name]])
        #expect(own([web, late], after: 60) == [web.origin: [web.name]])
        #expect(own([late], after: 120).isEmpty)
        #expect(own([late], after: 3660).isEmpty)
        #expect(own([late], after: 3720) == [late.origin: [late.name]])
    }

    @Test func `of two that came at once, the host is not the one's that stays while the other is away`() throws {
        let store = RequesterStore(state: state)
        let (web, shop) = (try host("www.example.test", by: "web"), try host("www.example.test", by: "shop"))
        _ = store.firsts([web, shop], saves: true, at: start)
        #expect(store.firsts([web], saves: true, at: start + .seconds(60)).ownHosts(among: [web]).isEmpty)
    }

    @Test func `own hosts are those that a service alone requests, or requested first`() throws {
        let (web, late) = (try host("www.example.test", by: "web"), try host("www.example.test", by: "late"))
        let api = try host("api.example.test", by: "late")
        let key = FirstRequesters.key(of: web.name)
        let own = FirstRequesters([key: "service web"]).ownHosts(among: [web, late, api])
        #expect(own == [web.origin: [web.name], api.origin: [api.name]])
        #expect(FirstRequesters().ownHosts(among: [web, late, api]) == [api.origin: [api.name]])
    }
}
