import Model
import Ports

/// One question to a user's program, and its answer.
struct ExecProgram: Sendable {
    private static let timeLimit = Duration.seconds(60)
    /// A zone of some 100,000 records.
    private static let outputLimit = 16 << 20

    let path: String
    let environment: [String: String]
    let processes: any ProcessRunner

    /// The program gets operation and zone as arguments too, so that a list of processes shows what happens.
    func ask<Answer: Decodable>(_ question: ExecQuestion, for scope: Scope) async throws(ProviderError) -> Answer {
        let request = ProcessRequest(
            [path, question.operation.rawValue] + (question.zone.map { [$0.name.text] } ?? []),
            environment: environment,
            input: question.json.bytes,
            timeLimit: Self.timeLimit,
            outputLimit: Self.outputLimit
        )
        do {
            return try answer(await processes.run(request, for: scope), to: question)
        } catch let error as ProcessError {
            throw .unavailable("\(error)")
        } catch let error as ProviderError {
            throw error
        } catch {
            throw .unavailable(sanitized("\(error)"))
        }
    }

    private func answer<Answer: Decodable>(
        _ result: ProcessResult,
        to question: ExecQuestion
    ) throws(ProviderError) -> Answer {
        let unconfirmed = question.operation.isRead ? "" : "; could not confirm what was written"
        guard result.end == .exited(0) else {
            let end = "it \(result.end.words(Self.timeLimit)) on `\(question.operation.rawValue)`"
            throw .unavailable("\(end)\(result.lastErrorLine.map { ": \($0)" } ?? "")\(unconfirmed)")
        }
        guard !result.truncated else {
            throw .unavailable("it wrote more than \(Self.outputLimit >> 20) MiB on `\(question.operation.rawValue)`")
        }
        if let refusal = try? decodeJSON(ExecRefusal.self, from: result.output) { throw refusal.provider }
        guard let answer = try? decodeJSON(Answer.self, from: result.output) else {
            let excerpt = sanitized(String(outside: result.output.prefix(400)), limit: 80)
            throw .unavailable(
                "its answer to `\(question.operation.rawValue)` is not as agreed: `\(excerpt)`\(unconfirmed)"
            )
        }
        return answer
    }
}
