import DNS
import Model
import Ports

/// What several labels together want of one name.
struct DesiredRecords {
    struct Reading {
        /// One per kind and content, in the order of who asks.
        var wishes: [DesiredRecord] = []
        /// Further wishes whose content cannot be told now.
        var pending: [Pending] = []
        /// What cannot be had as it is labelled.
        var refusals: [String] = []

        /// The kinds of record that somebody asks for.
        var kinds: Set<DNSRecord.Kind> { Set(wishes.map(\.kind) + pending.map(\.kind)) }
    }

    struct Pending: Hashable {
        let kind: DNSRecord.Kind
        let reason: String
        var origins: [Origin]
    }

    let addresses: PublicAddresses

    func read(_ hosts: [DesiredHost]) -> Reading {
        var reading = Reading()
        for host in hosts.count > 1 ? hosts.sorted(by: { "\($0.origin)" < "\($1.origin)" }) : hosts {
            switch host.target {
            case .address(let address): reading.add(host, .address(address))
            case .alias(let name): reading.add(host, aliasOf: name)
            case .publicAddress: addPublicAddresses(host, to: &reading)
            case .none: break
            }
        }
        return reading
    }

    private func addPublicAddresses(_ host: DesiredHost, to reading: inout Reading) {
        guard addresses.v4 != nil || addresses.v6 != nil else {
            reading.wait(host, .a, "the public address was not looked up")
            return
        }
        reading.add(host, addresses.v4, .a, "the public address")
        reading.add(host, addresses.v6, .aaaa, "the public IPv6 address")
    }
}

extension DesiredRecords.Reading {
    fileprivate mutating func add(_ host: DesiredHost, aliasOf name: DomainName) {
        if name == host.name {
            refusals.append("\(host.origin.readable) makes it an alias of itself")
        } else if name.isWildcard {
            refusals.append("\(host.origin.readable) makes it an alias of \(name), and a wildcard is no host")
        } else {
            add(host, .alias(name))
        }
    }

    fileprivate mutating func add(
        _ host: DesiredHost,
        _ address: Observation<IPAddress>?,
        _ kind: DNSRecord.Kind,
        _ what: String
    ) {
        switch address {
        case .known(let address): add(host, .address(address))
        case .unavailable(let reason): wait(host, kind, "\(what) is not known: \(reason)")
        case nil: break
        }
    }

    fileprivate mutating func wait(_ host: DesiredHost, _ kind: DNSRecord.Kind, _ reason: String) {
        if let place = pending.firstIndex(where: { $0.kind == kind && $0.reason == reason }) {
            pending[place].origins.append(host.origin)
        } else {
            pending.append(DesiredRecords.Pending(kind: kind, reason: reason, origins: [host.origin]))
        }
    }

    fileprivate mutating func add(_ host: DesiredHost, _ target: DesiredRecord.Target) {
        guard let place = wishes.firstIndex(where: { $0.target == target }) else {
            wishes.append(DesiredRecord(name: host.name, target: target, options: host.options, origins: [host.origin]))
            return
        }
        let known = wishes[place].options
        wishes[place].origins.append(host.origin)
        wishes[place].options = RecordOptions(
            proxied: agreed(known.proxied, host.options.proxied, "landfall.dns.proxied", wishes[place]),
            ttl: agreed(known.ttl, host.options.ttl, "landfall.dns.ttl", wishes[place])
        )
    }

    private mutating func agreed<Value: Equatable>(
        _ left: Value?,
        _ right: Value?,
        _ label: String,
        _ wish: DesiredRecord
    )
        -> Value?
    {
        guard let left, let right, left != right else { return left ?? right }
        let refusal = "\(wish.askers) contradict each other in \(label), which is left as it is"
        if !refusals.contains(refusal) { refusals.append(refusal) }
        return nil
    }
}

extension Origin {
    var readable: String { sanitized(description, limit: 100) }
}
