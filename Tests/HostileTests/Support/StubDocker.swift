import Synchronization
import TestSupport

/// A Docker engine with the services, containers and secrets that a test gives it.
final class StubDocker: Sendable {
    struct Contents: Sendable {
        /// Otherwise a plain engine.
        var isManager = true
        var services: [StubService] = []
        var containers: [StubContainer] = []
        /// Of the Swarm, each as JSON.
        var nodes: [String] = []
        var tasks: [String] = []
        /// Name → id.
        var secrets: [String: String] = [:]
        /// The containers that were sent a signal.
        var killed: Set<String> = []
        /// What a program that is run in a container prints, and what a task's log has.
        var output = ""
        /// Asked before everything else; nil leaves the answer to the engine.
        var override: (@Sendable (StubEngine.Request) -> StubEngine.Answer?)?
        /// What the lists have; to write long labels as JSON takes a while.
        fileprivate var listedServices: [(id: String, json: String)] = []
        fileprivate var listedContainers: [(id: String, json: String)] = []
    }

    let engine: StubEngine
    let feed: EventFeed
    private let contents: Box

    private final class Box: Sendable { let value = Mutex(Contents()) }

    init() throws {
        let (box, feed) = (Box(), EventFeed())
        (contents, self.feed) = (box, feed)
        engine = try StubEngine { request in
            let override = box.value.withLock(\.override)
            return override?(request) ?? box.value.withLock { Self.answer(request, &$0, feed) }
        }
    }

    deinit { engine.stop() }

    func set(_ change: @Sendable (inout Contents) -> Void) {
        contents.value.withLock { contents in
            change(&contents)
            contents.listedServices = contents.services.map { ($0.id, $0.json) }
            contents.listedContainers = contents.containers.map { ($0.id, $0.json) }
        }
    }

    /// Answers requests for a path with `answer`.
    func answer(_ path: String, with answer: StubEngine.Answer) {
        set { $0.override = { $0.path == path ? answer : nil } }
    }

    /// What would have changed something: `POST /secrets/create`.
    var acts: [String] {
        engine.requests.all.filter { $0.method != "GET" }.map { "\($0.method) \($0.path)" }
    }

    /// An answer as another server than the Unix socket's may give it.
    func reply(to request: StubEngine.Request) -> StubEngine.Answer {
        contents.value.withLock { Self.answer(request, &$0, feed) }
    }

    private static func answer(_ request: StubEngine.Request, _ contents: inout Contents, _ feed: EventFeed)
        -> StubEngine.Answer
    {
        let words = request.path.split(separator: "/")
        switch (words.first ?? "", words.count) {
        case ("info", _): return .reply(200, info(contents))
        case ("events", _): return .stream(feed)
        case ("services", _): return services(request, words, contents)
        case ("containers", _): return container(request, words, &contents)
        case ("exec", _): return exec(words, contents)
        case ("nodes", _): return .reply(200, list(contents.nodes))
        case ("tasks", 3): return .reply(200, contents.output)
        case ("tasks", _): return .reply(200, list(contents.tasks))
        case ("secrets", _): return secrets(request, words, &contents)
        default: return .reply(404, #"{"message":"page not found"}"#)
        }
    }

    private static func info(_ contents: Contents) -> String {
        guard contents.isManager else { return #"{"Swarm":{"LocalNodeState":"inactive"}}"# }
        return #"{"Swarm":{"LocalNodeState":"active","ControlAvailable":true,"NodeID":"m","Cluster":{"ID":"k"}}}"#
    }

    private static func services(
        _ request: StubEngine.Request,
        _ words: [Substring],
        _ contents: Contents
    ) -> StubEngine.Answer {
        guard contents.isManager else { return .reply(503, #"{"message":"This node is not a swarm manager."}"#) }
        switch (request.method, words.count) {
        case ("GET", 1):
            let prefix = prefix(in: request)
            return .reply(
                200,
                list(contents.listedServices.filter { $0.id.utf8.starts(with: prefix.utf8) }.map(\.json))
            )
        case ("GET", 2):
            let service = contents.services.first { words[1] == $0.id || words[1] == $0.name }
            return service.map { .reply(200, $0.json) } ?? .reply(404, #"{"message":"no such service"}"#)
        case ("POST", 2): return .reply(201, #"{"ID":"helper"}"#)
        default: return .reply(200, "{}")
        }
    }

    /// Of the IDs that a list is asked for: `filters={"id":["a1"]}`.
    private static func prefix(in request: StubEngine.Request) -> Substring {
        request.target.firstMatch(of: /%22id%22%3A%5B%22([-a-z0-9]*)%22/)?.1 ?? ""
    }

    private static func container(
        _ request: StubEngine.Request,
        _ words: [Substring],
        _ contents: inout Contents
    ) -> StubEngine.Answer {
        if request.path == "/containers/json" { return .reply(200, list(part(request, contents).map(\.json))) }
        guard let container = contents.containers.first(where: { words[1] == $0.id }) else {
            return .reply(404, #"{"message":"no such container"}"#)
        }
        switch words.last {
        case "json": return .reply(200, container.details(hasEnded: contents.killed.contains(container.id)))
        case "exec": return .reply(201, #"{"Id":"e1"}"#)
        case "kill":
            contents.killed.insert(container.id)
            return .reply(204, "")
        default: return .reply(204, "")
        }
    }

    /// The containers that a list is asked for: `limit=64&filters={"before":["ID"]}`.
    private static func part(_ request: StubEngine.Request, _ contents: Contents) -> ArraySlice<
        (id: String, json: String)
    > {
        let before = request.target.firstMatch(of: /%22before%22%3A%5B%22([^%]*)%22/)?.1
        let start = contents.listedContainers.firstIndex { $0.id == before ?? "" }.map { $0 + 1 } ?? 0
        let limit = request.target.firstMatch(of: /limit=([0-9]+)/).flatMap { Int($0.1) } ?? .max
        return contents.listedContainers[start...].prefix(limit)
    }

    private static func exec(_ words: [Substring], _ contents: Contents) -> StubEngine.Answer {
        words.last == "json" ? .reply(200, #"{"ExitCode":0}"#) : .reply(200, contents.output)
    }

    private static func secrets(
        _ request: StubEngine.Request,
        _ words: [Substring],
        _ contents: inout Contents
    ) -> StubEngine.Answer {
        switch request.method {
        case "GET":
            return .reply(200, list(contents.secrets.map { #"{"ID":"\#($1)","Spec":{"Name":"\#($0)"}}"# }))
        case "POST":
            let name = request.body.split(separator: "\"").first { $0.hasPrefix("landfall-") && $0.count > 40 } ?? ""
            contents.secrets[String(name)] = "id-\(name)"
            return .reply(201, #"{"ID":"id-\#(name)"}"#)
        default:
            contents.secrets = contents.secrets.filter { $0.value != words.last ?? "" }
            return .reply(204, "")
        }
    }

    private static func list(_ parts: [String]) -> String { "[\(parts.joined(separator: ","))]" }
}

/// Labels in the order in which the engine lists them. They are no dictionary: hashing them could take for ever.
typealias StubLabels = KeyValuePairs<String, String>

/// A service of a Swarm.
struct StubService: Sendable {
    var name: String
    var id: String
    var labels: StubLabels
    var containerLabels: StubLabels
    var image = "web:1"
    /// As JSON.
    var mounts = "[]"

    /// - Parameter id: the name unless said.
    init(_ name: String, id: String? = nil, _ labels: StubLabels = [:], containerLabels: StubLabels = [:]) {
        (self.name, self.id) = (name, id ?? name)
        (self.labels, self.containerLabels) = (labels, containerLabels)
    }

    var json: String {
        let container = #"{"Image":\#(quoted(image)),"Labels":\#(object(containerLabels)),"Mounts":\#(mounts)}"#
        let spec =
            #"{"Name":\#(quoted(name)),"Labels":\#(object(labels)),"TaskTemplate":{"ContainerSpec":\#(container)}}"#
        return #"{"ID":\#(quoted(id)),"Version":{"Index":7},"Spec":\#(spec)}"#
    }
}

/// A container of a plain engine, which is restarted when it ends unless it ends at a signal.
struct StubContainer: Sendable {
    var name: String
    var id: String
    var labels: StubLabels
    var state = "running"
    var image = "proxy:1"
    /// What it ends with at a signal; nil where it goes on.
    var exit: Int?
    /// As JSON.
    var mounts = "[]"

    /// - Parameter id: the name unless said.
    init(_ name: String, id: String? = nil, _ labels: StubLabels = [:]) {
        (self.name, self.id, self.labels) = (name, id ?? name, labels)
    }

    var json: String {
        #"{"Id":\#(quoted(id)),"Names":[\#(quoted("/" + name))],"Labels":\#(object(labels)),"State":\#(quoted(state)),"#
            + #""Mounts":\#(mounts)}"#
    }

    /// As `docker inspect` has it.
    func details(hasEnded: Bool) -> String {
        let config = #"{"Image":\#(quoted(image)),"Labels":\#(object(labels))}"#
        let end = exit.map { #","Running":\#(!hasEnded),"ExitCode":\#(hasEnded ? $0 : 0)"# } ?? ""
        return #"{"State":{"StartedAt":"2026-01-01T00:00:00Z"\#(end)},"Image":"sha256:1","Config":\#(config),"#
            + #""HostConfig":{"RestartPolicy":{"Name":"\#(exit == nil ? "always" : "no")"}}}"#
    }
}

/// An ID as a Swarm gives it.
func swarmID(_ number: Int) -> String {
    let digits = String(number, radix: 36)
    return String(digits.reversed()) + String(repeating: "0", count: 25 - digits.utf8.count)
}

private func object(_ labels: StubLabels) -> String {
    "{\(labels.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ","))}"
}

/// A text as JSON, byte by byte: whatever its characters are, that takes no longer than it is.
func quoted(_ text: String) -> String {
    var bytes = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        case ..<0x20: bytes += Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
        default: bytes.append(byte)
        }
    }
    return String(decoding: bytes + [UInt8(ascii: "\"")], as: UTF8.self)
}
