import Model
import Ports

/// The certificates that servers showed in a recording.
struct ReplayProbe: TLSProbe {
    let tape: Cassette

    func certificate(
        for name: String,
        at endpoint: ProbeEndpoint,
        for scope: Scope
    ) async throws(TransportError) -> [UInt8] {
        let exchange = tape.answer(.probe, ProbeCall.request(name, endpoint), for: scope)
        guard let exchange, case .probe(let call) = exchange.call else { throw .broken("it is not in the recording") }
        do { try await tape.live(exchange) } catch { throw .cancelled }
        switch call.answer {
        case .value(let pem): return tape.recording.bytes(of: pem)
        case .failure(let failure): throw failure.error
        }
    }
}
