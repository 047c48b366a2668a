import Address
public import Model
public import Ports

/// Looks at network interfaces, and records what it saw.
public struct RecordingInterfaces: Interfaces {
    private let base: any Interfaces
    private let recorder: Recorder

    public init(_ base: any Interfaces, _ recorder: Recorder) {
        (self.base, self.recorder) = (base, recorder)
    }

    public func addresses(of name: String, for scope: Scope) throws(InterfaceError) -> [InterfaceAddress] {
        let start = recorder.start(.interface, name, for: scope)
        do throws(InterfaceError) {
            let addresses = try base.addresses(of: name, for: scope)
            recorder.end(start, onDisk: addresses) { _ in
                let seen = addresses.map { InterfaceCall.Address(address: $0.address, isPassing: $0.isPassing) }
                return .interface(InterfaceCall(name: name, answer: .value(seen)))
            }
            return addresses
        } catch {
            recorder.end(start, onDisk: error) { [error] _ in
                .interface(InterfaceCall(name: name, answer: .failure(InterfaceCall.Failure(error))))
            }
            throw error
        }
    }
}

extension InterfaceCall.Failure {
    fileprivate init(_ error: InterfaceError) {
        self =
            switch error {
            case .missing: .missing
            case .failed(_, let reason): .failed(reason: reason)
            }
    }
}
