import Delivery
import Docker
import Report
import TestSupport
import Testing

/// Signals to other nodes, by a helper service whose tasks end, fail or hang there.
@Suite(.limited(minutes: 1)) struct RemoteDeliveryTests {
    private static let removal = "DELETE /services/h1"

    @Test func `each node tells what became of its containers, and the helper goes`() async throws {
        let nodes = try Nodes([.init(id: "w1"), .init(id: "w2", says: "gone"), .init(id: "w3", says: "not running")])
        #expect(try await nodes.run() == ["w1": .signalled, "w2": .gone, "w3": .notRunning])
        // The first replica alone, and then the others.
        #expect(nodes.acts == ["POST /services/create", Self.removal, "POST /services/create", Self.removal])
        // Those that were gone or not running are tried again.
        #expect(try await Set(nodes.run().keys) == ["w2", "w3"])
    }

    @Test func `a helper has as little power as it can have, and names containers`() async throws {
        let nodes = try Nodes(
            [.init(id: "w1"), .init(id: "w2"), .init(id: "w3")],
            login: RegistryLogin("robot:secret")
        )
        _ = try await nodes.run()
        let helper = try #require(nodes.helpers.last)
        for part in [
            #""Args":["signal","c-w2=HUP","c-w3=HUP"]"#, #""CapabilityDrop":["ALL"]"#, #""ReadOnly":true"#,
            #""User":"0""#, #""Mode":{"Global":{}}"#, #""RestartPolicy":{"Condition":"none"}"#,
            #""LogDriver":{"Name":"json-file"}"#, #""Image":"registry.test/landfall@sha256:1""#,
            #""landfall.helper":"default""#, #""landfall.helper.nonce":""#,
        ] {
            #expect(helper.body.contains(part), "\(part)")
        }
        #expect(!helper.body.contains("landfall.signal\""))
        #expect(helper.head.lowercased().contains("x-registry-auth: "))
        #expect(!helper.head.contains("secret"))
    }

    @Test func `what is on this node alone takes no helper`() async throws {
        let nodes = try Nodes([.init(id: "m")])
        #expect(try await nodes.run().isEmpty)
        #expect(nodes.acts.isEmpty)
    }

    @Test func `nodes that take no task are named, and nothing is started for them`() async throws {
        let nodes = try Nodes([
            .init(id: "w1", state: "down"), .init(id: "w2", availability: "pause"),
            .init(id: "w3", availability: "drain"),
        ])
        let results = try await nodes.run()
        #expect(results["w1"] == .pending("node host-w1 is down"))
        #expect(results["w3"] == .pending("node host-w3 is drained"))
        #expect(results["w2"]?.result == .pending)
        let paused = try #require(results["w2"]?.reason)
        #expect(paused == "node host-w2 is paused; `docker node update --availability active w2` ends that")
        #expect(nodes.acts.isEmpty)
        // They are caught up when they are back.
        nodes.set { $0 = [.init(id: "w1"), .init(id: "w2"), .init(id: "w3")] }
        #expect(try await nodes.run() == ["w1": .signalled, "w2": .signalled, "w3": .signalled])
    }

    @Test func `a node that hangs is named after a minute, and costs the others nothing`() async throws {
        let nodes = try Nodes([.init(id: "w1"), .init(id: "w2", task: "assigned", says: nil)])
        async let run = nodes.run()
        for _ in 0..<6 {
            await nodes.clock.sleepers(1)
            nodes.clock.advance(by: .seconds(10))
        }
        let results = try await run
        #expect(results["w1"] == .signalled)
        #expect(results["w2"]?.result == .pending)
        let reason = try #require(results["w2"]?.reason)
        #expect(reason.contains("host-w2") && reason.contains("`assigned`"))
        #expect(nodes.acts.last == Self.removal)

        // Events do not try it again, a run of everything does.
        let before = nodes.acts.count
        let owed = "node host-w2 did not answer in time; tried again within the interval"
        #expect(try await nodes.run(retriesSilent: false) == ["w2": .pending(owed)])
        #expect(nodes.acts.count == before)
        nodes.set { $0[1] = .init(id: "w2") }
        #expect(try await nodes.run() == ["w2": .signalled])
    }

    @Test func `a node that goes down meanwhile is not waited for`() async throws {
        let nodes = try Nodes([.init(id: "w1", task: "assigned", says: nil)])
        async let run = nodes.run()
        await nodes.clock.sleepers(1)
        nodes.set { $0[0].state = "down" }
        nodes.clock.advance(by: .seconds(2))
        #expect(try await run == ["w1": .pending("node host-w1 is down")])
        #expect(nodes.acts.last == Self.removal)
    }

    @Test func `a node that cannot start the helper says why`() async throws {
        let nodes = try Nodes([.init(id: "w1", task: "rejected", error: "No such image: landfall", says: nil)])
        let results = try await nodes.run()
        #expect(results == ["w1": .pending("the helper could not run on node host-w1: No such image: landfall")])
    }

    @Test func `where the first replica ends at its signal, no other node gets one`() async throws {
        let nodes = try Nodes([.init(id: "w1", says: "ended"), .init(id: "w2"), .init(id: "w3")])
        let results = try await nodes.run()
        #expect(results.mapValues(\.result) == ["w1": .ended, "w2": .heldBack, "w3": .heldBack])
        #expect(nodes.helpers.count == 1)
        #expect(try await nodes.run().isEmpty)
        #expect(nodes.helpers.count == 1)
    }

    @Test func `nodes that share a host's name are told apart by their IDs`() async throws {
        let nodes = try Nodes([
            .init(id: "w1", state: "down", host: "twin"), .init(id: "w2", availability: "drain", host: "twin"),
        ])
        let results = try await nodes.run()
        #expect(results == ["w1": .pending("node twin (w1) is down"), "w2": .pending("node twin (w2) is drained")])
    }

    @Test func `nothing is pending for tasks that a Swarm keeps on a node that was removed`() async throws {
        let nodes = try Nodes([.init(id: "w1"), .init(id: "gone", isRemoved: true)])
        #expect(try await nodes.run() == ["w1": .signalled])
        #expect(try await nodes.run().isEmpty)
    }

    @Test func `a run that is cancelled takes its helper along`() async throws {
        let nodes = try Nodes([.init(id: "w1", task: "assigned", says: nil)])
        let run = Task { try await nodes.run() }
        await nodes.clock.sleepers(1)
        run.cancel()
        _ = try await run.value
        #expect(nodes.acts.last == Self.removal)
    }
}
