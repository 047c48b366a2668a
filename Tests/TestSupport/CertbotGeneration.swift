import Glibc

/// The certbots that certificates are got with in tests.
package enum CertbotGeneration: String, CaseIterable, Sendable, CustomStringConvertible {
    /// Debian 12's.
    case old = "certbot 2.1"
    /// That of `deploy/certbot.txt`, which `make test` puts into a virtual environment where the package index can be reached.
    case new = "certbot 5.8"

    /// Both in full, only this one otherwise: for what does not depend on the certbot so much.
    package static func mostly(_ one: CertbotGeneration) -> [CertbotGeneration] { TestScale.isFull ? allCases : [one] }

    package var other: CertbotGeneration { self == .old ? .new : .old }

    package var program: String {
        switch self {
        case .old: "/usr/bin/certbot"
        case .new: "/var/cache/landfall/certbot/bin/certbot"
        }
    }

    package var isInstalled: Bool { unsafe access(program, X_OK) == 0 }

    /// For the report of a test that is skipped.
    package var reasonToSkip: String {
        "\(self) is not installed: `deploy/pinned.sh certbot /var/cache/landfall/certbot` does it"
    }

    package var description: String { rawValue }
}
