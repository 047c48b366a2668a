import Model
import Ports

/// The calls of one port: made and recorded, or answered from a recording. Each method of a port's decorator is one of
/// them.
struct PortCalls<Port: Sendable>: Sendable {
    enum Source {
        case recorded(Port, Recorder)
        case replayed(Cassette)
    }

    /// The port's name in recordings.
    let name: String
    let source: Source

    /// Asks the port and records the exchange, or finds its answer in the recording.
    ///
    /// - Parameters:
    ///   - request: what is asked: the same text for the same question, and without secrets.
    ///   - changes: whether the request changes something. Such a request must not be made more often than it was recorded.
    ///   - limit: how long an answer can take.
    ///   - standard: the answer where a recording does not have the question at all.
    ///   - failure: the error for a question that has no answer in the recording, with the reason.
    ///   - interruption: the error for a replay that is cancelled.
    ///   - size: how many bytes an answer holds.
    ///   - recordable: what may be recorded of an answer. It is called on the journal's thread.
    func async<Value: Codable & Sendable, Failure: Error & Codable>(
        _ request: String,
        for scope: Scope,
        sent: [UInt8]? = nil,
        changes: Bool = false,
        limit: Duration = .seconds(10),
        standard: Value? = nil,
        failure: (String) -> Failure,
        interruption: Failure? = nil,
        size: (Value) -> Int = { _ in 0 },
        recordable: @escaping @Sendable (Value) -> Value = { $0 },
        _ call: (Port) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let question = Question(port: name, request: request, scope: scope, sent: sent)
        switch source {
        case .recorded(let port, let recorder):
            let start = recorder.begin(question)
            do throws(Failure) {
                let value = try await call(port)
                recorder.end(start, question, bytes: size(value)) {
                    .value(recordable(value)) as Answer<Value, Failure>
                }
                return value
            } catch {
                recorder.end(start, question, bytes: 0) { .failure(error) as Answer<Value, Failure> }
                throw error
            }
        case .replayed(let cassette):
            if let standard, !cassette.holds(question) { return standard }
            if scope.isOptional, !cassette.holds(question) { throw failure(Cassette.isMissing) }
            guard let exchange = cassette.exchange(question, changes: changes) else {
                await cassette.waitIfCutOff(within: limit)
                throw failure(Cassette.isMissing)
            }
            do { try await cassette.live(exchange) } catch { throw interruption ?? failure("the replay has ended") }
            return try cassette.value(of: exchange, failure)
        }
    }

    /// Asks a port that answers at once, from this machine. An answer is recorded only if it changed; of one that
    /// `isWithheld`, only its size. `standard` answers where a recording does not have the question at all.
    func onDisk<Value: Codable & Hashable & Sendable, Failure: Error & Codable & Hashable>(
        _ request: String,
        for scope: Scope,
        failure: (String) -> Failure,
        size: @escaping @Sendable (Value) -> Int = { _ in 0 },
        isWithheld: @escaping @Sendable (Value) -> Bool = { _ in false },
        recordable: @escaping @Sendable (Value) -> Value = { $0 },
        standard: Value? = nil,
        _ call: (Port) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let question = Question(port: name, request: request, scope: scope)
        switch source {
        case .recorded(let port, let recorder):
            let start = recorder.begin(question)
            do throws(Failure) {
                let value = try call(port)
                recorder.endOnDisk(start, question, bytes: size(value)) { () -> Answer<Value, Failure> in
                    isWithheld(value) ? .withheld(bytes: size(value)) : .value(recordable(value))
                }
                return value
            } catch {
                recorder.endOnDisk(start, question, bytes: 0) { .failure(error) as Answer<Value, Failure> }
                throw error
            }
        case .replayed(let cassette):
            if let standard, !cassette.holds(question) { return standard }
            guard let exchange = cassette.exchange(question) else { throw failure(Cassette.isMissing) }
            return try cassette.value(of: exchange, failure)
        }
    }
}

/// What a port is asked.
struct Question: Sendable {
    let port: String
    let request: String
    let scope: Scope
    var sent: [UInt8]? = nil

    /// About how many bytes it holds.
    var size: Int { request.utf8.count + (sent?.count ?? 0) }
}

/// The answer of a call that returns nothing.
struct Done: Codable, Hashable, Sendable {}
