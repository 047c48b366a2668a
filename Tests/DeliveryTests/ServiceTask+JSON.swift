import Docker
import FoundationEssentials

extension ServiceTask {
    init(json: String) throws { self = try JSONDecoder().decode(ServiceTask.self, from: Data(json.utf8)) }
}
