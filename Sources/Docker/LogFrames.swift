/// What a container's log holds of standard output: frames of a byte for the stream, three zeros, the length as a big-endian
/// number of four bytes, and so much text (https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerAttach).
enum LogFrames {
    private static let output: UInt8 = 1
    private static let headerLength = 8

    /// Its whole lines; what was cut off is left out.
    static func lines(in bytes: [UInt8]) -> [String] {
        var rest = bytes[...]
        var text: [UInt8] = []
        while rest.count >= headerLength {
            let header = Array(rest.prefix(headerLength))
            let length = header[4...].reduce(0) { $0 << 8 | Int($1) }
            let payload = rest.dropFirst(headerLength).prefix(length)
            guard payload.count == length else { break }
            if header[0] == output { text += payload }
            rest = rest.dropFirst(headerLength + length)
        }
        return text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
}
