import Glibc

/// The C library's sentence for an errno value.
public func systemErrorText(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "system error \(code)" }
    return unsafe String(cString: text)
}
