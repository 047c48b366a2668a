/// Names in a sentence that has room for more than names: up to four, or three and how many more.
public func named(_ names: some Collection<String>) -> String {
    guard names.count > 4 else { return names.joined(separator: ", ") }
    return names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
}

/// A container's name as people know it: of a Swarm's task (`proxy.1.x5k…`) the service and replica, `proxy.1`; of a global
/// service's (`agent.NODE.TASK`) the service and the beginning of its node's ID.
public func displayName(ofContainer name: String) -> String {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    func isID(_ part: Substring) -> Bool {
        part.count == 25 && part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
    }
    guard parts.count >= 3, isID(parts[parts.count - 1]) else { return name }
    let service = parts.dropLast(2).joined(separator: ".")
    let slot = parts[parts.count - 2]
    return isID(slot) ? "\(service)@\(slot.prefix(5))" : "\(service).\(slot)"
}
