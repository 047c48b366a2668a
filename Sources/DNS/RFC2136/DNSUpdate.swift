public import Model

/// One UPDATE message (RFC 2136 §2): all of its changes are made if all of its prerequisites hold, else none.
public struct DNSUpdate: Hashable, Sendable {
    public enum Prerequisite: Hashable, Sendable {
        /// No record of the type stands at the name (§2.4.3).
        case absent(name: String, type: String)
        /// Nothing stands at the name (§2.4.5).
        case unused(name: String)
        /// The record stands, and no other of its kind at the name (§2.4.2); its ttl does not matter.
        case only(ZoneRecord)
    }

    public enum Change: Hashable, Sendable {
        /// Beside others of its kind; where it stands already, its ttl is set (§2.5.1).
        case add(ZoneRecord)
        /// Exactly this one; nothing happens where there is none (§2.5.4). Its ttl does not matter.
        case remove(ZoneRecord)
    }

    public let zone: DomainName
    public var prerequisites: [Prerequisite]
    public var changes: [Change]

    public init(zone: DomainName, prerequisites: [Prerequisite] = [], changes: [Change] = []) {
        (self.zone, self.prerequisites, self.changes) = (zone, prerequisites, changes)
    }
}

extension DNSUpdate: CustomStringConvertible {
    /// In the language of nsupdate(1), a line for each.
    public var description: String {
        (["zone \(zone)"] + prerequisites.map { "prereq \($0)" } + changes.map { "update \($0)" })
            .joined(separator: "\n")
    }
}

extension DNSUpdate.Prerequisite: CustomStringConvertible {
    public var description: String {
        switch self {
        case .absent(let name, let type): "nxrrset \(name) \(type)"
        case .unused(let name): "nxdomain \(name)"
        case .only(let record): "yxrrset \(record.name) \(record.kind.rawValue) \(record.content)"
        }
    }
}

extension DNSUpdate.Change: CustomStringConvertible {
    public var description: String {
        switch self {
        case .add(let record): "add \(record.name) \(record.ttl) \(record.kind.rawValue) \(record.content)"
        case .remove(let record): "delete \(record.name) \(record.kind.rawValue) \(record.content)"
        }
    }
}
