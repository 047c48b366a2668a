public import Model
public import Ports

/// Chance, recorded; of tokens not even that one was drawn, for what they open is open while they are read.
public struct RecordingRandomness: Randomness {
    private let base: any Randomness
    private let recorder: Recorder

    public init(_ base: any Randomness, _ recorder: Recorder) {
        (self.base, self.recorder) = (base, recorder)
    }

    public func fraction(for scope: Scope) -> Double {
        let start = recorder.start(.chance, "", for: scope)
        let fraction = base.fraction(for: scope)
        recorder.end(start) { _ in .chance(fraction) }
        return fraction
    }

    public func token(bytes count: Int, for scope: Scope) -> String {
        let token = base.token(bytes: count, for: scope)
        recorder.journal.redactor.hide(token: token)
        return token
    }
}
