import Configuration
import Delivery
import Discovery
import Docker
import Files
import Model
import Ports
import System
import Timing
import Transport

extension DependencyCheck {
    func checkEngine() async -> [Finding] {
        // What would change something is sent too, in a form in which it cannot.
        let engine = EngineClient(configuration.engine, transport: CurlTransport.landfall(configuration))
        do throws(EngineError) {
            let version = try await engine.negotiate()
            let mode = try await engine.mode()
            let product = (try? await engine.product()) ?? "an engine of an unknown kind"
            let text = "\(product), \(mode), API \(version), at \(configuration.engine)"
            if let reason = mode.unreadableReason { return [Finding("Docker", .failed, "\(text): \(reason)")] }
            let isSwarm = mode != .plain
            async let calls = checkCalls(engine, isSwarm: isSwarm)
            async let nodes = isSwarm && needsHelpers ? checkNodes(engine) : []
            return await [Finding("Docker", .ok, text)] + calls + nodes
        } catch {
            return [Finding("Docker", .failed, "\(error)")]
        }
    }

    private var sendsSignals: Bool { configuration.signals.isOn && !configuration.isDryRun }
    private var needsHelpers: Bool { sendsSignals && configuration.signals.rules.isCrossNode }

    /// Checks that every request which the configuration needs is let through to the engine.
    private func checkCalls(_ engine: EngineClient, isSwarm: Bool) async -> [Finding] {
        let nowhere = "landfall-check-\(SystemRandomness().token(bytes: 8, for: .run))"
        let readsEnvironments = configuration.discovery.sources.names.contains(.nginxProxy)
        var attempts = EngineAttempt.discovery(inSwarm: isSwarm, inspecting: readsEnvironments ? nowhere : nil)
        if sendsSignals {
            attempts += EngineAttempt.signals(to: nowhere)
            if isSwarm, needsHelpers { attempts += EngineAttempt.helpers(nowhere) }
            if isSwarm, await requestsSecrets(engine) { attempts += EngineAttempt.secrets(nowhere) }
        }
        var refusals = await engine.refusals(of: attempts)
        do throws(EngineError) {
            // Closed again at once.
            _ = try await engine.events(isSwarm ? .all : .containers, since: SystemClock().now)
        } catch {
            refusals.append(error)
        }
        let count = attempts.count + 1
        let ok = Finding(
            "engine calls",
            .ok,
            "the \(count) kinds of request that this configuration needs are let through"
        )
        let findings = refusals.isEmpty ? [ok] : refusals.map { Finding("engine calls", .failed, "\($0)") }
        guard sendsSignals, !isSwarm, await signalsByPrograms(engine) else { return findings }
        return findings
            + (await engine.refusals(of: EngineAttempt.programs(in: nowhere)).prefix(1)).map { refusal in
                let text =
                    "containers with a restart policy get their signals from the engine, which takes that for a stop by hand"
                return Finding("signals by a shell", .notTried, "\(text): \(refusal)")
            }
    }

    private func requestsSecrets(_ engine: EngineClient) async -> Bool {
        let services = (try? await engine.services()) ?? []
        return services.contains { $0.labels[SecretStage.label] != nil }
    }

    /// Whether a signal that the engine sends would cost a container its restarts.
    private func signalsByPrograms(_ engine: EngineClient) async -> Bool {
        let containers = (try? await engine.containers(includingStopped: false)) ?? []
        let labels = configuration.signals.rules.labels
        for container in containers.filter({ container in labels.contains { container.labels[$0] != nil } }).prefix(20)
        {
            let signal = labels.compactMap { container.labels[$0] }.first ?? ""
            if let details = try? await engine.container(container.id),
                details.losesRestart(byKill: SignalName(signal)?.description ?? "")
            {
                return true
            }
        }
        return false
    }

    /// Checks the other nodes, and the image that carries signals to them.
    private func checkNodes(_ engine: EngineClient) async -> [Finding] {
        do throws(EngineError) {
            let nodes = try await engine.nodes()
            let (_, here) = try await engine.position()
            let texts = nodes.map { node in
                let architecture = node.architecture.map { " (\(sanitized($0, limit: 20)))" } ?? ""
                return node.unreachableReason(among: nodes) ?? "\(node.name(among: nodes))\(architecture)"
            }
            let others = nodes.filter { $0.id != here }
            let finding = Finding("nodes", .ok, texts.joined(separator: ", "))
            guard !others.isEmpty else { return [finding] }
            return [finding, await checkImage(engine, for: others, among: nodes)]
        } catch {
            return [Finding("nodes", .failed, "\(error)")]
        }
    }

    private func checkImage(_ engine: EngineClient, for others: [Node], among nodes: [Node]) async -> Finding {
        let subject = "helper image"
        let name: String
        do throws(HelperImage.Missing) {
            let named = configuration.signals.rules.helperImage
            name = try await HelperImage(named: named, files: SystemFiles()).find(engine)
        } catch {
            return Finding(subject, .failed, "containers on other nodes cannot be signalled: \(error.reason)")
        }
        guard !name.contains("@") else { return Finding(subject, .ok, "\(name), by its digest") }
        guard let own = try? await engine.image(name).architecture else {
            return Finding(
                subject,
                .notTried,
                "\(name), which this node does not have; the others have to have it or pull it"
            )
        }
        let foreign = others.filter { node in node.architecture.map { !Self.names(of: own).contains($0) } ?? false }
        guard !foreign.isEmpty else {
            return Finding(
                subject,
                .ok,
                "\(name); it has no digest, so each node has to have it or pull it under this name"
            )
        }
        let list = foreign.map { "\($0.name(among: nodes)) (\($0.architecture ?? ""))" }.joined(separator: ", ")
        return Finding(
            subject,
            .failed,
            "\(name) has no digest, and is here for \(own) only; \(list) cannot run it",
            fix: "push an image for all platforms to a registry and set LANDFALL_HELPER_IMAGE to it, "
                + "or give those nodes one of their own under this name"
        )
    }

    /// What the kernel calls an architecture of an image.
    private static func names(of architecture: String) -> [String] {
        switch architecture {
        case "amd64": ["x86_64", "amd64"]
        case "arm64": ["aarch64", "arm64"]
        case "386": ["i386", "i686", "386"]
        case "arm": ["armv6l", "armv7l", "arm"]
        default: [architecture]
        }
    }
}
