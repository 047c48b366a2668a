import FoundationEssentials
import Glibc
import Model
package import Ports

/// The request that `landfall hook` sends to the daemon: `POST /hook` on its socket, as JSON.
package struct HookRequest: Hashable, Sendable, Codable {
    package enum Action: String, Sendable, Codable {
        case auth
        case cleanup
    }

    package let action: Action
    /// Names the certbot that asks, and is valid for its one run.
    package let token: String
    /// The name to be validated, without `*.`.
    package let domain: String
    /// The TXT value.
    package let validation: String
    /// How many calls of this kind certbot will still make.
    package let remaining: Int

    package init(action: Action, token: String, domain: String, validation: String, remaining: Int) {
        (self.action, self.token, self.domain) = (action, token, domain)
        (self.validation, self.remaining) = (validation, remaining)
    }
}

package struct HookAnswer: Hashable, Sendable, Codable {
    package let accepted: Bool
    /// Why not; empty when it was accepted.
    package let reason: String

    package static let accepted = HookAnswer(accepted: true, reason: "")

    package static func rejected(_ reason: String) -> HookAnswer { HookAnswer(accepted: false, reason: reason) }
}

/// `landfall hook auth` and `landfall hook cleanup`, which certbot calls: passes the challenge to the daemon and waits for
/// its answer.
package struct HookClient: Sendable {
    /// The variable that certbot passes on to its hooks: other users could read an argument.
    package static let tokenVariable = "LANDFALL_HOOK_TOKEN"

    /// Longer than the daemon ever waits for DNS; certbot's own time limit ends the hook earlier.
    private static let timeLimit = Duration.seconds(3600)

    private let environment: [String: String]
    private let socket: String?
    private let transport: any HTTPTransport

    /// - Parameters:
    ///   - environment: the one that certbot gave to its hook.
    ///   - socket: the daemon's.
    package init(environment: [String: String], socket: String?, transport: any HTTPTransport) {
        (self.environment, self.socket, self.transport) = (environment, socket, transport)
    }

    /// Returns when the daemon has done what certbot asked for.
    ///
    /// certbot asks for validation even when its auth hook fails, which costs a failed authorization. A hook that fails
    /// therefore ends its certbot first, but only one that Landfall started.
    package func call(_ action: HookRequest.Action) async throws(HookError) {
        guard let token = environment[Self.tokenVariable] else {
            throw HookError(
                "only a certbot that Landfall started may call this hook: Landfall renews this certificate itself, and "
                    + "renewing it without Landfall needs another authenticator"
            )
        }
        do throws(HookError) {
            let answer = try await send(try request(action, token: token))
            guard answer.accepted else { throw HookError(answer.reason) }
        } catch {
            if action == .auth { endCertbot() }
            throw error
        }
    }

    /// The daemon started certbot in a process group of its own, to which this process belongs.
    private func endCertbot() {
        _ = signal(SIGTERM, SIG_IGN)
        kill(0, SIGTERM)
    }

    private func request(_ action: HookRequest.Action, token: String) throws(HookError) -> HookRequest {
        // certbot 5 sets CERTBOT_IDENTIFIER as well.
        guard let domain = environment["CERTBOT_DOMAIN"] ?? environment["CERTBOT_IDENTIFIER"],
            let validation = environment["CERTBOT_VALIDATION"]
        else { throw HookError("CERTBOT_DOMAIN and CERTBOT_VALIDATION are not set, so there is nothing to publish") }
        return HookRequest(
            action: action,
            token: token,
            domain: domain,
            validation: validation,
            remaining: environment["CERTBOT_REMAINING_CHALLENGES"].flatMap { Int($0) } ?? 0
        )
    }

    private func send(_ request: HookRequest) async throws(HookError) -> HookAnswer {
        guard let socket else { throw HookError("it needs `--socket PATH`") }
        let body = (try? JSONEncoder().encode(request)) ?? Data()
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
            throw HookError("no daemon listens at \(socket)")
        } catch {
            throw HookError("the daemon cannot be asked: \(error)")
        }
        guard response.status == 200, let answer = try? decodeJSON(HookAnswer.self, from: response.body)
        else { throw HookError("the daemon answered with status \(response.status): \(response.text)") }
        return answer
    }
}

/// Why a hook failed; one line.
package struct HookError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = sanitized(description) }
}
