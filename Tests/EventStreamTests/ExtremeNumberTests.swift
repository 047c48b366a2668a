import EventStream
import Model
import TestSupport
import Testing

@Suite struct ExtremeNumberTests {
    @Test func `an event's time may be any number`() throws {
        let event = """
            {"Type": "service", "Action": "update", "Actor": {"ID": "s", "Attributes": {"name": "web"}}, \
            "time": 1795485813, "timeNano": 1795485813830983448}
            """
        for line in Extremes.variants(of: event) {
            var decoder = EventDecoder()
            var history = EventHistory()
            for event in decoder.events(in: Array((line + "\n").utf8)) {
                _ = "\(event.trigger)"
                for now in [Timestamp(nanoseconds: .min), Timestamp(seconds: 0), Timestamp(nanoseconds: .max)] {
                    _ = history.isNew(event, at: now)
                    #expect("\(event.time)".hasSuffix("Z"))
                }
            }
        }
    }
}
