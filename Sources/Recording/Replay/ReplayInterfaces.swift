import Address
import Model
import Ports

/// The network interfaces as they were seen in a recording.
struct ReplayInterfaces: Interfaces {
    let tape: Cassette

    func addresses(of name: String, for scope: Scope) throws(InterfaceError) -> [InterfaceAddress] {
        guard let exchange = tape.answer(.interface, name, for: scope), case .interface(let call) = exchange.call else {
            throw .failed(name, reason: "it is not in the recording")
        }
        switch call.answer {
        case .value(let seen): return seen.map { InterfaceAddress($0.address, isPassing: $0.isPassing) }
        case .failure(.missing): throw .missing(name)
        case .failure(.failed(let reason)): throw .failed(name, reason: reason)
        }
    }
}
