import Model
package import Ports
import Synchronization

/// Receives the recorded calls of certbot's hooks (`.hook`) while a replay "runs" certbot with this request.
package typealias HookReceiver = @Sendable (Arrival.Content, _ request: ProcessRequest) async -> Void

/// Programs, recorded or replayed: their arguments, input and output, but not their environment.
struct RecordedProcesses: ProcessRunner {
    let calls: PortCalls<any ProcessRunner>
    /// For a replay.
    var onHook: HookReceiver = { _, _ in }

    func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        if case .replayed(let cassette) = calls.source { return try await replay(request, scope, cassette) }
        return try await calls.async(
            request.line,
            for: scope,
            sent: request.input,
            failure: { .notStarted(request.program, reason: $0) },
            size: { $0.output.count + $0.error.count }
        ) { processes throws(ProcessError) in
            try await processes.run(request, for: scope)
        }
    }

    private func replay(
        _ request: ProcessRequest,
        _ scope: Scope,
        _ cassette: Cassette
    ) async throws(ProcessError) -> ProcessResult {
        let question = Question(port: calls.name, request: request.line, scope: scope, sent: request.input)
        let exchange = cassette.exchange(question, changes: true)
        do {
            if let exchange {
                let (start, span) = (cassette.start(of: exchange), exchange.at...(exchange.at + exchange.took))
                try await call(request, from: start, exchange.scope, span, cassette)
                try await cassette.clock.sleep(until: start + .nanoseconds(exchange.took))
            } else if cassette.isWaiting(within: request.timeLimit) {
                // The program was still running when the recording was cut off.
                let start = cassette.clock.uptime
                try await call(request, from: start, scope.description, start.nanoseconds...(.max), cassette)
                try await cassette.clock.sleepForever()
            }
        } catch {
            return ProcessResult(end: .cancelled, output: [], error: [])
        }
        let failure = { ProcessError.notStarted(request.program, reason: $0) }
        guard let exchange else { throw failure(Cassette.isMissing) }
        return try cassette.value(of: exchange, failure)
    }

    /// Makes the calls that the program's hooks made in a span of the recording.
    private func call(
        _ request: ProcessRequest,
        from start: Duration,
        _ scope: String,
        _ span: ClosedRange<Nanoseconds>,
        _ cassette: Cassette
    ) async throws {
        for arrival in cassette.recording.arrivals where span.contains(arrival.at) {
            guard case .hook(let lineage, _, _, _, _) = arrival.content,
                Scope.certificate(lineage).description == scope
            else { continue }
            try await cassette.clock.sleep(until: start + .nanoseconds(arrival.at - span.lowerBound))
            await onHook(arrival.content, request)
        }
    }
}

extension ProcessRequest {
    fileprivate var program: String { arguments.first ?? "" }

    fileprivate var line: String { arguments.joined(separator: " ") }
}
