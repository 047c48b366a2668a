import DNS
public import Model
public import Ports

/// Asks DNS, and records what it was asked and answered.
public struct RecordingResolver: DNSResolver {
    private let base: any DNSResolver
    private let recorder: Recorder

    public init(_ base: any DNSResolver, _ recorder: Recorder) {
        (self.base, self.recorder) = (base, recorder)
    }

    public func query(
        _ question: DNSQuestion,
        at server: DNSServer,
        for scope: Scope
    ) async throws(DNSQueryError) -> DNSAnswer {
        let (kind, isRecursive) = (question.kind.rawValue, question.recursionDesired ? "rd" : "")
        let start = recorder.start(.dns, question.name, kind, isRecursive, server.description, for: scope)
        do throws(DNSQueryError) {
            let answer = try await base.query(question, at: server, for: scope)
            recorder.end(start) { _ in .dns(DNSCall(question, server, .value(DNSCall.Response(answer)))) }
            return answer
        } catch {
            recorder.end(start) { [error] _ in .dns(DNSCall(question, server, .failure(DNSCall.Failure(error)))) }
            throw error
        }
    }
}

extension DNSCall {
    fileprivate init(_ question: DNSQuestion, _ server: DNSServer, _ answer: Answer<Response, Failure>) {
        self.init(
            name: question.name,
            kind: question.kind.rawValue,
            recursionDesired: question.recursionDesired,
            server: server.description,
            answer: answer
        )
    }
}

extension DNSCall.Response {
    fileprivate init(_ answer: DNSAnswer) {
        self.init(
            code: answer.code,
            authoritative: answer.authoritative,
            answers: answer.answers.map(DNSCall.Record.init),
            authority: answer.authority.map(DNSCall.Record.init),
            additional: answer.additional.map(DNSCall.Record.init)
        )
    }
}

extension DNSCall.Record {
    fileprivate init(_ record: DNSAnswer.Record) {
        self.init(name: record.name, kind: record.kind.rawValue, content: record.content)
    }
}

extension DNSCall.Failure {
    fileprivate init(_ error: DNSQueryError) {
        self =
            switch error {
            case .unreachable: .unreachable
            case .malformed: .malformed
            }
    }
}
