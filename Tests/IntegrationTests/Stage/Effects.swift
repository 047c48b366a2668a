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

extension Scene {
    /// - Parameter signals: how many were heard for it.
    func effects(for host: String, signals: Int) async throws -> Effects {
        let posts = try await writes().filter { $0.method == "POST" }.compactMap(PostedRecord.init)
        return Effects(
            records: posts.count { $0.name == host },
            challenges: posts.count { $0.name == "_acme-challenge.\(host)" },
            certificates: Disk.names(in: "\(certificates)/archive/\(host)").count { $0.hasPrefix("cert") },
            signals: signals,
            messages: try await messages(about: host).count
        )
    }

    /// Certbots of this scene.
    var certbots: [RunningProcess] {
        RunningProcess.mentioning(folder).filter { $0.arguments.contains("certonly") }
    }
}

/// What a client posts to the emulated Cloudflare.
struct PostedRecord: Decodable {
    let name: String
    let type: String

    init?(_ request: LoggedRequest) {
        guard let record = try? JSONDecoder().decode(Self.self, from: Data(request.body.utf8)) else { return nil }
        self = record
    }
}
