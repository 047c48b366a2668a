import DNS
import Model

/// What several labels together want of one name.
struct WishList {
    struct Reading {
        /// One per target.
        var wishes: [Wish] = []
        /// Why one more target cannot be told now.
        var wait: String?
        /// What cannot be had as it is labelled.
        var refusals: [String] = []
    }

    let address: Observation<IPAddress>?

    func read(_ hosts: [DesiredHost]) -> Reading {
        var reading = Reading()
        for host in hosts.sorted(by: { "\($0.origin)" < "\($1.origin)" }) {
            switch target(of: host) {
            case .failure(.wait(let reason)): reading.wait = reason
            case .failure(.refuse(let reason)): reading.refusals.append(reason)
            case .success(let target): reading.add(host, target)
            }
        }
        return reading
    }

    private func target(of host: DesiredHost) -> Result<Wish.Target, Obstacle> {
        switch host.target {
        case .address(let address): .success(.address(address))
        case .alias(let name) where name == host.name:
            .failure(.refuse("\(host.origin.readable) makes it an alias of itself"))
        case .alias(let name) where name.isWildcard:
            .failure(.refuse("\(host.origin.readable) makes it an alias of \(name), and a wildcard is no host"))
        case .alias(let name): .success(.alias(name))
        case .publicAddress, .none:
            switch address {
            case .known(let address): .success(.address(address))
            case .unavailable(let reason): .failure(.wait("the public address is not known: \(reason)"))
            case nil: .failure(.wait("the public address was not looked up"))
            }
        }
    }
}

extension WishList.Reading {
    fileprivate mutating func add(_ host: DesiredHost, _ target: Wish.Target) {
        guard let place = wishes.firstIndex(where: { $0.target == target }) else {
            wishes.append(Wish(name: host.name, target: target, options: host.options, origins: [host.origin]))
            return
        }
        let known = wishes[place].options
        wishes[place].origins.append(host.origin)
        wishes[place].options = RecordOptions(
            proxied: agreed(known.proxied, host.options.proxied, "landfall.dns.proxied", wishes[place]),
            ttl: agreed(known.ttl, host.options.ttl, "landfall.dns.ttl", wishes[place])
        )
    }

    private mutating func agreed<Value: Equatable>(_ left: Value?, _ right: Value?, _ label: String, _ wish: Wish)
        -> Value?
    {
        guard let left, let right, left != right else { return left ?? right }
        refusals.append("\(wish.askers) contradict each other in \(label), which is left as it is")
        return nil
    }
}

extension Origin {
    var readable: String { oneLine(description, limit: 100) }
}
