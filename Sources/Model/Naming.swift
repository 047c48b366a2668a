/// Names in a sentence that has room for more than names: up to four, or three and how many more.
public func named(_ names: some Collection<String>) -> String {
    guard names.count > 4 else { return names.joined(separator: ", ") }
    return names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
}
