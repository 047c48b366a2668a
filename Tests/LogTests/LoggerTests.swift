import FoundationEssentials
import Log
import Model
import TestSupport
import Testing

@Suite struct LoggerTests {
    private let lines = AsyncCollector<String>()

    private func logger(_ level: Logger.Level, _ format: Logger.Format) -> Logger {
        Logger(
            level: level,
            format: format,
            now: { Timestamp(seconds: 1_795_485_783) },
            write: { [lines] in lines.add($0) }
        )
    }

    @Test func `a JSON line has the names that Elasticsearch knows`() throws {
        logger(.info, .json).warning("run ended", ["event.outcome": "failure", "hosts": "2"])
        let line = try #require(lines.all.first)
        let object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(
            object == [
                "@timestamp": "2026-11-24T02:03:03.000Z", "ecs.version": "8.11", "event.dataset": "landfall.log",
                "event.outcome": "failure", "hosts": "2", "log.level": "warning", "message": "run ended",
                "service.name": "landfall",
            ]
        )
    }

    @Test func `hostile text stays within its line and its field`() throws {
        for format in Logger.Format.allCases {
            logger(.info, format).info("x", ["label": "a\nb\u{1B}[31m\",\"message\":\"forged\u{2028}"])
        }
        for line in lines.all { #expect(!line.contains { $0.isNewline } && !line.contains("\u{1B}")) }
        let object = try JSONDecoder().decode([String: String].self, from: Data(lines.all[0].utf8))
        #expect(object["message"] == "x")
    }

    @Test func `what lies below the level is not written`() {
        let logger = logger(.warning, .text)
        logger.info("a")
        logger.debug("b")
        logger.error("c")
        #expect(lines.all == ["02:03:03.000 ERROR   c"])
    }
}
