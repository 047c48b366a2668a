import DNS
import FoundationEssentials
import Model
import Ports

/// Zones as they were given and changed in a recording.
struct ReplayUpdater: DNSUpdater {
    let tape: Cassette
    let clock: VirtualTime

    /// No transfer takes longer.
    private static let limit = Duration.seconds(60)

    func transfer(
        _ zone: DomainName,
        textsBelow label: String,
        from peer: DNSPeer,
        for scope: Scope
    ) async throws(DNSUpdateError) -> [ZoneRecord] {
        guard case .records(let payload) = try await answer(.transfer, peer, zone.text, scope),
            let records = try? JSONDecoder().decode([ZoneRecord].self, from: Data(tape.recording.bytes(of: payload)))
        else { throw .malformed }
        return records
    }

    func update(_ update: DNSUpdate, at peer: DNSPeer, for scope: Scope) async throws(DNSUpdateError) {
        _ = try await answer(.update, peer, update.description, scope)
    }

    private func answer(
        _ operation: UpdateCall.Operation,
        _ peer: DNSPeer,
        _ message: String,
        _ scope: Scope
    ) async throws(DNSUpdateError) -> UpdateCall.Result {
        let request = UpdateCall.request(operation, peer.server.description, message)
        let isReading = operation == .transfer
        guard let exchange = tape.answer(.update, request, for: scope, isReading: isReading),
            case .update(let call) = exchange.call
        else {
            if tape.isWaiting(within: Self.limit) { try? await clock.sleep(for: .seconds(1 << 40)) }
            throw .unreachable(reason: "it is not in the recording")
        }
        do {
            try await tape.live(exchange)
        } catch {
            throw .silent
        }
        switch call.answer {
        case .value(let result): return result
        case .failure(let failure): throw failure.error
        }
    }
}

extension UpdateCall.Failure {
    fileprivate var error: DNSUpdateError {
        switch self {
        case .unreachable(let reason): .unreachable(reason: reason)
        case .silent: .silent
        case .malformed: .malformed
        case .unsigned: .unsigned
        case .tooLarge: .tooLarge
        case .refused(let code, let keyError): .refused(code: code, keyError: keyError)
        }
    }
}
