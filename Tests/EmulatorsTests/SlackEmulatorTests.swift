import Emulators
import FoundationEssentials
import Model
import Ports
import TestSupport
import Testing

@Suite struct SlackEmulatorTests {
    private struct Answer: Decodable {
        let ok: Bool
        let error: String?
        let ts: String?
        let channel: String?
    }

    private let clock = TestClock()
    private let emulator: SlackEmulator
    private let served: Served

    init() throws {
        emulator = SlackEmulator(token: Secret("xoxb-secret"), channels: ["#ops"], clock: clock)
        served = try Served(emulator)
    }

    private func post(_ body: String, token: String? = "xoxb-secret") async throws -> (HTTPResponse, Answer) {
        var headers = ["Content-Type": "application/json; charset=utf-8"]
        headers["Authorization"] = token.map { "Bearer " + $0 }
        let response = try await served.send(.post, "/api/chat.postMessage", headers: headers, body)
        return (response, try JSONDecoder().decode(Answer.self, from: Data(response.body)))
    }

    @Test func `a message arrives with its bot's name, and gets a ts of its own`() async throws {
        let first = try await post(
            ##"{"channel":"#ops","text":"one","username":"Landfall","icon_emoji":":ship:","icon_url":"https://i"}"##
        )
        #expect((first.0.status, first.1.ok, first.1.channel) == (200, true, "#ops"))
        _ = try await post(##"{"channel":"#ops","text":"two"}"##)
        let messages = emulator.messages
        #expect(messages.map(\.text) == ["one", "two"])
        #expect(
            (messages[0].username, messages[0].iconEmoji, messages[0].iconURL) == ("Landfall", ":ship:", "https://i")
        )
        #expect(first.1.ts == messages[0].ts)
        #expect(Set(messages.map(\.ts)).count == 2)
    }

    @Test(
        arguments: [
            (##"{"channel":"#ops","text":"x"}"##, "wrong", "invalid_auth"),
            (##"{"channel":"#ops","text":"x"}"##, nil, "not_authed"),
            (##"{"channel":"#other","text":"x"}"##, "xoxb-secret", "channel_not_found"),
            ("{", "xoxb-secret", "invalid_form_data"),
            (##"{"channel":"#ops","text":""}"##, "xoxb-secret", "no_text"),
            (##"{"text":"x"}"##, "xoxb-secret", "channel_not_found"),
        ] as [(String, String?, String)]
    )
    func `an error is a 200 that is not ok`(body: String, token: String?, error: String) async throws {
        let (response, answer) = try await post(body, token: token)
        #expect((response.status, answer.ok, answer.error) == (200, false, error))
        #expect(emulator.messages.isEmpty)
        #expect(!"\(emulator.log.requests)".contains("xoxb"))
    }

    @Test func `a channel that is written to too fast answers 429 until its time is over`() async throws {
        emulator.settings.gap = .seconds(2)
        let body = ##"{"channel":"#ops","text":"x"}"##
        #expect(try await post(body).1.ok)
        let (response, answer) = try await post(body)
        #expect((response.status, response.headers["retry-after"], answer.error) == (429, "2", "ratelimited"))
        clock.advance(by: .seconds(2))
        #expect(try await post(body).1.ok)
        #expect(emulator.messages.count == 2)
    }

    @Test func `the incoming webhook answers ok`() async throws {
        let response = try await served.send(.post, SlackEmulator.webhookPath, #"{"text":"hello"}"#)
        #expect((response.status, response.text) == (200, "ok"))
        #expect(emulator.messages.map(\.text) == ["hello"])
        #expect(try await served.send(.post, SlackEmulator.webhookPath, "{}").text == "no_text")
        #expect(try await served.send(.post, SlackEmulator.webhookPath, "hello").text == "invalid_payload")
        #expect(try await served.send(.post, "/services/T/B/other", #"{"text":"hello"}"#).status == 404)
    }

    @Test func `a token can be asked about`() async throws {
        let headers = ["Authorization": "Bearer xoxb-secret"]
        #expect(try await served.send(.get, "/api/auth.test", headers: headers, "").text.contains(#""ok":true"#))
        #expect(try await served.send(.get, "/api/auth.test", "").text.contains("not_authed"))
    }

    @Test func `faults speak Slack's words`() async throws {
        let fault = Fault(.error(status: 200, code: 0, message: "account_inactive"), times: 1)
        emulator.faults.add(fault)
        let body = ##"{"channel":"#ops","text":"x"}"##
        #expect(try await post(body).1.error == "account_inactive")
        emulator.faults.add(Fault(.error(status: 429, code: 0, message: "ratelimited"), times: 1))
        #expect(try await post(body).0.headers["retry-after"] == "1")
        #expect(try await post(body).1.ok)
    }
}
