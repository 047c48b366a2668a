import FoundationEssentials
import Glibc
import Model
public import Ports

/// `landfall hook auth` and `landfall hook cleanup`, which certbot calls: hands the challenge to the daemon and waits for
/// its answer.
public struct HookClient: Sendable {
    /// Answers in the daemon's place, where none listens, a certbot that Landfall did not start.
    public typealias Alone = @Sendable (HookRequest) async -> HookAnswer

    /// Longer than a daemon ever waits for DNS; certbot's own time limit ends the hook before it.
    private static let timeLimit = Duration.seconds(3600)

    private let environment: [String: String]
    private let socket: String?
    private let transport: any HTTPTransport
    private let alone: Alone?

    /// - Parameters:
    ///   - environment: what certbot gave to its hook.
    ///   - socket: the daemon's.
    public init(
        environment: [String: String],
        socket: String?,
        transport: any HTTPTransport,
        alone: Alone? = nil
    ) {
        (self.environment, self.socket, self.transport, self.alone) = (environment, socket, transport, alone)
    }

    /// Returns when it has been done.
    ///
    /// certbot asks the CA even when its auth hook fails, and burns a failed authorization. So a failing hook ends the
    /// certbot that called it before it returns.
    public func call(_ action: HookRequest.Action) async throws(HookError) {
        do throws(HookError) {
            let answer = try await answer(try request(action))
            guard answer.accepted else { throw HookError(answer.reason) }
        } catch {
            if action == .auth { endCertbot() }
            throw error
        }
    }

    private func endCertbot() {
        // We may be in its group, and have an error yet to tell.
        _ = signal(SIGTERM, SIG_IGN)
        // The daemon made a process group for its own certbot; another one may share its group with anybody.
        if environment[HookEnvironment.token] != nil { kill(0, SIGTERM) } else { CallingCertbot.end() }
    }

    private func request(_ action: HookRequest.Action) throws(HookError) -> HookRequest {
        // certbot 5 sets CERTBOT_IDENTIFIER as well.
        guard let domain = environment["CERTBOT_DOMAIN"] ?? environment["CERTBOT_IDENTIFIER"],
            let validation = environment["CERTBOT_VALIDATION"]
        else {
            throw HookError("certbot did not say what to publish: CERTBOT_DOMAIN and CERTBOT_VALIDATION are not set")
        }
        return HookRequest(
            action: action,
            token: environment[HookEnvironment.token],
            domain: domain,
            validation: validation,
            remaining: environment["CERTBOT_REMAINING_CHALLENGES"].flatMap { Int($0) } ?? 0
        )
    }

    private func answer(_ request: HookRequest) async throws(HookError) -> HookAnswer {
        if let answer = try await daemon(request) { return answer }
        // A token was good with its own daemon only.
        guard request.token == nil, let alone else { throw HookError("no daemon listens at \(socket ?? "any socket")") }
        return await alone(request)
    }

    /// The daemon's answer; nil where none listens.
    private func daemon(_ request: HookRequest) async throws(HookError) -> HookAnswer? {
        guard let socket, let body = try? JSONEncoder().encode(request) else { return nil }
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
        } catch .unreachable {
            return nil
        } catch {
            throw HookError("the daemon cannot be asked: \(error)")
        }
        guard response.status == 200,
            let answer = try? JSONDecoder().decode(HookAnswer.self, from: Data(response.body))
        else { throw HookError("the daemon answered with status \(response.status): \(response.text)") }
        return answer
    }
}

/// Why a hook did nothing; one line.
public struct HookError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = sanitized(description)
    }
}
