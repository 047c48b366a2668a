import FoundationEssentials
import Model
import Ports
import Recording
import Testing

@Suite struct FormatTests {
    @Test(arguments: [
        Line.blob(Blob(number: 3, content: .bytes([0xFF, 0x00]))),
        .stream(StreamPart(at: 5, stream: 1, content: .line(json: #"{"Type":"service"}"#))),
        .arrival(
            Arrival(
                at: 7,
                content: .hook(lineage: "a.example", action: "auth", domain: "a.example", validation: "v", remaining: 0)
            )
        ),
        .gap(Gap(at: 9, reason: "the disk is full")),
        .exchange(
            Exchange(
                at: 1,
                took: 2,
                scope: "engine",
                occurrence: 1,
                call: .http(
                    HTTPCall(
                        method: "GET",
                        url: "http://docker/info",
                        body: nil,
                        answer: .failure(TransportFailure(.unreachable("refused", socket: .deserted)))
                    )
                )
            )
        ),
        .exchange(
            Exchange(
                at: 1,
                took: 2,
                scope: "zone a.example",
                occurrence: 1,
                call: .update(
                    UpdateCall(
                        .transfer,
                        server: "192.0.2.1:53",
                        message: "a.example",
                        answer: .failure(.refused(code: 9, keyError: 17))
                    )
                )
            )
        ),
        .exchange(
            Exchange(
                at: 1,
                took: 2,
                scope: "zone a.example",
                occurrence: 1,
                call: .update(UpdateCall(.update, server: "192.0.2.1:53", message: "zone a", answer: .value(.done)))
            )
        ),
    ])
    func `a line survives being written and read`(line: Line) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let written = try encoder.encode(line)
        let again = try encoder.encode(JSONDecoder().decode(Line.self, from: written))
        #expect(written == again)
        #expect(!written.contains(UInt8(ascii: "\n")))
    }

    @Test(arguments: [
        TransportError.timedOut(after: .seconds(3)), .unreachable("no route", socket: .missing), .tooLarge(limit: 4),
        .broken("half an answer"), .cancelled,
    ])
    func `an error of the transport survives`(error: TransportError) {
        #expect(TransportFailure(error).error == error)
    }
}
