import Model
import Ports
import Synchronization

/// A lexicon whose provider is a list: it makes, lists and removes records as lexicon's own tests want it of every provider,
/// apart from what `behaviour` changes.
final class StubLexicon: ProcessRunner {
    struct Behaviour: Sendable {
        /// What is kept of a record that is made; nil keeps nothing.
        var keep: @Sendable (StubRecord) -> StubRecord? = { $0 }
        /// How it lists a name.
        var name: @Sendable (String) -> String = { $0 }
        /// The end and the last error line of a call, by its arguments; nil lets it pass.
        var failure: @Sendable ([String]) -> (end: ProcessResult.End, line: String)? = { _ in nil }
        var listsTTL = true
    }

    struct StubRecord: Hashable, Sendable {
        var kind: String
        var name: String
        var content: String
        var ttl: Int

        func changed(_ change: (inout StubRecord) -> Void) -> StubRecord {
            var record = self
            change(&record)
            return record
        }
    }

    private let behaviour: Behaviour
    private let state: Mutex<(records: [StubRecord], calls: [[String]])>

    init(_ records: [StubRecord] = [], _ behaviour: Behaviour = Behaviour()) {
        self.behaviour = behaviour
        state = Mutex((records, []))
    }

    /// `KIND NAME CONTENT`, sorted.
    var records: [String] { state.withLock { $0.records.map { "\($0.kind) \($0.name) \($0.content)" } }.sorted() }

    /// `ACTION KIND NAME CONTENT` of every write, in their order.
    var writes: [String] {
        calls.filter { $0[6] != "list" }.map { call in
            let options = ["--name=", "--content="].map { Self.option($0, in: call) ?? "" }
            return ([call[6], call[8]] + options).joined(separator: " ")
        }
    }

    var calls: [[String]] { state.withLock(\.calls) }

    func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        let call = request.arguments
        let output = state.withLock { state -> String in
            state.calls.append(call)
            guard behaviour.failure(call) == nil else { return "" }
            let name = Self.option("--name=", in: call)
            let record = StubRecord(
                kind: call[8],
                name: name ?? "",
                content: Self.option("--content=", in: call) ?? "",
                ttl: Self.option("--ttl=", in: call).flatMap { Int($0) } ?? 0
            )
            switch call[6] {
            case "create":
                let isThere = state.records.contains {
                    $0.kind == record.kind && $0.name == record.name && $0.content == record.content
                }
                if !isThere { state.records += [behaviour.keep(record)].compactMap(\.self) }
                return "true"
            case "delete":
                state.records.removeAll {
                    $0.kind == record.kind && $0.name == record.name && $0.content == record.content
                }
                return "true"
            default:
                let listed = state.records.filter { $0.kind == record.kind && (name == nil || $0.name == name) }
                return "[\(listed.map(json).joined(separator: ","))]"
            }
        }
        if let failure = behaviour.failure(call) {
            return ProcessResult(end: failure.end, output: [], error: Array("Traceback\n\(failure.line)\n".utf8))
        }
        return ProcessResult(end: .exited(0), output: Array(output.utf8), error: [])
    }

    private func json(_ record: StubRecord) -> String {
        let ttl = behaviour.listsTTL ? #","ttl":\#(record.ttl)"# : ""
        let name = behaviour.name(record.name)
        return #"{"id":"x","type":"\#(record.kind)","name":"\#(name)","content":"\#(record.content)"\#(ttl)}"#
    }

    private static func option(_ name: String, in call: [String]) -> String? {
        call.first { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
    }
}
