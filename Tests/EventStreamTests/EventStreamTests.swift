import EventStream
import Model
import Ports
import TestSupport
import Testing
import Timing

@Suite(.limited(minutes: 1)) struct EventStreamTests {
    @Test func `events become triggers; the first subscription is none`() async throws {
        let fixture = try EventStreamFixture()
        let stream = await fixture.stream(1)
        stream.send(
            event("create", "web", time: 1) + event("update", "web", time: 2)
                + event("create", "landfall-signal-1", time: 3)
        )
        stream.send(event("remove", "api", time: 4))
        let triggers = await fixture.triggers.wait(for: 3)
        #expect(triggers.map(\.description) == ["service create web", "service update web", "service remove api"])
        #expect(fixture.subscriptions().first?.contains("since=1795485783.000000000&") == true)
        await fixture.end()
    }

    @Test func `a reconnection resumes before the last event, and what is replayed triggers nothing`() async throws {
        let fixture = try EventStreamFixture()
        let first = await fixture.stream(1)
        fixture.clock.setNow(Timestamp(seconds: 1_795_485_801))
        first.send(event("create", "web", time: 1_795_485_800_000_000_007))
        await fixture.triggers.wait(for: 1)
        first.cut()
        await fixture.passWait(1)
        let second = await fixture.stream(2)
        second.send(event("create", "web", time: 1_795_485_800_000_000_007))
        // A manager that restarted sends what is old and yet unseen.
        second.send(event("update", "old", time: 1_700_000_000_000_000_000))
        let triggers = await fixture.triggers.wait(for: 3)
        #expect(triggers.dropFirst().map(\.description) == ["reconnected to the engine", "service update old"])
        #expect(fixture.subscriptions().last?.contains("since=1795485790.000000007&") == true)
        await fixture.end()
    }

    @Test func `an engine that was away at the start is a trigger once it is there`() async throws {
        let fixture = try EventStreamFixture(isRefusing: true)
        await fixture.passWait(1)
        await fixture.clock.sleeps.wait(for: 2)
        fixture.set(refusing: false)
        await fixture.passWait(2)
        #expect(await fixture.triggers.wait(for: 1).map(\.reason) == ["reconnected to the engine"])
        await fixture.end()
    }

    @Test func `an engine that is away is said once, and once when it is back`() async throws {
        let fixture = try EventStreamFixture()
        let first = await fixture.stream(1)
        fixture.set(refusing: true)
        first.end()
        for number in 1...12 { await fixture.passWait(number) }
        await fixture.clock.sleeps.wait { $0.count >= 14 }
        fixture.set(refusing: false)
        await fixture.passWait(13)
        #expect(await fixture.triggers.wait(for: 1).map(\.reason) == ["reconnected to the engine"])
        #expect(fixture.lines(saying: "lost the Docker engine's events") == 1)
        #expect(fixture.lines(saying: "following the Docker engine's events") == 2)
        #expect(fixture.lines(saying: "disconnected=4 min") == 1)
        await fixture.end()
    }

    @Test func `waits between tries double up to half a minute, and begin small after a minute of health`() async throws
    {
        let fixture = try EventStreamFixture()
        for (number, ceiling) in zip(1..., [0.5, 1, 2, 4, 8, 16, 30, 30]) {
            await fixture.stream(number).cut()
            let wait = await fixture.passWait(number)
            #expect(wait < .seconds(ceiling) && wait > .seconds(ceiling * 0.99))
        }
        let ninth = await fixture.stream(9)
        for number in 9...12 { await fixture.passWatch(number) }
        ninth.cut()
        #expect(await fixture.passWait(9) < .milliseconds(500))
        _ = await fixture.stream(10)
        await fixture.end()
    }

    @Test func `a daemon that hangs is left and subscribed to anew`() async throws {
        let fixture = try EventStreamFixture(pingLimit: .milliseconds(50))
        _ = await fixture.stream(1)
        fixture.set(hung: true)
        await fixture.passWatch(1)
        await fixture.lines.wait { $0.contains { $0.contains("answers no ping") } }
        fixture.set(hung: false)
        await fixture.passWait(1)
        #expect(await fixture.triggers.wait(for: 1).last?.reason == "reconnected to the engine")
        await fixture.end()
    }

    @Test func `a quiet healthy stream is left alone`() async throws {
        let fixture = try EventStreamFixture()
        let stream = await fixture.stream(1)
        for number in 1...41 { await fixture.passWatch(number) }
        stream.send(event("create", "web", time: 1))
        await fixture.triggers.wait(for: 1)
        #expect(fixture.subscriptions().count == 1)
        #expect(fixture.engine.requests.all.count { $0.path == "/_ping" } >= 41)
        await fixture.end()
    }

    @Test func `a Swarm that loses its leader is logged once, and once when it is back`() async throws {
        let fixture = try EventStreamFixture()
        _ = await fixture.stream(1)
        fixture.set(mode: #"{"LocalNodeState":"active","ControlAvailable":true,"Cluster":{"ID":""}}"#)
        for number in 1...4 { await fixture.passWatch(number) }
        await fixture.clock.sleeps.wait { $0.count >= 5 }
        fixture.set(mode: EventStreamFixture.manager)
        await fixture.passWatch(5)
        _ = await fixture.stream(3)
        let triggers = await fixture.triggers.wait(for: 2)
        #expect(triggers.map(\.kind) == [.reconnection, .reconnection])
        #expect(triggers[0].reason.hasSuffix("is a manager of a Swarm without a leader"))
        #expect(triggers[1].reason.hasSuffix("is a Swarm manager of cluster k1"))
        #expect(fixture.lines(saying: "this Swarm has no leader") == 1)
        await fixture.end()
    }

    @Test func `another Swarm is a trigger, and another one once it is believed`() async throws {
        let fixture = try EventStreamFixture()
        _ = await fixture.stream(1)
        fixture.set(mode: #"{"LocalNodeState":"active","ControlAvailable":true,"Cluster":{"ID":"k2"}}"#)
        for number in 1...4 { await fixture.passWatch(number) }
        await fixture.clock.sleepers(1)
        #expect(
            fixture.triggers.all.map(\.reason) == [
                "the engine was a Swarm manager of cluster k1 and is a Swarm manager of cluster k2"
            ]
        )
        await fixture.passWatch(5)
        let triggers = await fixture.triggers.wait(for: 2)
        #expect(triggers[1].reason == "the engine is now a Swarm manager of cluster k2")
        #expect(fixture.lines(saying: "which is another Swarm") == 1)
        for number in 6...7 { await fixture.passWatch(number) }
        await fixture.clock.sleepers(1)
        #expect(fixture.triggers.all.count == 2)
        await fixture.end()
    }

    @Test func `a change of the engine's part is a trigger, and changes what is asked for`() async throws {
        let fixture = try EventStreamFixture()
        _ = await fixture.stream(1)
        fixture.set(mode: #"{"LocalNodeState":"active","ControlAvailable":false}"#)
        await fixture.passWatch(1)
        _ = await fixture.stream(2)
        fixture.set(mode: #"{"LocalNodeState":"inactive"}"#)
        await fixture.passWatch(2)
        _ = await fixture.stream(3)
        let triggers = await fixture.triggers.wait(for: 2)
        #expect(triggers[0].reason == "the engine was a Swarm manager of cluster k1 and is a Swarm worker")
        #expect(triggers[1].reason == "the engine was a Swarm worker and is a plain engine")
        #expect(fixture.subscriptions().map { $0.contains("service") } == [true, true, false])
        #expect(fixture.lines(saying: "run Landfall on a manager") == 1)
        await fixture.end()
    }

    @Test func `the API is negotiated anew with every connection`() async throws {
        let fixture = try EventStreamFixture()
        let first = await fixture.stream(1)
        fixture.set(version: "1.44")
        first.cut()
        await fixture.passWait(1)
        _ = await fixture.stream(2)
        #expect(fixture.subscriptions().map { String($0.prefix(7)) } == ["/v1.41/", "/v1.44/"])
        await fixture.end()
    }

    @Test func `a hang is met with a new try at once, however many went wrong before`() async throws {
        let fixture = try EventStreamFixture(pingLimit: .milliseconds(50))
        for number in 1...7 {
            await fixture.stream(number).cut()
            await fixture.passWait(number)
        }
        _ = await fixture.stream(8)
        fixture.set(hung: true)
        await fixture.passWatch(8)
        #expect(await fixture.passWait(8) < .milliseconds(500))
        await fixture.end()
        // From the last good ping on, in the worst case.
        let policy = ReconnectPolicy()
        #expect(policy.watchInterval + policy.pingLimit * 2 + policy.firstWait < .seconds(45))
    }

    @Test func `on a plain engine the containers that ask for hosts are triggers, those of Compose too`() async throws {
        let fixture = try EventStreamFixture()
        _ = await fixture.stream(1)
        fixture.set(mode: #"{"LocalNodeState":"inactive"}"#)
        await fixture.passWatch(1)
        let stream = await fixture.stream(2)
        let compose = #""com.docker.compose.project":"shop","com.docker.compose.service":"web","#
        for (name, labels) in [("other", #""my.label":"1","#), ("shop-web-1", compose + #""landfall.host":"x","#)] {
            for action in ["create", "start", "rename", "die", "destroy", "exec_start: sh", "kill"] {
                stream.send(
                    #"{"Type":"container","Action":"\#(action)","Actor":{"ID":"\#(name)","Attributes":{\#(labels)"name":"\#(name)"}},"timeNano":1}"#
                        + "\n"
                )
            }
        }
        let triggers = await fixture.triggers.wait(for: 6).dropFirst()
        #expect(triggers.map(\.reason) == ["create", "start", "rename", "die", "destroy"].map { "container \($0)" })
        #expect(Set(triggers.map(\.subject)) == ["shop-web-1"])
        await fixture.end()
    }

    @Test func `lines that are no events do not end the stream`() async throws {
        let fixture = try EventStreamFixture()
        let stream = await fixture.stream(1)
        stream.send("<html>\n" + String(repeating: "x", count: 2 << 20) + "\n" + event("create", "web", time: 1))
        #expect(await fixture.triggers.wait(for: 1).last?.description == "service create web")
        #expect(fixture.lines(saying: "lines of the engine's event stream that are not events") == 1)
        await fixture.end()
    }

    @Test func `a name that steers a terminal is made harmless`() async throws {
        let fixture = try EventStreamFixture()
        await fixture.stream(1).send(event("create", #"a\u001b[31m\nb"#, time: 1))
        #expect(await fixture.triggers.wait(for: 1).last?.subject == "a [31m b")
        await fixture.end()
    }
}
