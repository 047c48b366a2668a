import Emulators
import FoundationEssentials

/// How often something was done for one host, as it is known where it was done.
struct Effects: Hashable, CustomStringConvertible {
    /// Requests that write its record.
    var records = 0
    /// Values published for its certificate: one for every order that came so far.
    var challenges = 0
    /// Stored, from the first on.
    var certificates = 0
    var signals = 0
    var messages = 0

    static let once = Effects(records: 1, challenges: 1, certificates: 1, signals: 1, messages: 1)

    var description: String {
        "\(records) record, \(challenges) challenge, \(certificates) certificate, \(signals) signal, \(messages) message"
    }
}

extension SandboxFixture {
    /// - Parameter signals: how many were heard for it.
    func effects(for host: String, signals: Int) async throws -> Effects {
        let posts = try await writes().flatMap(PostedRecord.all)
        return Effects(
            records: posts.count { $0.name == host },
            challenges: posts.count { $0.name == "_acme-challenge.\(host)" },
            certificates: Disk.names(in: "\(certificates)/archive/\(host)").count { $0.hasPrefix("cert") },
            signals: signals,
            messages: try await messages(about: host).count
        )
    }

    /// Certbots of this fixture.
    var certbots: [RunningProcess] {
        RunningProcess.mentioning(folder).filter { $0.arguments.contains("certonly") }
    }
}

/// What a client posts to the emulated Cloudflare, by itself or in a batch.
struct PostedRecord: Decodable {
    let name: String
    let type: String

    static func all(in request: LoggedRequest) -> [PostedRecord] {
        guard request.method == "POST" else { return [] }
        let body = Data(request.body.utf8)
        if let record = try? JSONDecoder().decode(Self.self, from: body) { return [record] }
        return (try? JSONDecoder().decode(Batch.self, from: body))?.posts ?? []
    }

    private struct Batch: Decodable {
        let posts: [PostedRecord]
    }
}

extension LoggedRequest {
    /// Whether it changes a record that stands.
    var rewrites: Bool {
        ["PUT", "PATCH"].contains(method) || body.contains(#""puts":[{"#) || body.contains(#""patches":[{"#)
    }
}
