import DNS
import Model
import Records
import TestSupport

/// One case of `Fixtures/records/`: what is given, and the steps expected.
struct PlannerCase: Sendable, CustomStringConvertible {
    let title: String
    private(set) var expected: [String] = []
    private(set) var desired: [DesiredHost] = []
    private var policy = (instance: "default", proxied: true, mode: RecordPolicy.Mode.upsert)
    private var address: Observation<IPAddress>? = IPAddress("93.184.216.34").map { .known($0) }
    private var zones: [(name: DomainName, state: ZoneState)]?
    private var allowed: [DomainName]?
    private var failures: [String] = []
    private var records: [DNSRecord] = []

    private enum ZoneState { case readable, unread, unavailable(String) }

    struct BadLine: Error { let line: String }

    var description: String { title }

    static func all(in folder: String) throws -> [PlannerCase] {
        let cases = try Fixture.all(in: folder).flatMap { try Self.cases(of: $0) }
        guard !cases.isEmpty else { throw BadLine(line: "no case in \(folder)") }
        return cases
    }

    private static func cases(of fixture: Fixture) throws -> [PlannerCase] {
        var cases: [PlannerCase] = []
        for line in try fixture.text().split(separator: "\n") {
            if line.hasPrefix("# ") {
                cases.append(PlannerCase(title: "\(fixture): \(line.dropFirst(2))"))
            } else if cases.isEmpty {
                throw BadLine(line: String(line))
            } else {
                try cases[cases.count - 1].take(line)
            }
        }
        return cases
    }

    private init(title: String) {
        self.title = title
    }

    func plan(by provider: any DNSProvider) throws -> RecordPlan {
        let zones = try zones ?? [(DomainName("example.test"), .readable)]
        let entries = zones.map { ZoneDirectory.Entry(zone: Zone(name: $0.name, id: $0.name.text), provider: provider) }
        let directory = ZoneDirectory(entries: entries, allowed: allowed, failures: failures)
        var actual: [Zone: Observation<[DNSRecord]>] = [:]
        for (entry, zone) in zip(entries, zones) {
            switch zone.state {
            case .readable: actual[entry.zone] = .known(records.filter { Self.holds(entry, $0, directory) })
            case .unavailable(let reason): actual[entry.zone] = .unavailable(reason: reason)
            case .unread: break
            }
        }
        return RecordPlanner.plan(
            RecordDemand(directory.place(desired), refusals: refusals, addresses: addresses),
            RecordTruth(zones: directory, records: actual),
            policy: RecordPolicy(instance: policy.instance, defaultProxied: policy.proxied, mode: policy.mode)
        )
    }

    private static func holds(_ entry: ZoneDirectory.Entry, _ record: DNSRecord, _ directory: ZoneDirectory) -> Bool {
        let all = ZoneDirectory(entries: directory.entries)
        if case .found(let holder) = all.find(record.name) { return holder.zone == entry.zone }
        return false
    }
}

extension PlannerCase {
    private mutating func take(_ line: Substring) throws {
        if line.hasPrefix("=> ") {
            if line != "=> nothing" { expected.append(String(line.dropFirst(3))) }
            return
        }
        var words = Words(line)
        switch words.next() {
        case "instance": policy.instance = words.rest
        case "default": policy.proxied = words.next() == "proxied"
        case "policy": policy.mode = try words.value(RecordPolicy.Mode.init(rawValue:))
        case "address": address = try Self.address(&words)
        case "allow": allowed = try (allowed ?? []) + [DomainName(words.rest)]
        case "failure": failures.append(words.rest)
        case "zone": try takeZone(&words)
        case "record": records.append(try Self.record(&words, id: "\(records.count + 1)"))
        case "host": desired.append(try Self.host(&words))
        default: throw BadLine(line: String(line))
        }
    }

    private static func address(_ words: inout Words) throws -> Observation<IPAddress>? {
        switch words.next() {
        case "none": nil
        case "unavailable": .unavailable(reason: words.rest)
        case let text: try words.known(IPAddress(text)).map { .known($0) }
        }
    }

    private mutating func takeZone(_ words: inout Words) throws {
        let name = words.next()
        guard name != "none" else {
            zones = []
            return
        }
        let state: ZoneState =
            switch words.next() {
            case "unread": .unread
            case "unavailable": .unavailable(words.rest)
            default: .readable
            }
        zones = try (zones ?? []) + [(DomainName(name), state)]
    }

    private static func record(_ words: inout Words, id: String) throws -> DNSRecord {
        let kind = try words.value(DNSRecord.Kind.init(rawValue:))
        let name = try DomainName(words.next())
        let content = words.next()
        var (ttl, proxied, comment) = (Int?.none, Bool?.none, String?.none)
        while !words.isAtEnd {
            switch words.next() {
            case "proxied": proxied = true
            case "unproxied": proxied = false
            case "ttl": ttl = try words.value { Int($0) }
            case "comment": comment = words.rest
            case let word: throw BadLine(line: word)
            }
        }
        return DNSRecord(
            id: id,
            name: name,
            kind: kind,
            content: content,
            ttl: ttl,
            proxied: proxied,
            comment: comment
        )
    }

    private static func host(_ words: inout Words) throws -> DesiredHost {
        let name = try DomainName(words.next())
        var (origin, target) = ("web", DNSTarget.publicAddress)
        var (proxied, ttl) = (Bool?.none, Int?.none)
        while !words.isAtEnd {
            switch words.next() {
            case "from": origin = words.next().split(separator: "\\n").joined(separator: "\n")
            case "dns": target = try Self.target(words.next())
            case "proxied": proxied = words.next() == "yes"
            case "ttl": ttl = try words.value { Int($0) }
            case let word: throw BadLine(line: word)
            }
        }
        return DesiredHost(
            name: name,
            origin: Origin(kind: .service, id: origin, name: origin),
            target: target,
            options: RecordOptions(proxied: proxied, ttl: ttl)
        )
    }

    private static func target(_ text: String) throws -> DNSTarget {
        if text == "none" { return .none }
        if text.hasPrefix("cname:") { return .alias(try DomainName(text.dropFirst(6))) }
        guard let address = IPAddress(text) else { throw BadLine(line: text) }
        return .address(address)
    }
}

/// The words of a line, one after the other.
private struct Words {
    private var left: Substring

    init(_ line: Substring) { left = line }

    var isAtEnd: Bool { left.isEmpty }

    /// All that is left.
    var rest: String {
        mutating get {
            defer { left = "" }
            return String(left)
        }
    }

    mutating func next() -> String {
        let word = left.prefix { $0 != " " }
        left = left.dropFirst(word.count).drop { $0 == " " }
        return String(word)
    }

    mutating func value<Value>(_ parse: (String) -> Value?) throws -> Value {
        let word = next()
        guard let value = parse(word) else { throw PlannerCase.BadLine(line: word) }
        return value
    }

    func known<Value>(_ value: Value?) throws -> Value? {
        guard value != nil else { throw PlannerCase.BadLine(line: String(left)) }
        return value
    }
}
