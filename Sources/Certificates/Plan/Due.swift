import Model

/// Whether what is on disk serves the names asked for, and for how long still.
enum Due: Hashable {
    case no(notAfter: Timestamp)
    /// A new certificate is needed; a clause that says why.
    case issue(String)
    case renew(notAfter: Timestamp)
    /// Nothing may be ordered; a clause that says why.
    case refuse(String)

    init(_ names: [DomainName], onDisk: LineageOnDisk, now: Timestamp) {
        if let trouble = Self.clockTrouble(onDisk, now: now) {
            self = .refuse(trouble)
            return
        }
        switch onDisk {
        case .absent: self = .issue("there is none yet")
        case .keyMismatch: self = .issue("the private key beside it belongs to another certificate")
        case .unreadable(let sentence): self = .refuse("\(sentence); nothing is ordered for what may be there")
        case .halfWritten(let path):
            self = .refuse(
                "an interrupted certbot left \(path); remove it, or certbot stores the next one under another name"
            )
        case .usable(let certificate):
            let missing = names.filter { name in !certificate.names.contains { $0.covers(name) } }
            if !missing.isEmpty {
                self = .issue("it does not cover \(missing.map(\.text).joined(separator: ", "))")
            } else if Self.isRenewalTime(of: certificate, now: now) {
                self = .renew(notAfter: certificate.notAfter)
            } else {
                self = .no(notAfter: certificate.notAfter)
            }
        }
    }

    /// With a third of the lifetime left, a half for those under ten days
    /// (https://letsencrypt.org/docs/integration-guide/).
    static func isRenewalTime(of certificate: CertificateOnDisk, now: Timestamp) -> Bool {
        let lifetime = certificate.notAfter - certificate.notBefore
        let share = lifetime < .seconds(10 * 86_400) ? 2 : 3
        return certificate.notAfter - now <= lifetime / share
    }

    /// A machine whose clock was not set yet would see every certificate as new, or none as valid.
    private static func clockTrouble(_ onDisk: LineageOnDisk, now: Timestamp) -> String? {
        guard now >= earliestBelievable else { return "this machine's clock says \(now.day), which cannot be" }
        switch onDisk {
        case .usable(let certificate), .keyMismatch(let certificate):
            guard certificate.notBefore - now > .seconds(86_400) else { return nil }
            return "this machine's clock says \(now.day), yet the certificate is from \(certificate.notBefore.day)"
        default: return nil
        }
    }

    /// 2024-01-01: no program of ours is older.
    private static let earliestBelievable = Timestamp(seconds: 1_704_067_200)
}
