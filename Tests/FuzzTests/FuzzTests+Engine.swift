import Discovery
@testable import Docker
import Model
import Ports
@testable import Delivery
import State
import TestSupport
import Testing
import Timing

/// What an engine, or whatever stands in its place, answers.
extension FuzzTests {
    private static let info =
        #"{"Swarm": {"LocalNodeState": "active", "ControlAvailable": true, "Cluster": {"ID": "k"}}}"#

    /// An engine that answers requests for one of the paths with `body`.
    private func engine(
        _ body: [UInt8],
        at paths: Set<String>,
        status: Int = 200,
        version: String = "1.45"
    ) throws -> EngineClient {
        let transport = AnsweringTransport { request in
            let path = String(request.url.prefix { $0 != "?" }.drop { $0 != "v" }.drop { $0 != "/" })
            let answer = paths.contains(path) ? body : path == "/info" ? Array(Self.info.utf8) : Array("{}".utf8)
            return HTTPResponse(
                status: path.isEmpty ? 200 : status,
                headers: ["api-version": version],
                body: answer
            )
        }
        return EngineClient(try EngineEndpoint(host: "unix:///engine.sock"), transport: transport)
    }

    /// What a recording holds of an answer is what is read of it, so that a replay reads the same.
    private func checkExtract(_ bytes: [UInt8], _ path: String) throws {
        func extract(_ bytes: [UInt8]) -> [UInt8] {
            let response = HTTPResponse(status: 200, body: bytes)
            return EngineExtract.body(of: response, to: "http://docker/v1.45\(path)", labels: { $0 })
        }
        let recorded = extract(bytes)
        try require(extract(recorded) == recorded, "what is recorded of it is not read as the same")
    }

    @Test func `whatever an engine lists as services is read or rejected`() async throws {
        try await fuzz("services", Corpus.engine("/services")) { input in
            let services = try await engine(input.bytes, at: ["/services"]).services()
            try Labels.check(Discovery.read(services, rules: Labels.rules), of: services.count)
            try checkExtract(input.bytes, "/services")
            return true
        }
    }

    @Test func `whatever an engine lists as containers is read or rejected`() async throws {
        let labelled = try Labels.declarations().map { labels in
            let container: JSONValue = [
                "Id": "c", "Names": ["/web"], "Labels": labels, "State": "running", "Created": 17,
            ]
            return ([container] as JSONValue).bytes
        }
        try await fuzz("containers", Corpus.engine("/containers/json") + labelled) { input in
            let containers = try await engine(input.bytes, at: ["/containers/json"]).containers(includingStopped: true)
            try Labels.check(Discovery.read(containers, rules: Labels.rules), of: containers.count)
            for container in containers {
                try require(
                    displayName(ofContainer: container.name).utf8.count <= container.name.utf8.count + 1,
                    "longer"
                )
                try require(container.created?.description.hasSuffix("Z") ?? true, "no time")
            }
            var targets = SignalTargets(rules: SignalRules(labels: ["landfall.signal"]))
            targets.add(containers)
            try require(targets.candidates.count <= containers.count, "more signals than containers")
            try checkExtract(input.bytes, "/containers/json")
            return true
        }
    }

    private static let tasks = Corpus.bytes(
        """
        [{"ID": "t1", "ServiceID": "s", "NodeID": "n", "Slot": 1, "CreatedAt": "2026-01-01T00:00:00.123456789Z", \
        "Status": {"State": "running", "ContainerStatus": {"ContainerID": "c"}}, \
        "Spec": {"ContainerSpec": {"Labels": {"landfall.signal": "HUP", "landfall.signal.hosts": "a.example.test"}}}}]
        """,
        #"[{"ID": "t2", "ServiceID": "s", "NodeID": "", "Status": {"State": "rejected", "Err": "no such image"}}]"#
    )

    @Test func `whatever an engine lists as tasks is read or rejected`() async throws {
        let services = [Service(id: "s", name: "web", labels: [:])]
        try await fuzz("tasks", Corpus.engine("/tasks") + Self.tasks) { input in
            let tasks = try await engine(input.bytes, at: ["/tasks"]).wantedTasks(of: ["s"])
            var targets = SignalTargets(rules: SignalRules(labels: ["landfall.signal"]))
            targets.add(tasks, of: services, except: "here")
            try require(targets.candidates.count <= tasks.count, "more signals than tasks")
            for task in tasks { try require(task.created.map { $0.seconds >= 0 } ?? true, "created before 1970") }
            try checkExtract(input.bytes, "/tasks")
            return true
        }
    }

    @Test func `whatever an engine lists as nodes is read or rejected`() async throws {
        let seeds = Corpus.bytes(
            """
            [{"ID": "n", "Spec": {"Availability": "active"}, "Description": {"Hostname": "one"}, \
            "Status": {"State": "ready", "Addr": "192.0.2.1"}, "CreatedAt": "2026-01-01T00:00:00Z"}]
            """,
            #"[{"ID": "m", "Spec": {"Availability": "drain", "Role": "worker"}, "Status": {"State": "down"}}]"#
        )
        try await fuzz("nodes", seeds) { input in
            let nodes = try await engine(input.bytes, at: ["/nodes"]).nodes()
            for node in nodes {
                if let reason = node.unreachableReason(among: nodes) {
                    try requireLine(reason, "why a node cannot be reached")
                }
            }
            try checkExtract(input.bytes, "/nodes")
            return true
        }
    }

    @Test func `whatever an engine lists as secrets is read or rejected`() async throws {
        let seeds = Corpus.bytes(
            #"[{"ID": "x", "Spec": {"Name": "landfall-x.crt", "Labels": {"landfall.secret.instance": "a"}}, "N": 1}]"#,
            "[]"
        )
        let store = try StateStore.inMemory()
        let namespace = StateStore.Namespace<CreatedSecrets.Entry>("created-secrets", in: store)
        try await fuzz("secrets", seeds) { input in
            let secrets = try await engine(input.bytes, at: ["/secrets"]).secrets(labelled: "x=y")
            let created = CreatedSecrets(namespace, among: secrets, isSaved: false)
            try require(secrets.allSatisfy { created.name(for: $0.name) == $0.name }, "a secret of others is used")
            try checkExtract(input.bytes, "/secrets")
            return true
        }
    }

    @Test func `whatever an engine says of itself is read or rejected`() async throws {
        let seeds =
            Corpus.engine("/info")
            + Corpus.bytes(#"{"Swarm": {"LocalNodeState": "locked"}}"#, #"{"Swarm": {"LocalNodeState": "inactive"}}"#)
        try await fuzz("info", seeds) { input in
            let (mode, _) = try await engine(input.bytes, at: ["/info"]).position()
            try requireLine("\(mode) \(mode.unreadableReason ?? "")", "the mode")
            try require(
                decodeJSON(EngineMode.self, from: encodeJSON(mode)) == mode,
                "the mode is stored as another one"
            )
            try checkExtract(input.bytes, "/info")
            return true
        }
    }

    @Test func `whatever version an engine names is understood or rejected`() async throws {
        try await fuzz("version", Corpus.bytes("1.41", "1.51", "1.99", "2.0")) { input in
            let version = try await engine([], at: [], version: input.text).negotiate()
            try require(version >= .oldest && version <= .newest, "\(version) was agreed on")
            return true
        }
    }

    @Test func `whatever an engine tells about a container, an exec or an image is read or rejected`() async throws {
        let seeds = Corpus.bytes(
            """
            {"State": {"StartedAt": "2026-01-01T00:00:00.5Z", "Pid": 1}, "Config": {"Image": "nginx:1.27", "StopSignal": \
            "SIGQUIT", "Labels": {"com.docker.swarm.service.name": "web"}}, "HostConfig": {"RestartPolicy": {"Name": \
            "always"}, "PidMode": ""}, "Image": "sha256:0123"}
            """,
            #"{"Id": "e", "ExitCode": 0, "State": {"StartedAt": "0001-01-01T00:00:00Z"}, "Config": {"StopSignal": "1"}}"#,
            #"{"Id": "sha256:1", "RepoDigests": ["nginx@sha256:2"], "State": {"StartedAt": ""}, "ExitCode": 126}"#
        )
        let paths: Set = ["/containers/c/json", "/containers/c/exec", "/exec/e/json", "/images/i/json"]
        try await fuzz("container, exec and image", seeds) { input in
            let engine = try engine(input.bytes, at: paths)
            let details = try? await engine.container("c")
            _ = details?.losesRestart(byKill: "HUP")
            try require(details?.started.map { $0.seconds >= 0 } ?? true, "started before 1970")
            _ = try? await engine.execute(["true"], inContainer: "c")
            _ = try? await engine.image("i")
            try checkExtract(input.bytes, "/containers/c/json")
            return details != nil
        }
    }

    @Test func `whatever an engine sends in place of an answer becomes one short line`() async throws {
        let seeds = Corpus.bytes(
            #"{"message": "rpc error: code = Unknown desc = update out of sequence"}"#,
            "<html><body>502 Bad Gateway</body></html>",
            "Forbidden",
            "[1, 2]"
        )
        try await fuzz("engine errors", seeds) { input in
            var chance = input.chance
            let status = chance.one(of: [200, 301, 400, 403, 404, 409, 500, 503])
            let engine = try engine(input.bytes, at: ["/services"], status: status)
            do throws(EngineError) {
                _ = try await engine.services()
            } catch {
                try requireLine(error.description, "the error")
            }
            return true
        }
    }

    @Test func `an update of a service sends back what is not Landfall's as it came`() async throws {
        let file = SecretFile(file: "web.crt", name: "landfall-1.crt", id: "x")
        let seeds = Corpus.bytes(
            """
            {"ID": "s", "Version": {"Index": 12}, "Spec": {"Name": "web", "Labels": {}, "Mode": {"Replicated": {"Replicas": \
            2}}, "TaskTemplate": {"ContainerSpec": {"Image": "nginx@sha256:1", "Secrets": [{"File": {"Name": "web.crt", \
            "UID": "0", "GID": "0", "Mode": 292}, "SecretID": "o", "SecretName": "old"}]}, "ForceUpdate": 0, "Resources": \
            {"Limits": {"NanoCPUs": 1500000000}}}, "EndpointSpec": {"Mode": "vip"}}}
            """
        )
        try await fuzz("service to update", seeds) { input in
            let sent = AsyncCollector<[UInt8]>()
            let transport = AnsweringTransport { request in
                if let body = request.body { sent.add(body) }
                return HTTPResponse(status: 200, headers: ["api-version": "1.45"], body: input.bytes)
            }
            let engine = EngineClient(try EngineEndpoint(host: "unix:///engine.sock"), transport: transport)
            let service = try await engine.service("s")
            guard try await engine.update(service, files: [file]) == .made else { return false }
            let before = try decodeJSON(JSONValue.self, from: input.bytes)["Spec"]
            let after = try decodeJSON(JSONValue.self, from: sent.all.last ?? [])
            try require(Self.withoutSecrets(before) == Self.withoutSecrets(after), "something else changed")
            return true
        }
    }

    private static func withoutSecrets(_ spec: JSONValue?) -> JSONValue? {
        var spec = spec
        var template = spec?["TaskTemplate"]
        var container = template?["ContainerSpec"]
        container?["Secrets"] = nil
        template?["ContainerSpec"] = [nil, .null, [:]].contains(container) ? nil : container
        spec?["TaskTemplate"] = [nil, .null, [:]].contains(template) ? nil : template
        return spec
    }

    @Test func `whatever a helper's log holds is read in frames no longer than the log`() async throws {
        func frames(_ texts: String...) -> [UInt8] {
            texts.flatMap { text -> [UInt8] in
                let length = UInt32(text.utf8.count)
                return [1, 0, 0, 0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + Array(text.utf8)
            }
        }
        let line = #"{"container":"c","result":"signalled"}"#
        let failed = #"{"container":"c","reason":"no such container","result":"refused"}"#
        let seeds = [frames(line + "\n"), frames(line + "\n", failed + "\n"), [2] + frames("x").dropFirst()]
        try await fuzz("log frames", seeds) { input in
            let output = LogFrames.output(in: input.bytes)
            let lines = output.lines + output.errors
            // A byte that is no text becomes a character of three.
            let size = lines.reduce(0) { $0 + $1.utf8.count }
            try require(size <= 3 * input.bytes.count, "\(size) bytes of \(input.bytes.count)")
            for line in lines.compactMap(DeliveryLine.init) {
                try requireLine(line.delivery.reason ?? "", "the reason")
                try require(DeliveryLine(line.text) == line, "it is written as another one")
            }
            return true
        }
    }
}
