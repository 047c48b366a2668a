import Model
import Ports

/// RCODEs (RFC 1035 §4.1.1, RFC 2136 §2.2) and the codes of TSIG (RFC 8945 §3).
enum ResponseCode {
    static let malformed = 1
    static let serverFailure = 2
    static let noSuchName = 3
    static let notImplemented = 4
    static let refused = 5
    static let nameExists = 6
    static let recordsExist = 7
    static let recordsMissing = 8
    static let notAuthoritative = 9
    static let notInZone = 10
    static let badSignature = 16
    static let badKey = 17
    static let badTime = 18
}

extension DNSUpdateError {
    /// Whether the message may have been acted upon.
    var mayHaveBeenApplied: Bool {
        switch self {
        case .silent, .malformed, .unsigned: true
        case .unreachable, .tooLarge, .refused: false
        }
    }

    /// Whether a message with other contents might have been taken.
    var isAboutContents: Bool {
        guard case .refused(let code, let keyError) = self, keyError == 0 else { return false }
        return ![ResponseCode.serverFailure, ResponseCode.notImplemented, ResponseCode.notAuthoritative].contains(code)
    }

    /// - Parameter action: what was tried: "edit the zone example.test".
    func explained(_ action: String, with peer: DNSPeer) -> ProviderError {
        let server = peer.server
        return switch self {
        case .unreachable(let reason): .unavailable("cannot \(action) now: \(server) cannot be reached: \(reason)")
        case .silent: .unavailable("cannot \(action) now: \(server) did not answer in time")
        case .malformed: .unavailable("cannot \(action): \(server) sent something that is no answer to it")
        case .unsigned:
            .unavailable("cannot \(action): the answer of \(server) is not signed with the key \(peer.key.name)")
        case .tooLarge: .unavailable("cannot \(action): it is larger than Landfall reads")
        case .refused(let code, let keyError):
            Self.key(keyError, action, peer) ?? Self.refusal(code, action, peer)
        }
    }

    /// Knot gives `badKey` for a key that it knows, too, where that may not do what was asked.
    private static func key(_ error: Int, _ action: String, _ peer: DNSPeer) -> ProviderError? {
        let (server, key) = (peer.server, peer.key)
        return switch error {
        case 0: nil
        case ResponseCode.badSignature:
            .unauthorized("\(server) has another secret for the key \(key.name): check RFC2136_KEY_SECRET")
        case ResponseCode.badKey:
            .unauthorized(
                "\(server) knows no key \(key.name) with \(key.algorithm.rawValue), or none that may \(action): check "
                    + "RFC2136_KEY_NAME and RFC2136_KEY_ALGORITHM"
            )
        case ResponseCode.badTime:
            .unavailable("the clocks of \(server) and of this machine differ by more than five minutes")
        default: .unauthorized("\(server) does not accept the key \(key.name) (TSIG error \(error))")
        }
    }

    private static func refusal(_ code: Int, _ action: String, _ peer: DNSPeer) -> ProviderError {
        let (server, key) = (peer.server, peer.key.name)
        return switch code {
        case ResponseCode.nameExists, ResponseCode.recordsExist:
            .unavailable("another record exists now that did not exist, or was not read, when the zone was read")
        case ResponseCode.recordsMissing, ResponseCode.noSuchName:
            .unavailable("the record was changed since the zone was read; the next run reads it again")
        case ResponseCode.refused: .unauthorized("the key \(key) may not \(action): \(server) refuses it")
        case ResponseCode.notAuthoritative:
            .unauthorized("cannot \(action): \(server) is not its primary, or lets the key \(key) do no such thing")
        case ResponseCode.notInZone: .rejected("cannot \(action): the name lies in another zone for \(server)")
        case ResponseCode.notImplemented: .rejected("cannot \(action): \(server) does not know how")
        case ResponseCode.malformed: .rejected("cannot \(action): \(server) could not read the message")
        case ResponseCode.serverFailure:
            .unavailable("cannot \(action) now: \(server) has an internal error (SERVFAIL)")
        default: .unavailable("cannot \(action): \(server) answered with code \(code)")
        }
    }
}
