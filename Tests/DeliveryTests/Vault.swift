import Delivery
import Docker
import FoundationEssentials
import Log
import Model
import Ports
import Report
import State
import Synchronization
import TestSupport
import Transport

/// A Swarm's manager with services, secrets, and what was done to them.
final class Vault: Sendable {
    struct Contents {
        /// Each as JSON.
        var services: [String] = []
        /// Name → id.
        var secrets: [String: String] = [:]
        /// What happens between the list of services and a look at one of them.
        var meanwhile: (@Sendable (inout Contents) -> Void)?
    }

    let stage: SecretStage
    let state: StateStore
    private let contents: Box
    private let engine: StubEngine

    private final class Box: Sendable { let value = Mutex(Contents()) }

    init() throws {
        let box = Box()
        contents = box
        state = try .inMemory()
        engine = try StubEngine { request in box.value.withLock { Self.answer(request, &$0) } }
        let client = EngineClient(
            try EngineEndpoint(host: "unix://\(engine.socketPath)"),
            transport: CurlTransport(.init(userAgent: "landfall-tests"))
        )
        stage = SecretStage(engine: client, instance: "default", state: state, log: .silent)
    }

    deinit { engine.stop() }

    /// A service that wants the certificate `web` as `tls`.
    static func service(
        _ id: String = "s1",
        version: Int = 7,
        secret: String? = "tls=web",
        number: Int? = nil,
        update: String? = nil
    ) -> String {
        let label = secret.map { #""landfall.secret":"\#($0)""# } ?? ""
        let files = number.map { number in
            ["crt", "key"].map { kind in
                #"{"File":{"Name":"tls.\#(kind)"},"SecretID":"i","SecretName":"\#(name(number, kind))"}"#
            }
        }
        let status = update.map { #","UpdateStatus":{"State":"\#($0)"}"# } ?? ""
        return """
            {"ID":"\(id)","Version":{"Index":\(version)},"Spec":{"Name":"\(id)","Labels":{\(label)},"Unknown":{"a":[1]},
            "TaskTemplate":{"ContainerSpec":{"Image":"x","Secrets":[\((files ?? []).joined(separator: ","))]}}}\(status)}
            """
    }

    /// The services' own host is the certificate's.
    static let rights = SecretRights(
        hosts: (try? DomainName("a.test")).map { ["s1": [$0], "s2": [$0]] } ?? [:],
        lineages: [:],
        ordered: ["web"]
    )

    static func name(_ number: Int, _ kind: String) -> String { "landfall-\(fingerprint(number)).\(kind)" }

    static func fingerprint(_ number: Int) -> String { String(repeating: "\(number)", count: 40) }

    func set(_ change: @Sendable (inout Contents) -> Void) { contents.value.withLock { change(&$0) } }

    var secrets: [String] { contents.value.withLock { $0.secrets.keys.sorted() } }

    /// What would have changed something: `POST /services/s1/update?version=7`.
    var acts: [String] {
        engine.requests.all.filter { $0.method != "GET" }.map { request in
            "\(request.method) \(request.target.split(separator: "/", maxSplits: 1).last ?? "")"
        }
    }

    var bodies: [String] { engine.requests.all.map(\.body).filter { !$0.isEmpty } }

    /// One run, with version `number` of the certificate `web` on disk.
    func deliver(_ number: Int) async -> [SecretReport]? {
        let pair = CertificatePair(
            fingerprint: Fingerprint(hex: Self.fingerprint(number)),
            chain: "chain",
            key: Secret("key")
        )
        guard let disk = try? certificate("web", Self.fingerprint(number)) else { return nil }
        return await stage.deliver([disk], rights: Self.rights) { _ in .known(pair) }.value
    }

    private static func answer(_ request: StubEngine.Request, _ contents: inout Contents) -> StubEngine.Answer {
        let words = request.path.split(separator: "/")
        switch (request.method, words.first, words.count) {
        case ("GET", "info", _):
            return .reply(200, #"{"Swarm":{"LocalNodeState":"active","ControlAvailable":true,"Cluster":{"ID":"k"}}}"#)
        case ("GET", "services", 1): return .reply(200, "[\(contents.services.joined(separator: ","))]")
        case ("GET", "services", 2):
            contents.meanwhile?(&contents)
            let service = contents.services.first { $0.contains(#""ID":"\#(words[1])""#) }
            return .reply(service == nil ? 404 : 200, service ?? "{}")
        case ("GET", "secrets", _):
            let list = contents.secrets.map { #"{"ID":"\#($1)","Spec":{"Name":"\#($0)"}}"# }
            return .reply(200, "[\(list.joined(separator: ","))]")
        case ("POST", "secrets", _):
            let name = request.body.split(separator: "\"").first { $0.hasPrefix("landfall-") && $0.count > 40 } ?? ""
            guard contents.secrets[String(name)] == nil else {
                return .reply(
                    409,
                    #"{"message":"rpc error: code = AlreadyExists desc = secret \#(name) already exists"}"#
                )
            }
            contents.secrets[String(name)] = "id-\(name)"
            return .reply(201, #"{"ID":"id-\#(name)"}"#)
        case ("DELETE", "secrets", _):
            contents.secrets = contents.secrets.filter { $0.value != words[1] }
            return .reply(204, "")
        default: return .reply(200, "{}")
        }
    }
}
