import DNS
import Model
import Ports
@testable import Records

extension PlannerCase {
    mutating func take(_ line: Substring) throws {
        if line.hasPrefix("=> ") {
            if line != "=> nothing" { expected.append(String(line.dropFirst(3))) }
            return
        }
        var words = Words(line)
        switch words.next() {
        case "instance": policy.instance = words.rest
        case "default": policy.proxied = words.next() == "proxied"
        case "policy": policy.mode = try words.value(RecordPolicy.Mode.init(rawValue:))
        case "grace": policy.grace = try words.value(Duration.init(text:))
        case "adopt": adopts = words.next() == "yes"
        case "first":
            let name = try DomainName(words.next())
            firsts[FirstRequesters.key(of: name)] = "service \(words.rest)"
        case "earlier": earlier.append(try words.value { IPAddress($0) })
        case "address": v4 = try Self.address(&words)
        case "address6": v6 = try Self.address(&words)
        case "default-domain": defaultDomain = try DomainName(words.rest)
        case "qualify": qualification = try words.value(Qualification.init(rawValue:))
        case "gone":
            let zone = try DomainName(words.next())
            gone[zone] = words.rest
        case "refused": refusals.append(try Self.refusal(&words))
        case "seen": owned.append(try Self.status(&words))
        case "forgotten": forgotten = words.rest
        case "elapsed": elapsed = try words.value(Duration.init(text:))
        case "confirm": confirmations.append(words.rest)
        case "allow": allowed = try (allowed ?? []) + [DomainName(words.rest)]
        case "failure": failures.append(words.rest)
        case "hidden": hidden = try (hidden ?? []).union([DomainName(words.rest)])
        case "zone": try takeZone(&words)
        case "edge": hasEdge = words.next() == "yes"
        case "full": full = words.rest
        case "delegation": cuts.note("NS", words.next(), words.rest, in: try DomainName("example.test"))
        case "record": try takeRecord(&words)
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
        var (provider, state) = ("Memory", ZoneState.readable)
        while !words.isAtEnd {
            switch words.next() {
            case "at": provider = words.next()
            case "unread": state = .unread
            case "unavailable": state = .unavailable(words.rest)
            case "unserved": state = .unserved(words.rest)
            case let word: throw BadLine(line: word)
            }
        }
        zones = try (zones ?? []) + [(DomainName(name), provider, state)]
    }

    /// `refused web landfall.host shop_.example.test`
    private static func refusal(_ words: inout Words) throws -> Refusal {
        let origin = words.next()
        let label = words.next()
        return Refusal(
            origin: Origin(kind: .service, id: origin, name: origin),
            label: label,
            value: words.rest,
            reason: "it is wrong"
        )
    }

    /// `seen A old.example.test 93.184.216.34 for 5m in 2 by web`: how long and how often it was seen that nobody asks.
    private static func status(_ words: inout Words) throws -> (record: DNSRecord, status: OwnedRecordStatus) {
        let kind = try words.value(DNSRecord.Kind.init(rawValue:))
        let record = DNSRecord(name: try DomainName(words.next()), kind: kind, content: words.next())
        var (seen, reads, requesters) = (Duration.zero, 0, [String]())
        while !words.isAtEnd {
            switch words.next() {
            case "for": seen = try words.value(Duration.init(text:))
            case "in": reads = try words.value { Int($0) }
            case "by": requesters.append("service \(words.next())")
            case let word: throw BadLine(line: word)
            }
        }
        return (
            record, OwnedRecordStatus(unreferenced: UnreferencedTime(seen: seen, reads: reads), requesters: requesters)
        )
    }

    private mutating func takeRecord(_ words: inout Words) throws {
        let kind = try words.value(DNSRecord.Kind.init(rawValue:))
        let name = try DomainName(words.next())
        let content = words.next()
        var (ttl, proxied, comment, zone) = (Int?.none, Bool?.none, String?.none, DomainName?.none)
        var manager: String?
        while !words.isAtEnd {
            switch words.next() {
            case "proxied": proxied = true
            case "unproxied": proxied = false
            case "ttl": ttl = try words.value { Int($0) }
            case "in": zone = try DomainName(words.next())
            case "comment": comment = words.rest
            case "managed": manager = words.next().split(separator: "_").joined(separator: " ")
            case let word: throw BadLine(line: word)
            }
        }
        let record = DNSRecord(
            id: "\(records.count + 1)",
            name: name,
            kind: kind,
            content: content,
            ttl: ttl,
            proxied: proxied,
            comment: comment,
            managedBy: manager
        )
        records.append(record)
        odd[record] = zone
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
