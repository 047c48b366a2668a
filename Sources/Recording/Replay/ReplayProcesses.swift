import Certificates
import Model
import Ports
import Synchronization

/// Programs as they ended in a recording; none is started. While a certbot "runs", its hooks call as they did.
final class ReplayProcesses: ProcessRunner {
    typealias Hooks = @Sendable (HookRequest) async -> HookAnswer

    private let tape: Cassette
    private let clock: VirtualTime
    private let hooks = Mutex<Hooks?>(nil)

    init(tape: Cassette, clock: VirtualTime) {
        (self.tape, self.clock) = (tape, clock)
    }

    /// Whom hooks call; to be said before anything runs.
    func callHooks(_ hooks: @escaping Hooks) {
        self.hooks.withLock { $0 = hooks }
    }

    func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        let program = request.arguments.first ?? ""
        let line = request.arguments.joined(separator: " ")
        let answer =
            if let input = request.input {
                tape.answer(.process, line, body: input, for: scope)
            } else {
                tape.answer(.process, line, for: scope, isReading: false)
            }
        guard let exchange = answer ?? unfinished(request, scope), case .process(let call) = exchange.call else {
            throw .notStarted(program, reason: "it is not in the recording")
        }
        do {
            try await live(exchange, token: request.environment[HookEnvironment.token])
        } catch {
            return ProcessResult(end: .cancelled, output: [], error: [])
        }
        switch call.answer {
        case .value(let result): return result.result { tape.recording.bytes(of: $0) }
        case .failure(.notFound(let program)): throw .notFound(program)
        case .failure(.notStarted(let program, let reason)): throw .notStarted(program, reason: reason)
        }
    }

    /// A program that was still at work when the recording was cut off.
    private func unfinished(_ request: ProcessRequest, _ scope: Scope) -> Exchange? {
        guard tape.isWaiting(within: request.timeLimit) else { return nil }
        let nothing = ProcessCall.Result(end: .timedOut, output: .bytes([]), error: .bytes([]), truncated: false)
        return Exchange(
            at: clock.uptime.nanoseconds,
            took: Duration.seconds(1 << 32).nanoseconds,
            scope: scope.description,
            occurrence: 1,
            call: .process(ProcessCall(arguments: request.arguments, input: nil, answer: .value(nothing)))
        )
    }

    /// Takes as long as it did, and makes the calls it made.
    private func live(_ exchange: Exchange, token: String?) async throws {
        let started = tape.start(of: exchange)
        for arrival in tape.recording.arrivals where exchange.spans(arrival) {
            guard let call = HookRequest(arrival, token: token), let hooks = hooks.withLock({ $0 }) else { continue }
            try await clock.sleep(until: started + .nanoseconds(arrival.at - exchange.at))
            _ = await hooks(call)
        }
        try await clock.sleep(until: started + .nanoseconds(exchange.took))
    }
}

extension Exchange {
    /// Whether a hook was called by this exchange's certbot.
    fileprivate func spans(_ arrival: Arrival) -> Bool {
        guard case .hook(let lineage, _, _, _, _) = arrival.content else { return false }
        return scope == Scope.certificate(lineage).description && (at...at + took).contains(arrival.at)
    }
}

extension HookRequest {
    fileprivate init?(_ arrival: Arrival, token: String?) {
        guard case .hook(_, let action, let domain, let validation, let remaining) = arrival.content,
            let action = Action(rawValue: action), let token
        else { return nil }
        self.init(action: action, token: token, domain: domain, validation: validation, remaining: remaining)
    }
}

extension ProcessCall.Result {
    fileprivate func result(_ bytes: (Payload) -> [UInt8]) -> ProcessResult {
        let end: ProcessResult.End =
            switch end {
            case .exited(let status): .exited(status)
            case .signalled(let signal): .signalled(signal)
            case .timedOut: .timedOut
            case .cancelled: .cancelled
            }
        return ProcessResult(end: end, output: bytes(output), error: bytes(error), truncated: truncated)
    }
}
