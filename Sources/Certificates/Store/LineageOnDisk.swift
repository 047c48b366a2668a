public import Model

/// What the disk holds under one lineage's name.
public enum LineageOnDisk: Hashable, Sendable {
    case absent
    case usable(CertificateOnDisk)
    /// The private key beside it belongs to another certificate: no server can use the pair.
    case keyMismatch(CertificateOnDisk)
    /// Something is there and cannot be seen or understood; a sentence that names the path.
    case unreadable(String)
    /// certbot was interrupted while it wrote a new lineage; the path of what it left. It would take the name's
    /// remains for taken and store the next certificate as `NAME-0001`. Blank when its renewal configuration, which is
    /// made first and filled last, is still empty: then nobody can have used what is there.
    case halfWritten(String, isBlank: Bool = false)

    public var usable: CertificateOnDisk? {
        if case .usable(let certificate) = self { certificate } else { nil }
    }

    /// Of use to somebody or not: the authority has made it.
    var certificate: CertificateOnDisk? {
        switch self {
        case .usable(let certificate), .keyMismatch(let certificate): certificate
        case .absent, .unreadable, .halfWritten: nil
        }
    }
}
