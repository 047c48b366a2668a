import FoundationEssentials
import HTTPServer

/// The interface by which a test in another process looks at the emulators and steers them. Not part of what is emulated.
///
/// | path | methods |
/// |---|---|
/// | `/NAME/requests` | GET, DELETE |
/// | `/NAME/faults` | GET, POST a fault, DELETE all |
/// | `/cloudflare/settings`, `/address/settings`, `/slack/settings` | GET, PUT |
/// | `/cloudflare/zones/ZONE/state` | PUT |
/// | `/cloudflare/zones/ZONE/records` | GET, POST a draft |
/// | `/cloudflare/zones/ZONE/records/ID` | PATCH, DELETE |
/// | `/slack/messages` | GET, DELETE |
struct EmulatorControlRoutes: Sendable {
    let cloudflare: CloudflareEmulator
    let address: AddressEmulator
    let slack: SlackEmulator
    let webhook: WebhookEmulator

    func answer(_ request: ServerRequest) -> ServerResponse {
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.count >= 2, let name = EmulatorName(rawValue: parts[0]) else { return .notFound }
        let rest = Array(parts.dropFirst())
        switch rest {
        case ["requests"]: return requests(of: emulator(name), request)
        case ["faults"]: return faults(of: emulator(name), request)
        default: break
        }
        switch name {
        case .cloudflare: return cloudflare(rest, request)
        case .address: return rest == ["settings"] ? settings(request, address, \.settings) : .notFound
        case .slack: return slack(rest, request)
        case .webhook: return .notFound
        }
    }

    private func emulator(_ name: EmulatorName) -> any Emulator {
        switch name {
        case .cloudflare: cloudflare
        case .address: address
        case .slack: slack
        case .webhook: webhook
        }
    }

    private func requests(of emulator: any Emulator, _ request: ServerRequest) -> ServerResponse {
        switch request.method {
        case "GET": return .json(emulator.log.requests)
        case "DELETE":
            emulator.log.clear()
            return .done
        default: return .notFound
        }
    }

    private func faults(of emulator: any Emulator, _ request: ServerRequest) -> ServerResponse {
        switch request.method {
        case "GET": return .json(emulator.faults.all)
        case "DELETE":
            emulator.faults.clear()
            return .done
        case "POST": return with(request, Fault.self) { emulator.faults.add($0) }
        default: return .notFound
        }
    }

    private func slack(_ parts: [String], _ request: ServerRequest) -> ServerResponse {
        switch (request.method, parts) {
        case (_, ["settings"]): return settings(request, slack, \.settings)
        case ("GET", ["messages"]): return .json(slack.messages)
        case ("DELETE", ["messages"]):
            slack.clearMessages()
            return .done
        default: return .notFound
        }
    }

    private func cloudflare(_ parts: [String], _ request: ServerRequest) -> ServerResponse {
        if parts == ["settings"] { return settings(request, cloudflare, \.settings) }
        guard parts.count >= 3, parts[0] == "zones" else { return .notFound }
        let zone = parts[1]
        if parts[2] == "state", request.method == "PUT" {
            return with(request, CloudflareZone.State.self) { state in cloudflare.set(zone) { $0 = state } }
        }
        guard parts[2] == "records" else { return .notFound }
        switch (request.method, parts.count) {
        case ("GET", 3): return .json(cloudflare.records(in: zone))
        case ("POST", 3):
            return record(request) { draft throws(CloudflareRefusal) in try cloudflare.put(draft, in: zone) }
        case ("PATCH", 4):
            return record(request) { draft throws(CloudflareRefusal) in
                try cloudflare.patch(parts[3], with: draft, in: zone)
            }
        case ("DELETE", 4):
            return refusable { () throws(CloudflareRefusal) in try cloudflare.remove(parts[3], in: zone) }
        default: return .notFound
        }
    }
}

extension EmulatorControlRoutes {
    private func record(
        _ request: ServerRequest,
        _ body: (RecordDraft) throws(CloudflareRefusal) -> CloudflareRecord
    ) -> ServerResponse {
        guard let draft = try? JSONDecoder().decode(RecordDraft.self, from: Data(request.body)) else {
            return .unreadable
        }
        return refusable { () throws(CloudflareRefusal) in try body(draft) }
    }

    private func refusable(_ body: () throws(CloudflareRefusal) -> CloudflareRecord) -> ServerResponse {
        do throws(CloudflareRefusal) {
            return .json(try body())
        } catch {
            return .text("\(error)\n", status: 400)
        }
    }

    private func settings<Owner: AnyObject, Value: Codable>(
        _ request: ServerRequest,
        _ owner: Owner,
        _ path: ReferenceWritableKeyPath<Owner, Value>
    ) -> ServerResponse {
        switch request.method {
        case "GET": .json(owner[keyPath: path])
        case "PUT": with(request, Value.self) { owner[keyPath: path] = $0 }
        default: .notFound
        }
    }

    private func with<Body: Decodable>(
        _ request: ServerRequest,
        _ type: Body.Type,
        _ work: (Body) -> Void
    ) -> ServerResponse {
        guard let body = try? JSONDecoder().decode(type, from: Data(request.body)) else { return .unreadable }
        work(body)
        return .done
    }
}

extension ServerResponse {
    fileprivate static let done = ServerResponse(status: 204)
    fileprivate static let notFound = ServerResponse.text("no such thing to control\n", status: 404)
    fileprivate static let unreadable = ServerResponse.text("the body is not what is expected here\n", status: 400)
}
