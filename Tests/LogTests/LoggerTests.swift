import FoundationEssentials
@testable import Log
import Model
import Ports
import Processes
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

    @Test func `a line is short enough for Docker, which splits longer ones, whatever is in it`() throws {
        let texts = (1...200).map { "\($0)" + String(repeating: "\u{1F433}\"/", count: 500) }
        logger(.info, .json).info(
            "run ended",
            [
                .changes: .strings(texts), .failures: .strings(texts), .reason: .strings(texts),
                .error: .string(texts[0]),
                .records: .strings((1...5000).map { "h\($0).example.org A 198.51.100.7" }),
            ]
        )
        let line = try #require(lines.all.first)
        #expect(line.utf8.count < 16 << 10)
        #expect(try object(line)["landfall.records"]?.items?.last?.text?.hasSuffix(" more") == true)
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
        let bytes = try Data(contentsOf: URL(filePath: "\(Self.root)/deploy/examples/efk/index-template.json"))
        let root = try JSONDecoder().decode(Template.self, from: bytes).template.mappings
        let mapping = field.rawValue.split(separator: ".").reduce(root as Mapping?) { $0?.properties?[String($1)] }
        #expect(mapping?.type == Self.types.first { $0.0 == field.kind }?.1)
    }

    /// What the types of the index template mean, for python3-jsonschema: a field has one value or several.
    private static let validator = #"""
        import json, sys, jsonschema
        template = json.load(open(sys.argv[1]))["template"]["mappings"]
        simple = {
            "keyword": {"type": "string"}, "match_only_text": {"type": "string"}, "boolean": {"type": "boolean"},
            "long": {"type": "integer", "minimum": -2**63, "maximum": 2**63 - 1},
            "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
        }
        def schema(mapping):
            if "properties" in mapping:
                inner = {name: schema(field) for name, field in mapping["properties"].items()}
                return {"type": "object", "properties": inner, "additionalProperties": False}
            one = simple[mapping["type"]]
            return {"anyOf": [one, {"type": "array", "items": one}]}
        def expanded(line):
            # Dots in names mean objects, and an object can take no value beside its fields.
            result = {}
            for name, value in line.items():
                place = result
                *path, last = name.split(".")
                for part in path: place = place.setdefault(part, {})
                if last in place: sys.exit(f"two values for {name}")
                place[last] = value
            return result
        validator = jsonschema.Draft7Validator(schema(template))
        count = 0
        for line in sys.stdin:
            errors = list(validator.iter_errors(expanded(json.loads(line))))
            if errors: sys.exit(f"{line}: {errors[0].message}")
            count += 1
        print(count)
        """#

    private static let extremes: [LogValue] = [
        .string(""), .string(String(repeating: "\u{1F433}\u{202E}\"", count: 20_000)), .strings([]),
        .strings(["a", "b"]), .int(.max), .int(.min), .int(0), .duration(.zero),
        .duration(.init(secondsComponent: .max, attosecondsComponent: 0)), .bool(true), .bool(false),
    ]

    @Test(.enabled(if: hasValidator, "needs Debian's python3-jsonschema"))
    func `the index takes every line that the code can write`() async throws {
        let lines = AsyncCollector<String>()
        let log = Logger(level: .debug, format: .json, now: { Timestamp(seconds: 0) }, write: { lines.add($0) })
        for field in LogField.allCases where field != .timestamp {
            for value in Self.extremes where value.fits(field.kind) { log.error("x", [field: value]) }
        }
        let template = "\(Self.root)/deploy/examples/efk/index-template.json"
        let request = ProcessRequest(
            ["/usr/bin/python3", "-c", Self.validator, template],
            environment: ["LANG": "C.UTF-8"],
            input: Array(lines.all.joined(separator: "\n").utf8),
            timeLimit: .seconds(60).scaledToLoad
        )
        let result = try await SpawnRunner().run(request, for: .run)
        #expect(result.end == .exited(0), "\(result.errorText)")
        #expect(result.outputText.trimmed == "\(lines.all.count)")
    }

    /// A value of another type stops a test that runs the line, but not every line is run.
    @Test func `each line of the code that logs gives a field a value of its type`() throws {
        let kinds = Dictionary(uniqueKeysWithValues: LogField.allCases.map { ("\($0)", $0.kind) })
        let value = #/(?:^|[^\w.])\.(\w+): (\.string\(|\.strings\(|\.int\(|\.duration\(|\.bool\(|")/#
        var seen: Set<String> = []
        let files = try FileManager.default.subpathsOfDirectory(atPath: "\(Self.root)/Sources")
        for file in files where file.hasSuffix(".swift") {
            let text = String(
                decoding: try Data(contentsOf: URL(filePath: "\(Self.root)/Sources/\(file)")),
                as: UTF8.self
            )
            for line in text.split(separator: "\n") where !line.contains("case ") && !line.contains("Color") {
                for match in line.matches(of: value) {
                    guard let kind = kinds[String(match.1)] else { continue }
                    let sample: LogValue =
                        switch match.2 {
                        case ".strings(": .strings([])
                        case ".int(": .int(0)
                        case ".duration(": .duration(.zero)
                        case ".bool(": .bool(true)
                        default: .string("")
                        }
                    #expect(sample.fits(kind), "\(file): \(line)")
                    seen.insert(String(match.1))
                }
            }
        }
        #expect(seen.count > 25)
    }

    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    private static let hasValidator = FileManager.default.fileExists(
        atPath: "/usr/lib/python3/dist-packages/jsonschema/__init__.py"
    )

    @Test func `fields of our own are below landfall`() {
        let schema = [
            "@timestamp", "log.", "message", "ecs.", "service.", "event.", "error.", "file.", "dns.question.",
        ]
        for field in LogField.allCases {
            #expect(field.rawValue.hasPrefix("landfall.") || schema.contains(where: field.rawValue.hasPrefix))
        }
    }
}
