import Log
import Model
import Notices
import Ports
import Recording
import State
import Synchronization
import TestSupport
import Testing

@Suite struct HeartbeatTests {
    private let time = NoticeFixture.time
    private let asked = Asked()
    private let logged = AsyncCollector<String>()

    /// What is asked for while these runs end, ten seconds apart.
    private func beats(_ url: String, runs: [Bool], after: Int = 60) throws -> [String] {
        let state = try StateStore.inMemory()
        let log = Logger(
            level: .info,
            format: .text,
            now: { [time] in time.now },
            write: { [logged] in logged.add($0) }
        )
        let heartbeat = Heartbeat(Secret(url), transport: asked, clock: time, randomness: FixedRandomness(), log: log)
        let stage = NoticeStage(heartbeat: heartbeat, state: state, clock: time, log: log)
        try time.run { [time] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await stage.run() }
                for isClean in runs {
                    stage.announce([], isClean: isClean)
                    try? await time.sleep(for: .seconds(10))
                }
                try? await time.sleep(for: .seconds(after))
                group.cancelAll()
            }
        }
        return asked.urls.all
    }

    @Test func `every run is reported, and a failed one with /fail`() throws {
        let url = "https://hc.example.test/ping/0d338dcc"
        #expect(try beats(url, runs: [true, false, true]) == [url, url + "/fail", url])
    }

    @Test func `what comes behind the path stays there`() throws {
        let urls = try beats("https://hc.example.test/ping/0d33?create=1", runs: [false])
        #expect(urls == ["https://hc.example.test/ping/0d33/fail?create=1"])
    }

    @Test func `Uptime Kuma gets its own parameters`() throws {
        let url = "https://kuma.example.test/api/push/abc?status=up&msg=OK&ping="
        #expect(try beats(url, runs: [true, false]) == [url, url.replacing("status=up", with: "status=down")])
    }

    @Test
    func `what does not get through is tried twice more, unless another run ended; its address is in no text`()
        throws
    {
        asked.fail(.unreachable("no route"))
        let url = "https://hc.example.test/ping/0d338dcc"
        #expect(try beats(url, runs: [true]) == [url, url, url])
        #expect(logged.all.count == 1 && !logged.all[0].contains("hc.example"))
    }

    @Test func `only the last run matters`() throws {
        asked.fail(.unreachable("no route"))
        let urls = try beats("https://hc.example.test/p", runs: [true, false, false, false], after: 200)
        #expect(urls.filter { !$0.hasSuffix("/fail") }.count < 4)
        #expect(urls.last?.hasSuffix("/fail") == true)
    }
}

private final class Asked: HTTPTransport {
    let urls = AsyncCollector<String>()
    private let failure = Mutex<TransportError?>(nil)

    func fail(_ error: TransportError) { failure.withLock { $0 = error } }

    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        urls.add(request.url)
        if let failure = failure.withLock(\.self) { throw failure }
        return HTTPResponse(status: 200)
    }

    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        throw .broken("there are no streams here")
    }
}
