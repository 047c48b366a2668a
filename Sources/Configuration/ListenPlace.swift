import Model

/// The place where the status page is served.
package struct ListenPlace: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        case off
        case tcp(address: String, port: UInt16)
        case unix(path: String)
    }

    package let kind: Kind
    /// Whether it is the default; the daemon starts even if the default place is taken.
    package let isStandard: Bool

    /// 5263 is LAND on the keys of a telephone.
    static let standardText = "127.0.0.1:5263"
    static let standard = ListenPlace(.tcp(address: "127.0.0.1", port: 5263), isStandard: true)

    private init(_ kind: Kind, isStandard: Bool = false) { (self.kind, self.isStandard) = (kind, isStandard) }

    init?(_ text: String) {
        if flag(text) == false {
            self.init(.off)
        } else if text.hasPrefix("unix:") {
            let rest = text.dropFirst("unix:".count)
            // The slashes of a URL, as in DOCKER_HOST, are accepted here as well.
            guard let path = path(String(rest.hasPrefix("///") ? rest.dropFirst(2) : rest)) else { return nil }
            self.init(.unix(path: path))
        } else {
            guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
                let address = Self.address(text[..<colon])
            else { return nil }
            self.init(.tcp(address: address, port: port))
        }
    }

    private static func address(_ text: Substring) -> String? {
        if text == "localhost" { return "127.0.0.1" }
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        guard let address = IPAddress(String(isBracketed ? text.dropFirst().dropLast() : text)),
            isBracketed == (address.family == .v6)
        else { return nil }
        return address.description
    }

    package var description: String {
        switch kind {
        case .off: "off"
        case .tcp(let address, let port): address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
