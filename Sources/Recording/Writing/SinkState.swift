import Ports

/// One outlet, and how it goes with it.
struct SinkState {
    private enum State {
        /// Until a session begins.
        case waiting
        case open
        /// Lines were lost here; a gap comes before the next ones.
        case torn(String)
        /// Until the next session.
        case closed
    }

    /// Between two sessions that are begun only because the last one could not be written.
    private static let pause = Duration.seconds(3600)

    let outlet: any RecordingSink
    private var state = State.waiting
    private var lastBegin: Duration?

    init(_ outlet: any RecordingSink) {
        self.outlet = outlet
    }

    var isOpen: Bool {
        switch state {
        case .open, .torn: true
        case .waiting, .closed: false
        }
    }

    func wantsSession(at uptime: Duration) -> Bool {
        switch state {
        case .waiting: true
        case .open, .torn: outlet.isFull
        case .closed: lastBegin.map { uptime - $0 >= Self.pause } ?? true
        }
    }

    /// Returns why it cannot, if so.
    mutating func begin(_ header: [UInt8], at uptime: Duration) -> String? {
        lastBegin = uptime
        do throws(RecordingSinkError) {
            try outlet.begin(header)
            state = .open
            return nil
        } catch {
            state = .closed
            return error.description
        }
    }

    /// Returns why the lines are lost, if so.
    ///
    /// - Parameter gap: makes the line that says so.
    mutating func write(_ lines: [UInt8], gap: (String) -> [UInt8]) -> String? {
        let all: [UInt8]
        switch state {
        case .waiting, .closed: return nil
        case .open: all = lines
        case .torn(let reason): all = gap(reason) + lines
        }
        do throws(RecordingSinkError) {
            try outlet.write(all)
            state = .open
            return nil
        } catch {
            if error.isFinal {
                outlet.pause(gap(error.description))
                state = .closed
            } else if case .open = state {
                state = .torn(error.description)
            }
            return error.description
        }
    }
}
