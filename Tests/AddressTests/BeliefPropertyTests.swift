import FoundationEssentials
import Model
import Ports
import State
import TestSupport
import Testing
@testable import Address

/// Random days of services that tell the truth, lie, and fail.
@Suite struct BeliefPropertyTests {
    private static let seeds = 1...(TestScale.isFull ? 20_000 : 1_000) as ClosedRange<UInt64>
    private static let addresses = ["85.214.132.117", "85.214.132.118", "85.214.132.119"].compactMap { IPAddress($0) }

    /// One round as it went: who said what, in the order of the answers.
    private struct Heard {
        let verdict: AddressQuorum.Verdict
        var testimonies: [(address: IPAddress, service: AddressService)] = []
    }

    private struct Day {
        var chance: SeededRandom
        var belief = ConfirmedAddress()
        var now = Timestamp(seconds: 1_795_485_783)
        let services: [AddressService]

        init(seed: UInt64) {
            var chance = SeededRandom(seed: seed)
            // From one operator with two services to four operators.
            let hosts = chance.one(of: [["a", "a"], ["a"], ["a", "b"], ["a", "b", "b"], ["a", "b", "c", "d"]])
            services = hosts.enumerated().map { AddressService("https://\($1)\($0).example.test", by: $1) }
            self.chance = chance
        }

        var isSingle: Bool { Set(services.map(\.operatorName)).count == 1 }

        /// Everybody who is asked answers something, early or late.
        mutating func round() -> Heard {
            var round = AddressQuorum(services, confirmed: belief.address)
            var pending: [(place: Int, service: AddressService)] = []
            var testimonies: [(address: IPAddress, service: AddressService)] = []
            while true {
                if let verdict = round.verdict { return Heard(verdict: verdict, testimonies: testimonies) }
                // One more is asked because the last one answered or was silent for long.
                if pending.isEmpty || Bool.random(using: &chance), let next = round.next() { pending.append(next) }
                guard pending.isEmpty || Bool.random(using: &chance) else {
                    let (place, service) = pending.remove(at: Int.random(in: pending.indices, using: &chance))
                    let answer: Observation<IPAddress> =
                        Int.random(in: 0..<3, using: &chance) == 0
                        ? .unavailable(reason: "answered 500") : .known(chance.one(of: BeliefPropertyTests.addresses))
                    if let address = answer.value { testimonies.append((address, service)) }
                    round.record(answer, from: place)
                    continue
                }
            }
        }

        mutating func pass() {
            let pauses: [Duration] = [0, 5, 59, 60, 300, 90_000].map { .seconds($0) }
            now = now + chance.one(of: pauses)
        }
    }

    @Test func `a new address has two witnesses, or stood for a minute with the only one`() {
        for seed in Self.seeds {
            var day = Day(seed: seed)
            /// When the only operator began to say what it says without a break.
            var said: (address: IPAddress, since: Timestamp)?
            for _ in 0..<12 {
                let before = day.belief.address
                let heard = day.round()
                _ = day.belief.apply(heard.verdict, at: day.now)
                let after = day.belief.address
                if let latest = heard.testimonies.last?.address, said?.address != latest { said = (latest, day.now) }
                if let after, after != before {
                    let witnesses = heard.testimonies.filter { $0.address == after }
                    if !day.isSingle {
                        #expect(Set(witnesses.map(\.service.operatorName)).count >= 2, "seed \(seed)")
                    } else if before == nil {
                        #expect(witnesses.count == 2, "seed \(seed)")
                    } else if let said {
                        #expect(day.now - said.since >= .seconds(60), "seed \(seed)")
                    }
                    #expect(day.belief.previous == before, "seed \(seed)")
                }
                #expect(before == nil || after != nil, "an address is never forgotten: seed \(seed)")
                day.pass()
            }
        }
    }

    @Test func `who still hears the believed address from one of them keeps it`() {
        for seed in Self.seeds {
            var day = Day(seed: seed)
            for _ in 0..<12 {
                let before = day.belief.address
                let heard = day.round()
                let doubt = day.belief.apply(heard.verdict, at: day.now)
                if let before, heard.testimonies.contains(where: { $0.address == before }) {
                    #expect(day.belief.address == before && doubt == nil, "seed \(seed)")
                }
                day.pass()
            }
        }
    }

    @Test func `a restart between any two rounds changes nothing`() throws {
        for seed in Self.seeds {
            var (day, restarted) = (Day(seed: seed), Day(seed: seed))
            for _ in 0..<8 {
                let (one, other) = (day.round(), restarted.round())
                let doubts = (
                    day.belief.apply(one.verdict, at: day.now), restarted.belief.apply(other.verdict, at: restarted.now)
                )
                #expect(doubts.0 == doubts.1, "seed \(seed)")
                restarted.belief = try JSONDecoder().decode(
                    ConfirmedAddress.self,
                    from: JSONEncoder().encode(restarted.belief)
                )
                #expect(day.belief == restarted.belief, "seed \(seed)")
                day.pass()
                restarted.pass()
            }
        }
    }

    @Test func `only an address that somebody confirmed within a day is written in doubt`() {
        for seed in Self.seeds {
            var day = Day(seed: seed)
            var confirmed: Timestamp?
            for _ in 0..<12 {
                let doubt = day.belief.apply(day.round().verdict, at: day.now)
                if doubt == nil { confirmed = day.now }
                let observed = day.belief.observation(unconfirmed: doubt, .v4, at: day.now)
                #expect(observed.value == nil || observed.value == day.belief.address, "seed \(seed)")
                guard let confirmed else {
                    #expect(observed.value == nil, "seed \(seed)")
                    continue
                }
                let age = day.now - confirmed
                // What is remembered of a confirmation is an hour older at most.
                if age < .seconds(86_400 - 3600) { #expect(observed.value != nil, "seed \(seed)") }
                if age >= .seconds(86_400) { #expect(observed.value == nil, "seed \(seed)") }
                day.pass()
            }
        }
    }

    @Test func `the addresses of 0.1.0 are read`() throws {
        let store = StateStore.Namespace<ConfirmedAddress>("address", in: try OldState.migrated())
        let v4 = try #require(try store.load("v4"))
        #expect(v4.address?.description == "85.214.132.117" && v4.sources.count == 2 && v4.confirmed != nil)
        var v6 = try #require(try store.load("v6"))
        #expect(v6.address?.description == "2001:db8::7" && v6.previous?.description == "2001:db8::6")
        let new = try #require(IPAddress("2001:db8::8"))
        let minuteLater = try #require(Timestamp("2026-11-30T07:32:55.000000001Z"))
        #expect(v6.apply(.alone(new, by: "one"), at: minuteLater) == nil, "the candidate is known")
    }
}

/// Who is whose.
@Suite struct ServiceOperatorTests {
    @Test(arguments: [
        ("https://api.ipify.org", "ipify.org"), ("https://api64.ipify.org/x", "ipify.org"),
        ("https://IP.Example.co.uk:8443/", "example.co.uk"), ("https://other.co.uk", "other.co.uk"),
        ("https://a.github.io", "a.github.io"), ("https://ip.bücher.example", "xn--bcher-kva.example"),
        ("https://router/ip", "router"), ("https://93.184.216.34/ip", "93.184.216.34"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080"), ("http://127.0.0.1:8081/", "127.0.0.1:8081"),
        ("http://localhost/", "localhost:0"), ("http://[::1]:80/", "[::1]:80"),
    ])
    func `an operator is known by the registrable domain`(url: String, name: String) {
        #expect(AddressService(url).operatorName == name)
    }

    @Test(arguments: [IPAddress.Family.v4, .v6])
    func `of the services that are known, the first two are of different operators`(family: IPAddress.Family) {
        let operators = AddressService.known(family).map(\.operatorName)
        #expect(operators[0] != operators[1])
    }
}
