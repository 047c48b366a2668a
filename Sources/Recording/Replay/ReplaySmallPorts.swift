import Certificates
import Model
import Ports
import Synchronization

/// Locks and keys as they were found in a recording.
struct ReplayLocks: RecordLocks {
    let tape: Cassette

    func take(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try answer(.take, path, scope)
    }

    func release(_ path: String, for scope: Scope) {}

    func isHeldElsewhere(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try answer(.isHeldElsewhere, path, scope)
    }

    private func answer(_ operation: LockCall.Operation, _ path: String, _ scope: Scope) throws(FileError) -> Bool {
        let exchange = tape.answer(.lock, "\(operation.rawValue) \(path)", for: scope)
        guard let exchange, case .lock(let call) = exchange.call else { throw .unrecorded(path) }
        switch call.answer {
        case .value(let isSo): return isSo
        case .failure(let failure): throw failure.error
        }
    }
}

struct ReplayKeys: KeyFiles {
    let tape: Cassette

    func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint {
        guard let exchange = tape.answer(.key, path, for: scope), case .key(let call) = exchange.call else {
            throw .unrecorded(path)
        }
        switch call.answer {
        case .value(let fingerprint): return fingerprint
        case .failure(let failure): throw failure.error
        }
    }
}

extension ReplayKeys {
    func key(at path: String, for scope: Scope) throws(FileError) -> Secret {
        _ = try publicKeyFingerprint(at: KeyCall.content(of: path), for: scope)
        return Secret("")
    }
}

/// Chance as it fell in a recording. Tokens are secrets and not in it: here they are words without any.
final class ReplayRandomness: Randomness {
    private let tape: Cassette
    private let tokens = Mutex(0)

    init(tape: Cassette) {
        self.tape = tape
    }

    func fraction(for scope: Scope) -> Double {
        guard let exchange = tape.answer(.chance, "", for: scope), case .chance(let draw) = exchange.call else {
            return 0.5
        }
        return draw
    }

    func token(bytes count: Int, for scope: Scope) -> String {
        let number = tokens.withLock { tokens in
            tokens += 1
            return tokens
        }
        return "replayed-token-\(number)"
    }
}
