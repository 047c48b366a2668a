import DNS
import Model
import Ports
import Records
import TestSupport

/// Desired hosts, zones and records that have all the relations to each other that matter.
struct RandomZone: Sendable {
    let zones: [Zone]
    let allowed: [DomainName]?
    let records: [DNSRecord]
    let desired: [DesiredHost]
    let addresses: PublicAddresses
    let policy: RecordPolicy

    private static let names = [
        "a.one.test", "b.one.test", "*.one.test", "one.test", "a.two.test", "x.none.test", "c.short",
        "c.short.one.test",
    ]
    private static let addresses = ["93.184.216.34", "93.184.215.14", "192.168.1.10", "2606:2800:220::1"]

    init(seed: UInt64) throws {
        var chance = SeededRandom(seed: seed)
        zones = try ["one.test", "two.test"].map { Zone(name: try DomainName($0), id: $0) }
        allowed = chance.one(of: [nil, nil, [zones[0].name]])
        records = try (0..<Int.random(in: 0...6, using: &chance)).map { try Self.record("\($0)", &chance) }
        desired = try (0..<Int.random(in: 1...7, using: &chance)).map { try Self.host($0, &chance) }
        let silent = Observation<IPAddress>.unavailable(reason: "silent")
        let v4 = IPAddress(Self.addresses[0]).map { Observation.known($0) }
        let v6 = IPAddress("2606:2800:220::9").map { Observation.known($0) }
        addresses = PublicAddresses(
            v4: chance.one(of: [v4, v4, v4, silent]),
            v6: chance.one(of: [nil, nil, v6, silent]),
            earlier: chance.one(of: [[], [IPAddress(Self.addresses[1])].compactMap(\.self)])
        )
        policy = RecordPolicy(
            instance: "default",
            defaultProxied: chance.one(of: [true, false]),
            mode: chance.one(of: [.upsert, .upsert, .create, .sync]),
            adopts: chance.one(of: [true, false])
        )
    }

    func directory(_ provider: any DNSProvider) -> ZoneDirectory {
        ZoneDirectory(
            entries: zones.map { .init(zone: $0, provider: provider) },
            allowed: allowed,
            defaultDomain: zones[0].name
        )
    }

    /// As the pipeline asks for them.
    func demand(_ directory: ZoneDirectory) -> DesiredState {
        DesiredState(directory.place(desired), addresses: addresses)
    }

    private static func record(_ id: String, _ chance: inout SeededRandom) throws -> DNSRecord {
        let content = chance.one(of: addresses + ["old.example.net"])
        let kind: DNSRecord.Kind = content.contains(":") ? .aaaa : content.contains("example") ? .cname : .a
        let proxied = chance.one(of: [true, false])
        return DNSRecord(
            id: id,
            name: try DomainName(chance.one(of: names)),
            kind: kind,
            content: content,
            ttl: proxied ? 1 : chance.one(of: [1, 300]),
            proxied: proxied,
            comment: chance.one(of: [nil, "by hand", "landfall:default", "landfall:other"])
        )
    }

    private static func host(_ number: Int, _ chance: inout SeededRandom) throws -> DesiredHost {
        let typed = chance.one(of: addresses)
        let targets: [DNSTarget] = [
            .publicAddress, .publicAddress, IPAddress(typed).map { .address($0) } ?? .none,
            .alias(try DomainName("origin.example.net")), .none,
        ]
        return DesiredHost(
            name: try DomainName(chance.one(of: names)),
            origin: Origin(kind: .service, id: "\(number)", name: "s\(number)"),
            target: chance.one(of: targets),
            options: RecordOptions(
                proxied: chance.one(of: [nil, nil, true, false]),
                ttl: chance.one(of: [nil, nil, 300])
            )
        )
    }
}
