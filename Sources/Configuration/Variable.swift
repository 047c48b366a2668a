/// One variable a user may set: the source of the program's help and of what is read.
public struct Variable: Sendable {
    public let name: String
    /// One sentence.
    public let meaning: String
    /// What a value looks like; the second half of an error about it.
    public let takes: String
    /// What stands when it is unset; nil when that is "nothing".
    public let standard: String?
    public let isSecret: Bool
    /// A value that may be told in a secret's place, where not every text is one.
    let standIn: String?

    init(
        _ name: String,
        _ meaning: String,
        takes: String,
        standard: String? = nil,
        isSecret: Bool = false,
        standIn: String? = nil
    ) {
        self.name = name
        self.meaning = meaning
        self.takes = takes
        self.standard = standard
        self.isSecret = isSecret
        self.standIn = standIn
    }
}

/// A heading of the help and the variables under it.
public struct VariableGroup: Sendable {
    public let title: String
    public let variables: [Variable]
}
