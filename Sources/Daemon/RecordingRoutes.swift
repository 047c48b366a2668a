import Configuration
import HTTPServer
import Model
import Ports
import Recording
import Synchronization
import Timing

/// Serves those who record a running daemon: `POST /record` begins, `GET /record?id=…` fetches what came since, and
/// `DELETE /record?id=…` ends it and gets the rest.
final class RecordingRoutes: Sendable {
    /// At a time.
    private static let limit = 4
    /// How long a client waits for something to come.
    private static let wait = Duration.seconds(10)

    /// With clients, when the daemon ends.
    private static let patience = Duration.seconds(1)

    private let records: RecordingService
    private let taps = Mutex<[String: StreamingSink]>([:])

    init(_ records: RecordingService) {
        self.records = records
    }

    func answer(_ request: ServerRequest) async -> ServerResponse {
        if request.method == "POST" { return begin() }
        guard let id = request.query["id"], let tap = taps.withLock({ $0[id] }) else {
            return .text("no such recording\n", status: 404)
        }
        switch request.method {
        case "GET": return Self.response(await tap.fetch(waiting: Self.wait))
        case "DELETE":
            await records.flush()
            taps.withLock { $0[id] = nil }
            tap.end()
            return Self.response(tap.take() ?? [])
        default: return .text("no such method\n", status: 405)
        }
    }

    /// Writes what was recorded and lets clients fetch the rest; nothing more will come.
    func end() async {
        await records.flush()
        records.finish()
        let taps = taps.withLock { Array($0.values) }.filter { !$0.isOver }
        for tap in taps { tap.end() }
        _ = try? await withTimeout(Self.patience, of: SystemClock()) {
            while !taps.allSatisfy(\.isEndTold) { try await SystemClock().sleep(for: .milliseconds(20)) }
            return true
        }
    }

    private func begin() -> ServerResponse {
        let tap = StreamingSink(clock: SystemClock())
        let id = SystemRandomness().token(bytes: 8, for: .run)
        let isRoom = taps.withLock { taps in
            taps = taps.filter { !$0.value.isOver }
            guard taps.count < Self.limit else { return false }
            taps[id] = tap
            return true
        }
        guard isRoom else { return .text("\(Self.limit) others record it already\n", status: 409) }
        do throws(UserFacingError) {
            try records.keepFromNextSession(tap)
            return .text(id)
        } catch {
            return .text("\(error)\n", status: 409)
        }
    }

    private static func response(_ lines: [UInt8]?) -> ServerResponse {
        guard let lines else { return .text("the daemon is stopping\n", status: 410) }
        return ServerResponse(headers: ["Content-Type": "application/x-ndjson"], body: lines)
    }
}
