public import Log

/// Writes notices to the log, for those who read or collect that.
public struct LogNotifier: NoticeReceiver {
    public let name = "log"
    private let log: Logger

    public init(_ log: Logger) {
        self.log = log
    }

    public func hear(_ message: Message) {
        write(message.level, message.title)
        for line in message.lines { write(line.kind == .problem ? message.level : .info, line.text) }
    }

    private func write(_ level: NoticeLevel, _ text: String) {
        switch level {
        case .info: log.info("notice", [.notice: .string(text)])
        case .warning: log.warning("notice", [.notice: .string(text)])
        case .error: log.error("notice", [.notice: .string(text)])
        }
    }
}
