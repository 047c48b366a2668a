import Model

/// A notice as programs get it, as JSON.
struct NoticeDocument: Encodable {
    struct Event: Encodable {
        /// `problem`, `recovery` or `news`.
        let kind: Message.Line.Kind
        let text: String
    }

    /// The same however often it is delivered.
    let id: String
    let time: Timestamp
    let title: String
    /// All events as plain text, a line each.
    let message: String
    /// `info`, `warning` or `error`.
    let level: NoticeLevel
    let hosts: [DomainName]
    let events: [Event]

    init(_ notice: Notice) {
        id = notice.id
        time = notice.time
        title = notice.message.title
        message = notice.message.text
        level = notice.message.level
        hosts = notice.message.hosts
        events = notice.message.lines.map { Event(kind: $0.kind, text: $0.text) }
    }
}
