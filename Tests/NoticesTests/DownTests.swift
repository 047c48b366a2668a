import Emulators
@testable import HTTPServer
import Log
import Model
import Notices
import Ports
import Recording
import State
import TestSupport
import Testing

/// Slack as it is emulated, with Slack's own pace, in time that passes only when nobody has anything to do.
@Suite struct DownTests {
    private let time = NoticeFixture.time
    private let slack: SlackEmulator
    private let fixture: NoticeFixture

    init() throws {
        slack = SlackEmulator(token: Secret("xoxb-secret"), channels: ["#ops"], clock: time)
        slack.settings.gap = .seconds(1)
        let bot = SlackNotifier(
            .bot(token: Secret("xoxb-secret"), channel: "#ops", name: "Landfall", icon: nil, url: "http://slack/api"),
            transport: Wire(slack)
        )
        fixture = try NoticeFixture(bot, time: time)
    }

    /// Says a number every `pause` seconds, while `effect` is all that Slack does for an hour; returns what came in the end.
    private func said(during effect: Fault.Effect, every pause: Int = 60) throws -> [String] {
        try fixture.run { [fixture, slack] stage in
            stage.announce([])
            await fixture.sleep(10)
            slack.faults.add(Fault(effect))
            for number in 1...(3600 / pause) {
                stage.announce([.news("a", "\(number)")])
                await fixture.sleep(pause)
            }
            slack.faults.clear()
            await fixture.sleep(600)
        }
        return slack.messages.dropFirst().map { String($0.text.split(separator: "\n").last ?? "") }
    }

    private static let all = (1...60).map { "• a is \($0)" }

    @Test func `down for an hour`() throws {
        #expect(try said(during: .reset) == Self.all)
    }

    @Test func `hanging for an hour`() throws {
        #expect(try said(during: .hang) == Self.all)
    }

    @Test func `refusing for an hour`() throws {
        #expect(try said(during: .error(status: 200, code: 0, message: "token_revoked")) == Self.all)
    }

    @Test func `limiting for an hour`() throws {
        let effect = Fault.Effect.error(status: 429, code: 0, message: "ratelimited", retryAfter: 30)
        #expect(try said(during: effect) == Self.all)
        // Every pause was kept.
        let times = slack.log.requests.filter { $0.status == 429 }.map(\.time)
        #expect(times.count == 120)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= .seconds(30) })
    }

    @Test func `an answer that is lost makes a message come twice, under one name, and loses none`() throws {
        slack.faults.add(Fault(.lostAnswer, after: 1, times: 1))
        try fixture.run { [fixture] stage in
            stage.announce([])
            for number in 1...3 { stage.announce([.news("a", "\(number)")]) }
            await fixture.sleep(60)
        }
        #expect(slack.messages.map { $0.text.suffix(1) } == ["*", "1", "1", "2", "3"])
        #expect(slack.messages[1].metadata == slack.messages[2].metadata)
        #expect(Set(slack.messages.map(\.metadata)).count == 4)
    }

    @Test func `a burst never meets Slack's limit`() throws {
        try fixture.run { [fixture] stage in
            for number in 1...30 { stage.announce([.news("a", "\(number)")]) }
            await fixture.sleep(60)
        }
        #expect(slack.log.requests.count == 30 && slack.log.requests.allSatisfy { $0.status == 200 })
    }

    @Test func `one that hangs delays neither the run nor the others`() throws {
        let mailbox = Mailbox(time)
        slack.faults.add(Fault(.hang))
        let state = try StateStore.inMemory()
        let bot = SlackNotifier(
            .bot(token: Secret("xoxb-secret"), channel: "#ops", name: "Landfall", icon: nil, url: "http://slack/api"),
            transport: Wire(slack)
        )
        let stage = NoticeStage(
            workers: [bot as any Notifier, mailbox].map { notifier in
                OutboxWorker(
                    notifier,
                    atLeast: .info,
                    instance: "test",
                    state: state,
                    clock: time,
                    randomness: FixedRandomness(),
                    log: .silent
                )
            },
            state: state,
            clock: time,
            log: .silent
        )
        let elapsed = try time.run { [time] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await stage.run() }
                stage.announce([])
                await mailbox.notices.wait(for: 1)
                let elapsed = time.uptime
                group.cancelAll()
                return elapsed
            }
        }
        #expect(elapsed == .zero)
        #expect(slack.log.requests.count == 1)
    }
}

/// Brings requests to an emulator, without a network between.
private struct Wire: HTTPTransport {
    let handler: HTTPServer.Handler

    init(_ emulator: some Emulator) { handler = emulator.handler }

    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        let path = request.url.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }
        let headers = Dictionary(request.headers.map { ($0.name.lowercased(), $0.value.revealed) }) { $1 }
        let heard = ServerRequest(
            method: request.method.rawValue,
            path: String(path),
            query: [:],
            headers: headers,
            body: request.body ?? []
        )
        let response = await handler(heard)
        guard response.status > 0 else { throw .broken("the connection was reset") }
        let names = response.headers.map { ($0.key.lowercased(), $0.value) }
        return HTTPResponse(status: response.status, headers: Dictionary(names) { $1 }, body: response.body)
    }

    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        throw .broken("there are no streams here")
    }
}
