import FoundationEssentials
import Glibc
import Model
public import Transport

/// `landfall hook auth` and `landfall hook cleanup`, which certbot calls: hands the challenge to the daemon and waits for
/// its answer.
public struct HookClient: Sendable {
    /// Longer than a daemon ever waits for DNS; certbot's own time limit ends the hook before it.
    private static let timeLimit = Duration.seconds(3600)

    private let environment: [String: String]
    private let transport: any HTTPTransport

    public init(environment: [String: String], transport: any HTTPTransport) {
        (self.environment, self.transport) = (environment, transport)
    }

    /// Returns when the daemon has done it.
    ///
    /// certbot asks the CA even when its auth hook fails, and burns a failed authorization. So a failing hook ends the
    /// certbot that called it before it returns: SIGTERM to the process group that the daemon made for that certbot.
    public func call(_ action: HookRequest.Action) async throws(HookError) {
        do throws(HookError) {
            try await send(try request(action))
        } catch {
            if action == .auth, environment[HookEnvironment.token] != nil { Self.endGroup() }
            throw error
        }
    }

    private static func endGroup() {
        // We are in the group too, and have an error yet to tell.
        _ = signal(SIGTERM, SIG_IGN)
        kill(0, SIGTERM)
    }

    private func request(_ action: HookRequest.Action) throws(HookError) -> HookRequest {
        // certbot 5 sets CERTBOT_IDENTIFIER as well.
        guard let domain = environment["CERTBOT_DOMAIN"] ?? environment["CERTBOT_IDENTIFIER"],
            let validation = environment["CERTBOT_VALIDATION"]
        else {
            throw HookError("certbot did not say what to publish: CERTBOT_DOMAIN and CERTBOT_VALIDATION are not set")
        }
        guard let token = environment[HookEnvironment.token] else {
            throw HookError("this certbot was not started by Landfall: \(HookEnvironment.token) is not set")
        }
        return HookRequest(
            action: action,
            token: token,
            domain: domain,
            validation: validation,
            remaining: environment["CERTBOT_REMAINING_CHALLENGES"].flatMap { Int($0) } ?? 0
        )
    }

    private func send(_ request: HookRequest) async throws(HookError) {
        guard let socket = environment[HookEnvironment.socket], let body = try? JSONEncoder().encode(request) else {
            throw HookError("this certbot was not started by Landfall: \(HookEnvironment.socket) is not set")
        }
        let exchange = HTTPRequest(
            .post,
            "http://landfall/hook",
            headers: [HTTPHeader("Content-Type", "application/json")],
            body: [UInt8](body),
            timeLimit: Self.timeLimit,
            bodyLimit: 64 << 10,
            peer: .unixSocket(path: socket)
        )
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await transport.send(exchange, for: .run)
        } catch {
            throw HookError("the daemon cannot be asked: \(error)")
        }
        guard response.status == 200,
            let answer = try? JSONDecoder().decode(HookAnswer.self, from: Data(response.body))
        else { throw HookError("the daemon answered with status \(response.status): \(response.text)") }
        guard answer.accepted else { throw HookError(answer.reason) }
    }
}

/// Why a hook did nothing; one line.
public struct HookError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = oneLine(description)
    }
}
