public import Model
public import Ports

/// Asks servers for the certificates they show, and records those: they are public.
public struct RecordingProbe: TLSProbe {
    private let base: any TLSProbe
    private let recorder: Recorder

    public init(_ base: any TLSProbe, _ recorder: Recorder) {
        (self.base, self.recorder) = (base, recorder)
    }

    public func certificate(
        for name: String,
        at endpoint: ProbeEndpoint,
        for scope: Scope
    ) async throws(TransportError) -> [UInt8] {
        let start = recorder.start(.probe, ProbeCall.request(name, endpoint), for: scope)
        do throws(TransportError) {
            let pem = try await base.certificate(for: name, at: endpoint, for: scope)
            recorder.end(start, bytes: pem.count) {
                .probe(ProbeCall(name: name, endpoint: endpoint, answer: .value($0.payload(pem))))
            }
            return pem
        } catch {
            recorder.end(start) { [error] _ in
                .probe(ProbeCall(name: name, endpoint: endpoint, answer: .failure(TransportFailure(error))))
            }
            throw error
        }
    }
}
