import Model
import Ports

/// One run of lexicon, the command-line program of dns-lexicon (https://dns-lexicon.readthedocs.io).
struct LexiconProgram: Sendable {
    enum Action: String, Sendable { case list, create, delete }

    private static let timeLimit = Duration.seconds(60)
    /// A zone of some 100,000 records.
    private static let outputLimit = 16 << 20

    let path: String
    /// As lexicon names it.
    let provider: String
    let environment: [String: String]
    /// Values of the environment that no error may show.
    let secrets: [Secret]
    let processes: any ProcessRunner

    /// All records of a kind in a zone, or of a name in it.
    func list(
        _ kind: DNSRecord.Kind,
        _ name: String? = nil,
        in zone: DomainName,
        for scope: Scope
    ) async throws(ProviderError) -> [ZoneRecord] {
        let options = name.map { ["--name=\($0)"] } ?? []
        guard case .array(let items) = try await run(.list, kind, options, in: zone, for: scope) else {
            throw .unavailable("lexicon's list of \(kind.rawValue) records in \(zone) is not a list")
        }
        var records: [ZoneRecord] = []
        for item in items where item["type"].map({ $0 == .string(kind.rawValue) }) ?? true {
            records.append(try ZoneRecord(lexicon: item, in: zone, kind))
        }
        return records
    }

    func write(
        _ action: Action,
        _ record: ZoneRecord,
        in zone: DomainName,
        for scope: Scope
    ) async throws(ProviderError) {
        // One argument each, because a value may begin with a hyphen.
        var options = ["--name=\(record.name)", "--content=\(record.content)"]
        if action != .delete { options.append("--ttl=\(record.ttl)") }
        guard try await run(action, record.kind, options, in: zone, for: scope) != .bool(false) else {
            throw .rejected("lexicon did not \(action.rawValue) the \(record.kind.rawValue) record of \(record.name)")
        }
    }

    /// Whether a request only makes this program read.
    static func isRead(_ request: ProcessRequest, by path: String) -> Bool {
        request.arguments.first == path && request.arguments.dropFirst(actionPlace).first == Action.list.rawValue
    }

    private static let actionPlace = 6

    /// The names and contents of records are public, so they are arguments; the credentials are in the environment.
    private func run(
        _ action: Action,
        _ kind: DNSRecord.Kind,
        _ options: [String],
        in zone: DomainName,
        for scope: Scope
    ) async throws(ProviderError) -> JSONValue {
        let zone = zone.text
        let request = ProcessRequest(
            // Otherwise lexicon takes the registered domain for the zone, and files of the current folder for settings.
            [path, "--delegated", zone, "--config-dir", "/", provider, action.rawValue, zone, kind.rawValue]
                + ["--output=JSON", "--log_level=CRITICAL"] + options,
            environment: environment,
            timeLimit: Self.timeLimit,
            outputLimit: Self.outputLimit
        )
        let result: ProcessResult
        do throws(ProcessError) {
            result = try await processes.run(request, for: scope)
        } catch {
            throw .unavailable("\(error); install it, or set LEXICON_PROGRAM")
        }
        let call = "`\(action.rawValue) \(zone) \(kind.rawValue)`"
        guard result.end == .exited(0) else { throw failure(result, call) }
        guard !result.truncated else {
            throw .unavailable("lexicon wrote more than \(Self.outputLimit >> 20) MiB on \(call)")
        }
        let line = result.output.split(separator: UInt8(ascii: "\n")).last.map { Array($0) } ?? []
        guard let json = try? decodeJSON(JSONValue.self, from: line) else {
            let excerpt = sanitized(withoutSecrets(String(outside: line)), limit: 80)
            throw .unavailable("lexicon's answer to \(call) is not JSON: `\(excerpt)`")
        }
        return json
    }

    /// The last line of a Python program's errors is the exception.
    private func failure(_ result: ProcessResult, _ call: String) -> ProviderError {
        let line = result.error.split(separator: UInt8(ascii: "\n")).last.map { String(outside: $0) } ?? ""
        let reason = sanitized(withoutSecrets(line))
        let text = "lexicon \(result.end.words(Self.timeLimit)) on \(call)\(reason.isEmpty ? "" : ": \(reason)")"
        let denials = ["AuthenticationError", "401 Client Error", "403 Client Error"]
        if denials.contains(where: reason.contains) {
            return .unauthorized("\(text); see LEXICON_\(provider.uppercased())_AUTH_…")
        }
        let isForNow = ["408 Client Error", "429 Client Error"].contains(where: reason.contains)
        return reason.contains(" Client Error: ") && !isForNow ? .rejected(text) : .unavailable(text)
    }

    /// Without credentials and without the queries of URLs, which some providers have them in.
    private func withoutSecrets(_ text: String) -> String {
        var text = text
        // One may begin with another.
        for secret in secrets.sorted(by: { $0.revealed.utf8.count > $1.revealed.utf8.count }) {
            for form in [secret.revealed, percentEncoded(secret.revealed)] { text = text.replacing(form, with: "•••") }
        }
        return text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            String(word.prefix { $0 != "?" })
        }.joined(separator: " ")
    }
}
