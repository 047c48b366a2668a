import Model
import Ports
import State

/// Which message began the talk about something, where a service can thread its messages.
///
/// News and recoveries whose subjects were all last spoken of in one thread, begun no longer than a day ago, go into it. A
/// problem always stands in the channel itself, where it is seen, and begins a thread of its own.
struct MessageThreads {
    private static let length: Duration = .seconds(86_400)

    private struct Talk: Codable {
        let thread: String
        let began: Timestamp
    }

    /// Subject → where it was last spoken of.
    private let talks: [String: Talk]
    private let now: Timestamp

    init(_ facts: [String: String], at now: Timestamp) {
        talks = facts.compactMapValues { Stored.value($0, Talk.self) }
        self.now = now
    }

    /// Nil: the message stands for itself.
    func thread(for message: Message) -> String? {
        let subjects = message.subjects
        guard !message.has(.problem), !subjects.isEmpty else { return nil }
        let threads = Set(subjects.map { subject in talks[subject].flatMap { isOver($0) ? nil : $0.thread } })
        return threads.count == 1 ? threads.first.flatMap(\.self) : nil
    }

    /// What is to be remembered, now that `message` stands in `thread`, or has begun it.
    func changes(with message: Message, in thread: String) -> [String: String?] {
        var changes: [String: String?] = [:]
        for (subject, talk) in talks where isOver(talk) { changes[subject] = .some(nil) }
        let began = talks.values.first { $0.thread == thread }?.began ?? now
        let text = Stored.text(Talk(thread: thread, began: began))
        for subject in message.subjects { changes[subject] = text }
        return changes
    }

    private func isOver(_ talk: Talk) -> Bool { now - talk.began > Self.length }
}

extension Message {
    /// What it speaks of.
    fileprivate var subjects: [String] { hosts.map(\.text) + matters }
}
