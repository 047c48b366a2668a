public import Certificates
import Model
import Ports
public import Report
public import Timing

extension Recorder {
    /// The session was told to end; a run in flight is abandoned wherever it stands.
    public func toldToEnd() {
        note { $1.write(.arrival(Arrival(at: $0, content: .end))) }
    }

    /// certbot called its hook. Whose it was tells the lineage, for the token is a secret.
    public func called(_ request: HookRequest, of lineage: String) {
        note { at, scribe in
            let content = Arrival.Content.hook(
                lineage: lineage,
                action: request.action.rawValue,
                domain: request.domain,
                validation: request.validation,
                remaining: request.remaining
            )
            scribe.write(.arrival(Arrival(at: at, content: content)))
        }
    }

    public func triggered(_ trigger: Trigger, at time: Duration) {
        if [.hangUp, .once].contains(trigger.kind) {
            let content = Arrival.Content.request(reason: trigger.kind.rawValue, confirmation: trigger.confirmation)
            let arrival = Arrival(at: (time - start).nanoseconds, content: content)
            note { $1.write(.arrival(arrival)) }
        }
        decided(.triggered(reason: trigger.description), at: time)
    }

    public func began(_ cause: RunCause, at time: Duration) {
        decided(.began(cause: cause), at: time)
    }

    public func ended(_ report: Report, at time: Duration) {
        decided(.ended(report: report), at: time)
    }

    private func decided(_ content: Decision.Content, at time: Duration) {
        let at = (time - start).nanoseconds
        note { $1.write(.decision(Decision(at: at, content: content))) }
    }
}
