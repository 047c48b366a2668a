import FoundationEssentials
import Glibc
import Log
import Model
public import Transport

/// `landfall hook auth` and `landfall hook cleanup`, which certbot calls: hands the challenge to the daemon and waits for
/// its answer.
public struct HookClient: Sendable {
    /// Longer than a daemon ever waits for DNS; certbot's own time limit ends the hook before it.
    private static let timeLimit = Duration.seconds(600)

    private let transport: any HTTPTransport

    public init(transport: any HTTPTransport) {
        self.transport = transport
    }

    /// Runs one hook and returns its exit status: 0 done, 1 not; why not goes to standard error.
    ///
    /// certbot asks the CA even when its auth hook fails, and burns a failed authorization. So on failure the hook ends
    /// the certbot that called it, before it exits itself: SIGTERM to the process group that the daemon made for it.
    public func run(_ phase: HookRequest.Phase, environment: [String: String]) async -> Int32 {
        let answer = await ask(phase, environment: environment)
        guard !answer.accepted else { return 0 }
        writeLine("landfall hook: \(oneLine(answer.reason))", to: STDERR_FILENO)
        if phase == .auth, environment[HookEnvironment.token] != nil { kill(0, SIGTERM) }
        return 1
    }

    func ask(_ phase: HookRequest.Phase, environment: [String: String]) async -> HookAnswer {
        guard let socket = environment[HookEnvironment.socket], let token = environment[HookEnvironment.token] else {
            return .refused("this certbot was not started by Landfall: \(HookEnvironment.socket) is not set")
        }
        // CERTBOT_IDENTIFIER is certbot 5's name for it; it sets both.
        guard let domain = environment["CERTBOT_DOMAIN"] ?? environment["CERTBOT_IDENTIFIER"],
            let validation = environment["CERTBOT_VALIDATION"]
        else { return .refused("certbot did not say which name to validate: CERTBOT_DOMAIN is not set") }
        let request = HookRequest(
            phase: phase,
            token: token,
            domain: domain,
            validation: validation,
            remaining: environment["CERTBOT_REMAINING_CHALLENGES"].flatMap { Int($0) } ?? 0
        )
        return await send(request, socket: socket)
    }

    private func send(_ request: HookRequest, socket: String) async -> HookAnswer {
        do {
            let exchange = HTTPRequest(
                .post,
                "http://landfall/hook",
                headers: [HTTPHeader("Content-Type", "application/json")],
                body: Array(try JSONEncoder().encode(request)),
                timeLimit: Self.timeLimit,
                bodyLimit: 64 << 10,
                peer: .unixSocket(path: socket)
            )
            let response = try await transport.send(exchange, for: .run)
            guard response.status == 200 else { return .refused("the daemon answered with status \(response.status)") }
            return try JSONDecoder().decode(HookAnswer.self, from: Data(response.body))
        } catch let error as TransportError {
            return .refused("the daemon cannot be asked: \(error)")
        } catch {
            return .refused("the daemon's answer cannot be read")
        }
    }
}
