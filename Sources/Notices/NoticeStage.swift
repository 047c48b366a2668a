public import Log
public import Model
public import State
public import Timing

/// Tells people what became different since they were last told.
///
/// Each notifier has its own memory of what it was told, so one that is down owes only its own messages, and a new one
/// starts with a summary. Memory changes after delivery alone: a message is delivered at least once.
public struct NoticeStage: Sendable {
    /// For one notifier, a pause that it asks for included.
    private static let limit: Duration = .seconds(20)
    private static let longestPause: Duration = .seconds(5)

    private let notifiers: [any Notifier]
    private let state: StateStore
    private let clock: any Clock
    private let log: Logger

    public init(notifiers: [any Notifier], state: StateStore, clock: any Clock, log: Logger) {
        (self.notifiers, self.state, self.clock, self.log) = (notifiers, state, clock, log)
    }

    /// Compares `standing` with what each notifier was last told and tells it the difference, all side by side.
    ///
    /// `isComplete` is false when the run could not see everything: what is missing in `standing` is then neither over
    /// nor forgotten.
    @discardableResult
    public func deliver(_ standing: [Standing], isComplete: Bool = true) async -> [NoticeResult] {
        let results = await withTaskGroup(of: (Int, NoticeResult).self) { group in
            for (index, notifier) in notifiers.enumerated() {
                group.addTask { (index, await deliver(standing, isComplete, to: notifier)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        return results.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private func deliver(_ standing: [Standing], _ isComplete: Bool, to notifier: any Notifier) async -> NoticeResult {
        let outcome: Outcome
        do throws(Failure) {
            outcome = try await tell(standing, isComplete, to: notifier)
        } catch {
            log.warning("a notice was not delivered", ["notifier": notifier.name, "error.message": error.text])
            outcome = .failed(error.text)
        }
        return NoticeResult(notifier: notifier.name, outcome: outcome)
    }

    private func tell(
        _ standing: [Standing],
        _ isComplete: Bool,
        to notifier: any Notifier
    ) async throws(Failure) -> Outcome {
        let room = "notices/" + notifier.name
        let told: [String: String]
        do throws(StateError) { told = try state.facts(in: room) } catch { throw Failure(text: "\(error)") }
        let difference = NoticeDifference(from: told, to: standing, isComplete: isComplete)
        if let message = difference.message { try await send(message, by: notifier) }
        do throws(StateError) { try state.commit(difference.changes, in: room) } catch {
            throw Failure(text: "it was said, but that cannot be remembered: \(error)")
        }
        return difference.message.map { .changed($0.title) } ?? .unchanged
    }

    private func send(_ message: Message, by notifier: any Notifier) async throws(Failure) {
        do {
            let isDone = try await within(Self.limit, of: clock) {
                do throws(NotifierError) {
                    try await notifier.deliver(message)
                } catch .tooSoon(let pause) where pause <= Self.longestPause {
                    try await clock.sleep(for: pause)
                    try await notifier.deliver(message)
                }
                return true
            }
            if isDone == nil { throw Failure(text: "no answer within \(Self.limit.readable)") }
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(text: oneLine("\(error)"))
        }
    }

    private struct Failure: Error {
        let text: String
    }
}

public struct NoticeResult: Sendable, Hashable {
    public let notifier: String
    /// Unchanged: there was nothing to say. Failed: it stays owed to the next run.
    public let outcome: Outcome

    public init(notifier: String, outcome: Outcome) {
        (self.notifier, self.outcome) = (notifier, outcome)
    }
}
