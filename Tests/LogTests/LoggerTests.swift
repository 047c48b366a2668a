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

    private func object(_ line: String) throws -> [String: JSONValue] {
        try JSONDecoder().decode([String: JSONValue].self, from: Data(line.utf8))
    }

    @Test func `a JSON line has the schema's names, and numbers are numbers`() throws {
        logger(.info, .json).warning(
            "run ended",
            [
                .outcome: "failure", .hosts: .int(2), .duration: .duration(.milliseconds(1500)), .dryRun: .bool(false),
                .changes: .strings(["a", "b"]),
            ]
        )
        #expect(
            try object(try #require(lines.all.first)) == [
                "@timestamp": .string("2026-11-24T02:03:03.000Z"), "ecs.version": .string("8.11"),
                "event.dataset": .string("landfall.log"), "event.outcome": .string("failure"),
                "event.duration": .integer(1_500_000_000), "landfall.hosts": .integer(2),
                "landfall.dry_run": .bool(false), "landfall.changes": .array([.string("a"), .string("b")]),
                "log.level": .string("warning"), "message": .string("run ended"), "service.name": .string("landfall"),
            ]
        )
    }

    @Test func `a text line has short names and durations that people can read`() {
        logger(.info, .text).info("run ended", [.hosts: .int(2), .duration: .duration(.milliseconds(1500))])
        #expect(lines.all == ["02:03:03.000 INFO    run ended  hosts=2  event.duration=1.50 s"])
    }

    @Test func `hostile text stays within its line and its field`() throws {
        let hostile = "a\nb\u{1B}[31m\",\"message\":\"forged\u{2028}"
        for format in Logger.Format.allCases {
            logger(.info, format).info("x", [.detail: .string(hostile), .changes: .strings([hostile])])
        }
        for line in lines.all { #expect(!line.contains { $0.isNewline } && !line.contains("\u{1B}")) }
        #expect(try object(lines.all[0])["message"]?.text == "x")
    }

    @Test func `lines below the level are not written`() {
        let logger = logger(.warning, .text)
        logger.info("a")
        logger.debug("b")
        logger.error("c")
        #expect(lines.all == ["02:03:03.000 ERROR   c"])
    }
}

@Suite struct LogFieldTests {
    /// An index template's mapping of one field, or of the fields below it.
    private struct Mapping: Decodable {
        let type: String?
        let properties: [String: Mapping]?
    }

    private struct Template: Decodable {
        struct Body: Decodable { let mappings: Mapping }
        let template: Body
    }

    private static let types: [(LogField.Kind, String)] = [
        (.keyword, "keyword"), (.text, "match_only_text"), (.integer, "long"), (.duration, "long"),
        (.boolean, "boolean"), (.date, "date"),
    ]

    @Test(arguments: LogField.allCases)
    func `the index template has every field that the code can log, with its type`(field: LogField) throws {
        let path = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let bytes = try Data(contentsOf: URL(filePath: "\(path)/deploy/examples/efk/index-template.json"))
        let root = try JSONDecoder().decode(Template.self, from: bytes).template.mappings
        let mapping = field.rawValue.split(separator: ".").reduce(root as Mapping?) { $0?.properties?[String($1)] }
        #expect(mapping?.type == Self.types.first { $0.0 == field.kind }?.1)
    }

    @Test func `fields of our own are below landfall`() {
        let schema = [
            "@timestamp", "log.", "message", "ecs.", "service.", "event.", "error.", "file.", "dns.question.",
        ]
        for field in LogField.allCases {
            #expect(field.rawValue.hasPrefix("landfall.") || schema.contains(where: field.rawValue.hasPrefix))
        }
    }
}
