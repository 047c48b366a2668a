package import Model
package import Ports

/// Zones that a user's own program reads and edits: it is run for each operation, reads a question from standard input and
/// answers on standard output, both as JSON. `docs/providers.md` has the protocol.
package struct ExecProvider: DNSProvider {
    /// Changes in one call.
    private static let mostChanges = 200

    package let name: String
    let program: ExecProgram

    /// - Parameter environment: all that the program gets to see.
    package init(_ path: String, environment: [String: String], processes: any ProcessRunner) {
        name = path.split(separator: "/").last.map(String.init) ?? path
        program = ExecProgram(path: path, environment: environment, processes: processes)
    }

    /// Whether a request only makes such a program read.
    package static func isRead(_ request: ProcessRequest, by path: String) -> Bool {
        guard request.arguments.count >= 2, request.arguments[0] == path else { return false }
        return ExecQuestion.Operation(rawValue: request.arguments[1]).map(\.isRead) ?? false
    }

    package func zones() async throws(ProviderError) -> [Zone] {
        let answer: ExecZones = try await program.ask(ExecQuestion(.zones), for: .run)
        var zones: [Zone] = []
        for zone in answer.zones {
            guard let name = try? DomainName(zone.name), !name.isWildcard else {
                throw .unavailable("it names `\(sanitized(zone.name, limit: 100))`, which is no zone")
            }
            zones.append(Zone(name: name, id: zone.id ?? zone.name, nameServers: zone.nameServers ?? []))
        }
        return zones
    }

    package func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents {
        let answer: ExecRecords = try await program.ask(ExecQuestion(.records, in: zone), for: .zone(zone.name.text))
        var cuts = ZoneCuts()
        for record in answer.records { cuts.note(record.type, record.name, record.content, in: zone.name) }
        return ZoneContents(answer.records.compactMap(\.hostRecord), cuts: cuts)
    }

    package func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] {
        var results: [Result<DNSRecord?, ProviderError>] = []
        for start in stride(from: 0, to: changes.count, by: Self.mostChanges) {
            results += await apply(part: Array(changes[start...].prefix(Self.mostChanges)), in: zone)
        }
        return results
    }

    package func publishChallenge(
        _ value: String,
        at name: String,
        in zone: Zone
    ) async throws(ProviderError) -> ChallengeRecord {
        let question = ExecQuestion(.publish, ChallengeRecord(id: "", name: name, value: value), in: zone)
        let answer: ExecPublished = try await program.ask(question, for: zone.scope(ofChallengeAt: name))
        return ChallengeRecord(id: answer.id ?? value, name: name, value: value)
    }

    package func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {
        let question = ExecQuestion(.remove, record, in: zone)
        let _: ExecDone = try await program.ask(question, for: zone.scope(ofChallengeAt: record.name))
    }

    private func apply(part: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] {
        do throws(ProviderError) {
            let scope = part.count == 1 ? Scope.host(part[0].name) : .zone(zone.name.text)
            let answer: ExecResults = try await program.ask(ExecQuestion(part, in: zone), for: scope)
            guard answer.results.count == part.count else {
                throw .unavailable(
                    "could not confirm what was written: \(answer.results.count) results for \(part.count) changes"
                )
            }
            return zip(part, answer.results).map { $1.result(of: $0) }
        } catch {
            return part.map { _ in .failure(error) }
        }
    }
}
