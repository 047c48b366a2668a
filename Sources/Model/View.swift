/// What clients of one kind get from DNS (split horizon): a name may have other records in each view.
package enum View: String, Sendable, Codable {
    /// What the Internet sees, and every authority.
    case `public`
    /// What clients see that ask a name server of the own network.
    case `internal`
}
