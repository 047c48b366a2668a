import Model
import Ports

/// Compares this machine's clock with the authority's, whose answers have a date (RFC 9110 §6.6.1).
struct AuthorityClock: Sendable {
    private static let timeLimit = Duration.seconds(5)
    private static let bodyLimit = 64 << 10

    let server: String
    let transport: any HTTPTransport
    let clock: any Clock

    /// Why a clock that went ahead since the last run is not believed; nil if the authority's agrees.
    func reasonForDoubt(lastRun: Timestamp) async -> String? {
        let request = HTTPRequest(
            .get,
            server,
            timeLimit: Self.timeLimit,
            connectLimit: Self.timeLimit,
            bodyLimit: Self.bodyLimit
        )
        let reason: String
        do throws(TransportError) {
            let response = try await transport.send(request, for: .run)
            let now = clock.now
            switch response.headers["date"].flatMap({ Timestamp(httpDate: $0) }) {
            case nil: reason = "the authority's answer has no date to compare it with"
            case let date? where now - date > ClockHistory.tolerance:
                return
                    "this machine's clock says \(now.day), but the authority's says \(date.day): set this machine's clock"
            case .some: return nil
            }
        } catch {
            reason = "the authority, which knows the time, cannot be asked: \(error)"
        }
        return "this machine's clock says \(clock.now.day), but the last run was on \(lastRun.day), and \(reason)"
    }
}
