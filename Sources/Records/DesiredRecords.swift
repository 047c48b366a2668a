import DNS
import Model
import Ports

/// Combines the labels that request records at one name.
struct DesiredRecords {
    struct Reading {
        /// One per kind and content, in the order of the services.
        var desired: [DesiredRecord] = []
        /// Further records whose content is unknown now.
        var pending: [Pending] = []
        /// What the labels request and cannot have.
        var refusals: [String] = []
        /// The service that had the name first, `service web`, where others request it too and that is known.
        var first: String?
        /// Whether the service that had it first is away, and may come back.
        var isReserved = false

        /// The kinds of the requested records.
        var kinds: Set<DNSRecord.Kind> { Set(desired.map(\.kind) + pending.map(\.kind)) }
    }

    struct Pending: Hashable {
        let kind: DNSRecord.Kind
        let reason: String
        var origins: [Origin]

        func isRequested(by requester: String) -> Bool { origins.contains { $0.description == requester } }
    }

    let addresses: PublicAddresses
    var first = FirstRequesters()
    var view = View.public

    func read(_ hosts: [DesiredHost]) -> Reading {
        var reading = Reading()
        reading.isReserved = hosts.first.map { first.isReserved($0.name) } ?? false
        if Set(hosts.map(\.origin)).count > 1 { reading.first = first.first(of: hosts[0].name) }
        for host in hosts.count > 1 ? sorted(hosts) : hosts {
            switch host.target {
            case .address(let address): reading.add(host, .address(address))
            case .alias(let name): reading.add(host, aliasOf: name)
            case .publicAddress: addPublicAddresses(host, to: &reading)
            case .none: break
            }
        }
        return reading
    }

    /// Who had the name first comes first; else in the order of their names.
    private func sorted(_ hosts: [DesiredHost]) -> [DesiredHost] {
        hosts.sorted { left, right in
            let (isLeftLate, isRightLate) = (first.isLate(left), first.isLate(right))
            return isLeftLate == isRightLate ? "\(left.origin)" < "\(right.origin)" : isRightLate
        }
    }

    private func addPublicAddresses(_ host: DesiredHost, to reading: inout Reading) {
        guard addresses.v4 != nil || addresses.v6 != nil else {
            // Inside, none is looked for: there is one, or only labels give hosts any.
            if view == .public {
                reading.wait(host, .a, "the public address was not looked up")
            } else if host.internalTarget == .publicAddress {
                reading.refusals.append("LANDFALL_INTERNAL_ADDRESS is off, and \(host.origin.readable) requests it")
            }
            return
        }
        reading.add(host, addresses.v4, .a, "the \(view.rawValue) address")
        reading.add(host, addresses.v6, .aaaa, "the \(view.rawValue) IPv6 address")
    }
}

extension DesiredRecords.Reading {
    fileprivate mutating func add(_ host: DesiredHost, aliasOf name: DomainName) {
        if name == host.name {
            refusals.append("\(host.origin.readable) makes it an alias of itself")
        } else if name.isWildcard {
            refusals.append("\(host.origin.readable) makes it an alias of \(name), which is a wildcard and no host")
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
        guard let place = desired.firstIndex(where: { $0.target == target }) else {
            desired.append(
                DesiredRecord(name: host.name, target: target, options: host.options, origins: [host.origin])
            )
            return
        }
        if let first, desired[place].isRequested(by: first) {
            refuseOptions(of: host, beside: desired[place].options, of: first)
            desired[place].origins.append(host.origin)
            return
        }
        let known = desired[place].options
        desired[place].origins.append(host.origin)
        desired[place].options = RecordOptions(
            proxied: agreed(known.proxied, host.options.proxied, "landfall.dns.proxied", desired[place]),
            ttl: agreed(known.ttl, host.options.ttl, "landfall.dns.ttl", desired[place])
        )
    }

    /// The options of a later service do not count.
    private mutating func refuseOptions(of host: DesiredHost, beside options: RecordOptions, of first: String) {
        guard host.origin.description != first else { return }
        let labels = [
            host.options.proxied == nil || host.options.proxied == options.proxied ? nil : "landfall.dns.proxied",
            host.options.ttl == nil || host.options.ttl == options.ttl ? nil : "landfall.dns.ttl",
        ]
        for label in labels.compactMap(\.self) {
            let owner = sanitized(first, limit: 100)
            refusals.append("\(host.origin.readable) requests another \(label), but the name belongs to \(owner)")
        }
    }

    /// What both say; nil, with a refusal, where they do not say the same, for it is not known which had the name first.
    private mutating func agreed<Value: Equatable>(
        _ left: Value?,
        _ right: Value?,
        _ label: String,
        _ record: DesiredRecord
    )
        -> Value?
    {
        guard left != right else { return left }
        let refusal = "\(record.requesters) disagree on \(label), which stays as it is"
        if !refusals.contains(refusal) { refusals.append(refusal) }
        return nil
    }
}

extension Origin {
    var readable: String { sanitized(description, limit: 100) }
}

/// One desired record, and the services that request it.
struct DesiredRecord: Hashable {
    enum Target: Hashable {
        case address(IPAddress)
        case alias(DomainName)
    }

    let name: DomainName
    let target: Target
    var options: RecordOptions
    var origins: [Origin]

    var kind: DNSRecord.Kind {
        switch target {
        case .address(let address): address.family == .v4 ? .a : .aaaa
        case .alias: .cname
        }
    }

    var content: String {
        switch target {
        case .address(let address): address.description
        case .alias(let name): name.text
        }
    }

    /// The record to write; nil options stay as they are, or are left to the provider.
    func record(proxied: Bool? = nil, ttl: Int? = nil, comment: String? = nil) -> DNSRecord {
        DNSRecord(name: name, kind: kind, content: content, ttl: ttl, proxied: proxied, comment: comment)
    }

    func isMet(by record: DNSRecord) -> Bool { record.hasContent(of: self.record()) }

    /// Whether a record is proxied where no label decides.
    var canBeProxied: Bool {
        switch target {
        case .address(let address): address.isPublic
        case .alias: true
        }
    }

    /// Whether Cloudflare takes it for a proxied record. It refuses its own addresses and those that the Internet does not
    /// reach (9003); with addresses for documentation it serves what has no origin.
    var mayBeProxied: Bool {
        switch target {
        case .address(let address): address.isPublic || address.isForDocumentation
        case .alias: true
        }
    }

    /// False for a record that is proxied and could not be with the desired content: both have to change in one write.
    func forcedProxied(over record: DNSRecord) -> Bool? { record.proxied == true && !mayBeProxied ? false : nil }

    func isRequested(by requester: String) -> Bool { origins.contains { $0.description == requester } }

    /// `A 198.51.100.7`
    var summary: String { "\(kind.rawValue) \(content)" }

    /// `service web and service shop`
    var requesters: String {
        let shown = origins.prefix(5).map { sanitized("\($0)", limit: 100) }.joined(separator: " and ")
        return origins.count > 5 ? "\(shown) and \(origins.count - 5) more" : shown
    }
}
