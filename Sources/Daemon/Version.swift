/// As `landfall version` prints it and HTTP requests name it.
public let landfallVersion = "0.1.0"
