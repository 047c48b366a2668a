import DNS
import FoundationEssentials
public import Model
public import Ports

/// Reads and changes zones, and records what was asked and answered; of the key not even its name.
public struct RecordingUpdater: DNSUpdater {
    private let base: any DNSUpdater
    private let recorder: Recorder

    public init(_ base: any DNSUpdater, _ recorder: Recorder) {
        (self.base, self.recorder) = (base, recorder)
    }

    public func transfer(
        _ zone: DomainName,
        textsBelow label: String,
        from peer: DNSPeer,
        for scope: Scope
    ) async throws(DNSUpdateError) -> [ZoneRecord] {
        try await recorded(.transfer, peer, zone.text, scope, size: { $0.count * 64 }) { records, scribe in
            let json = (try? JSONEncoder.sorted.encode(records)) ?? Data()
            return .records(payload: scribe.payload([UInt8](json)))
        } call: { () async throws(DNSUpdateError) in
            try await base.transfer(zone, textsBelow: label, from: peer, for: scope)
        }
    }

    public func update(_ update: DNSUpdate, at peer: DNSPeer, for scope: Scope) async throws(DNSUpdateError) {
        try await recorded(.update, peer, update.description, scope, size: { _ in 0 }) { _, _ in
            .done
        } call: { () async throws(DNSUpdateError) in
            try await base.update(update, at: peer, for: scope)
        }
    }

    private func recorded<Value: Sendable>(
        _ operation: UpdateCall.Operation,
        _ peer: DNSPeer,
        _ message: String,
        _ scope: Scope,
        size: (Value) -> Int,
        result: @escaping @Sendable (Value, inout RecordingEncoder) -> UpdateCall.Result,
        call: () async throws(DNSUpdateError) -> Value
    ) async throws(DNSUpdateError) -> Value {
        let server = peer.server.description
        let start = recorder.start(.update, UpdateCall.request(operation, server, message), for: scope)
        do throws(DNSUpdateError) {
            let value = try await call()
            recorder.end(start, bytes: message.utf8.count + size(value)) {
                .update(UpdateCall(operation, server: server, message: message, answer: .value(result(value, &$0))))
            }
            return value
        } catch {
            recorder.end(start, bytes: message.utf8.count) { [error] _ in
                let failure = UpdateCall.Failure(error)
                return .update(UpdateCall(operation, server: server, message: message, answer: .failure(failure)))
            }
            throw error
        }
    }
}

extension JSONEncoder {
    /// The same bytes for the same records, so that a zone that did not change is written once.
    fileprivate static var sorted: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

extension UpdateCall.Failure {
    fileprivate init(_ error: DNSUpdateError) {
        self =
            switch error {
            case .unreachable(let reason): .unreachable(reason: reason)
            case .silent: .silent
            case .malformed: .malformed
            case .unsigned: .unsigned
            case .tooLarge: .tooLarge
            case .refused(let code, let keyError): .refused(code: code, keyError: keyError)
            }
    }
}
