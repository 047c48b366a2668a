import Glibc
package import Model
package import Ports

/// The interfaces of the network namespace that this process is in.
package struct SystemInterfaces: Interfaces {
    package init() {}

    package func addresses(of name: String, for scope: Scope) throws(InterfaceError) -> [InterfaceAddress] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { throw .failed(name, reason: systemErrorText(errno)) }
        defer { unsafe freeifaddrs(first) }
        let passing = Self.passing(on: name)
        var (isThere, addresses): (Bool, [InterfaceAddress]) = (false, [])
        var next = unsafe first
        while let entry = unsafe next {
            unsafe next = entry.pointee.ifa_next
            guard unsafe String(cString: entry.pointee.ifa_name) == name else { continue }
            isThere = true
            guard let address = unsafe Self.address(entry.pointee.ifa_addr) else { continue }
            addresses.append(InterfaceAddress(address, isTemporary: passing.contains(address)))
        }
        guard isThere else { throw .missing(name) }
        return addresses
    }

    private static func address(_ socket: UnsafeMutablePointer<sockaddr>?) -> IPAddress? {
        guard let socket = unsafe socket else { return nil }
        let start = UnsafeRawPointer(socket)
        switch unsafe Int32(socket.pointee.sa_family) {
        case AF_INET:
            let address = unsafe start.loadUnaligned(as: sockaddr_in.self).sin_addr
            return unsafe withUnsafeBytes(of: address) { unsafe IPAddress(bytes: Array($0)) }
        case AF_INET6:
            let address = unsafe start.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return unsafe withUnsafeBytes(of: address) { unsafe IPAddress(bytes: Array($0)) }
        default: return nil
        }
    }

    /// `getifaddrs` tells no flags of an address, but the kernel's list of them does:
    /// `ADDRESS INDEX PREFIX SCOPE FLAGS NAME`, all but the name in hexadecimal (net/ipv6/addrconf.c).
    private static func passing(on name: String) -> Set<IPAddress> {
        guard let file = unsafe fopen("/proc/net/if_inet6", "re") else { return [] }
        defer { unsafe fclose(file) }
        var found: Set<IPAddress> = []
        var buffer = [CChar](repeating: 0, count: 256)
        while unsafe fgets(&buffer, 256, file) != nil {
            let line = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count == 6, fields[5] == name, let flags = UInt32(fields[4], radix: 16),
                flags & passingFlags != 0, let address = IPAddress(hex: fields[0])
            else { continue }
            found.insert(address)
        }
        return found
    }

    /// IFA_F_TEMPORARY, IFA_F_DADFAILED, IFA_F_DEPRECATED, IFA_F_TENTATIVE (linux/if_addr.h).
    private static let passingFlags: UInt32 = 0x01 | 0x08 | 0x20 | 0x40
}

extension IPAddress {
    /// 32 digits in a row.
    fileprivate init?(hex: Substring) {
        let digits = Array(hex)
        self.init(
            stride(from: 0, to: digits.count, by: 4).map { String(digits[$0...].prefix(4)) }.joined(separator: ":")
        )
    }
}
