import Docker
import Model

/// What is to be done for one service that wants certificates as secrets.
enum SecretDecision: Hashable, Sendable {
    case keep
    /// Its files are to become these: file name → secret name.
    case update([String: String])
    /// Something else is going on with it, of which the engine will tell when it ends.
    case wait
    case refuse(String)
    case fail(String)
}

extension SecretDecision {
    /// - Parameters:
    ///   - wanted: file name → secret name.
    ///   - tried: what it was last updated to.
    init(_ service: Service, wanted: [String: String], tried: [String: String]?) {
        let present = service.secrets.reduce(into: [:]) { $0[$1.file] = $1.name }
        let foreign = wanted.keys.sorted().first { file in
            present[file].map { !$0.hasPrefix(SecretName.prefix) } ?? false
        }
        if let foreign {
            self = .refuse("the service has a secret of its own at /run/secrets/\(foreign)")
        } else if wanted.allSatisfy({ present[$0.key] == $0.value }) {
            self = .keep
        } else {
            self = Self.afterUpdate(service.updateState ?? "", isTried: tried == wanted) ?? .update(wanted)
        }
    }

    /// Any update that a person makes begins with a new state.
    private static func afterUpdate(_ state: String, isTried: Bool) -> SecretDecision? {
        switch state {
        case "updating": .wait
        case "rollback_started": .wait
        case "paused", "rollback_paused":
            .fail("its last update is paused; `docker service ps` says why, and a good update ends that")
        case "rollback_completed" where isTried:
            .refuse(
                "the update that brought the certificate was rolled back; it is tried again when the certificate or the service changes"
            )
        default: nil
        }
    }
}

/// What a secret of Landfall's is called: a new certificate has a new name.
enum SecretName {
    static let prefix = "landfall-"
    static let label = "landfall.secret.instance"

    /// A name has 64 characters at most.
    static func certificate(_ fingerprint: Fingerprint) -> String { "\(prefix)\(fingerprint.hex.prefix(40)).crt" }
    static func key(_ fingerprint: Fingerprint) -> String { "\(prefix)\(fingerprint.hex.prefix(40)).key" }
}
